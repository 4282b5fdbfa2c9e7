// Erasing a text from a room and its past: looking where it stands, and doing it; for hosts.
import { request } from './request'

/** Where a text stands, or stood. `texts`: how often by file id, '' where it was written but never seen to stand; `now`: of them in the texts of now. */
export interface Erased {
  dry_run: boolean
  times: number
  texts: Record<string, number>
  now: number
  values: number
  named: number
  chat: number
  runs: number
  names: number
  title: number
  /** Longer parts of it that were written without the rest; they stay. */
  pieces: number
  /** Whether the server's files are clean already; null while nothing was erased. */
  clean: boolean | null
}

/** Throws ApiError 403 for who is no host, 404 where the text stands nowhere, 409 while something else is being erased, 429 while one looks already. */
export function eraseText(id: string, text: string, { dryRun }: { dryRun: boolean }): Promise<Erased> {
  return request('POST', `/api/rooms/${encodeURIComponent(id)}/erasures`, { text, dry_run: dryRun })
}
