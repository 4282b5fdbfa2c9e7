// A run as the panel shows it, and how it changes. Pure: every function gives back a new value.

import type { Limits, Member, Run, RunEnded, RunStatus, ServerEvent } from '../protocol/events'
import { shownFileName } from '../protocol/file-name'
import type { Chunk } from './messages'
import { newRunId } from './run-sender'

export interface RunView {
  run: Run
  /** This page runs it. */
  mine: boolean
  /** The others do not see it: it was started without a connection, or the server refused it. */
  local: boolean
  /** The program itself runs, or has run: its runtime is loaded. Not known of others' runs, and then true. */
  began: boolean
  /** What is being done before it runs: "Loading Python… 42 %". */
  stage: string | null
  /** From 0 to 1, or null where nothing is measured. */
  progress: number | null
  waitingForInput: boolean
  /** It has run for over 10 s: offer "go on"; else it is ended at the room's limit. */
  asksToGoOn: boolean
  /** A sentence about how it ended, where the status alone does not say enough. */
  note: string | null
  /** Another object: what was shown of its output is to be shown anew. */
  replay: object
  /** The server did not take it for now: when to ask again, in milliseconds since the epoch. */
  retryAt: number | null
}

type Begun = Pick<Run, 'member' | 'name' | 'language' | 'file' | 'where' | 'status'> & Partial<Run>

export function newRun(begun: Begun): Run {
  const empty = { code: null, ms: null, output: [], truncated: false, page: null, pictures: [], ...IN_BROWSER }
  return { ...empty, id: newRunId(), at: Date.now(), ...begun }
}

/** It waits or runs. */
export const isGoing = ({ status }: Pick<Run, 'status'>): boolean => status === 'queued' || status === 'running'

/** What runs on the server have besides. */
export const IN_BROWSER = {
  terminal: null,
  repl: false,
  position: null,
  stage: null,
  signal: null,
  cpu_ms: null,
  memory_bytes: null,
  message: null,
  unkept: false,
} as const

/** Pieces of output stay this small, so that a panel redraws the last one alone. */
const PIECE = 8192

export function viewOf(told: Run, mine = false): RunView {
  const run = { ...told, file: shownFileName(told.file) }
  const note = run.where === 'server' ? serverNote(run) : noteOf(run.status, null, null)
  return { run, mine, local: false, began: !mine, stage: null, progress: null, waitingForInput: false, asksToGoOn: false, note, replay: {}, retryAt: null }
}

export function withOutput(view: RunView, chunks: Chunk[]): RunView {
  const output = view.run.output.slice()
  for (const [stream, text] of chunks) {
    const last = output.at(-1)
    if (last !== undefined && last[0] === stream && last[1].length < PIECE) output[output.length - 1] = [stream, last[1] + text]
    else output.push([stream, text])
  }
  return { ...view, run: { ...view.run, output } }
}

type End = Pick<Run, 'status' | 'code' | 'truncated'> & Partial<Pick<Run, 'unkept'>> & { ms: number; note: string | null }

export function withEnd(view: RunView, end: End): RunView {
  const { note, ...ended } = end
  return { ...view, run: { ...view.run, ...ended }, stage: null, progress: null, waitingForInput: false, asksToGoOn: false, note }
}

const megabytes = (bytes: number): string => (bytes >= 1_048_576 ? `${+(bytes / 1_048_576).toFixed(1)} MiB` : `${Math.round(bytes / 1024)} KiB`)

/** `stoppedBy`: the other person who stopped it. */
export function noteOf(status: RunStatus, limits: Limits | null, stoppedBy: Member | null): string | null {
  if (status === 'output_limit') return `Ended: it wrote more than ${limits === null ? 'the room allows' : megabytes(limits.output_bytes)}. What came before is shown.`
  if (status === 'timeout') return limits === null ? 'Ended at the time limit.' : `Ended at the time limit of ${limits.run_seconds} s.`
  if (status === 'stopped' && stoppedBy !== null) return `Stopped by ${stoppedBy.name}.`
  if (status === 'lost') return 'The page that ran it left before the end.'
  return null
}

/** What the server said of its end; what it lost without a word of why, in ours. */
function serverNote({ status, message }: Pick<Run, 'status' | 'message'>): string | null {
  return message ?? (status === 'lost' ? 'The server lost it: what ran it was started anew.' : null)
}

export type ServerRunEvent = Extract<ServerEvent, { type: 'run.queued' | 'run.stage' | 'run.picture' | 'run.resized' }>

/** The server's list is the truth about others' runs; one of this page is better known here, but where something was erased and it has ended: it may hold that.
 * A run on the server that went on here and that the server knows nothing of was lost with it, before it was written down. */
export function afterWelcome(views: RunView[], runs: Run[], others: ReadonlySet<string>, erased: boolean): RunView[] {
  const own = views.filter(({ mine, run }) => mine && (!erased || isGoing(run)))
  const listed = new Set(runs.map(({ id }) => id))
  const lost = erased ? [] : views.filter(({ mine, run }) => !mine && run.where === 'server' && (isGoing(run) || run.status === 'lost') && !listed.has(run.id)).map(asLost)
  const known = new Set([...own.map(({ run }) => run.id), ...others])
  return [...runs.filter(({ id }) => !known.has(id)).map((run) => viewOf(run)), ...lost, ...own].sort((a, b) => a.run.at - b.run.at)
}

function asLost(view: RunView): RunView {
  const run: Run = { ...view.run, status: 'lost', position: null, stage: null }
  return { ...view, run, note: serverNote(run) }
}

/** A run on the server after something was said of it. */
export function afterServerEvent(view: RunView, event: ServerRunEvent): RunView {
  const put = (change: Partial<Run>): RunView => ({ ...view, run: { ...view.run, ...change } })
  switch (event.type) {
    case 'run.queued':
      return put({ status: 'queued', position: event.position })
    case 'run.stage':
      return put({ status: 'running', position: null, stage: event.stage })
    case 'run.picture':
      return put({ pictures: [...view.run.pictures, { media_type: event.media_type, data: event.data }] })
    case 'run.resized':
      return put({ terminal: { columns: event.columns, rows: event.rows } })
  }
}

/** A run of somebody else, or on the server, ended. */
export function afterEnd(view: RunView, { type: _type, run: _run, ...end }: RunEnded, limits: Limits | null): RunView {
  if (view.mine) return { ...view, run: { ...view.run, unkept: end.unkept } } // of its end this page knows more
  if (view.run.where === 'browser') return withEnd(view, { ...end, note: noteOf(end.status, limits, null) })
  return { ...view, run: { ...view.run, ...end, position: null }, note: serverNote(end) }
}

export type Refusal = Extract<ServerEvent, { type: 'error' }>

/** The server did not take it. Of one that runs already something smaller was refused: it is not over. */
export function withRefusal(view: RunView, { code, message, retry_after: seconds }: Refusal): RunView {
  if (view.run.where !== 'server' || !isGoing(view.run) || view.run.stage !== null) return view
  const status = code === 'limit_exceeded' ? 'busy' : 'unavailable'
  return { ...view, run: { ...view.run, status, message }, local: true, note: message, retryAt: seconds === null ? null : Date.now() + seconds * 1000 }
}

/** Nobody else saw it, and whoever asks anew has read it. */
export const isRefusedHere = ({ run, local }: RunView): boolean => run.where === 'server' && local && !isGoing(run)
