// A run as the panel shows it, and how it changes. Pure: every function gives back a new value.

import type { Limits, Member, Run, RunStatus } from '../protocol/events'
import type { Chunk } from './messages'

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
}

/** Pieces of output stay this small, so that a panel redraws the last one alone. */
const PIECE = 8192

export function viewOf(run: Run, mine = false): RunView {
  return { run, mine, local: false, began: !mine, stage: null, progress: null, waitingForInput: false, asksToGoOn: false, note: noteOf(run.status, null, null) }
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

export function withEnd(view: RunView, end: { status: RunStatus; code: number | null; ms: number; truncated: boolean; note: string | null }): RunView {
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
