// Tells the room about one run of this page: its start, its output in batches, its end. RunLog owns one for each own run.
//
//   local <-> told -> over     A run that the server refused, or that ended while nobody could be told, stays or becomes local.
// Invariant: what the room has of the output is a prefix of what was written.

import type { ClientEvent, FinalStatus } from '../protocol/events'
import type { Chunk } from './messages'

const BATCH_MS = 50
const EVENT_UNITS = 43_690 // UTF-16 units of at most three bytes each: 128 KiB an event

export type RunStart = Extract<ClientEvent, { type: 'run.start' }>

export interface RunEnd {
  status: FinalStatus
  code: number | null
  /** The program's own time, without its runtime's loading. */
  ms: number
}

/** The first of two pieces does not end in half a surrogate pair. */
function cutAt(text: string, units: number): number {
  const last = text.charCodeAt(units - 1)
  return last >= 0xd800 && last < 0xdc00 ? units - 1 : units
}

export function newRunId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('')
}

export class RunSender {
  readonly #send: (event: ClientEvent) => boolean
  #start: RunStart
  #told = false
  #over = false
  #pending: Chunk[] = []
  #end: RunEnd | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (event: ClientEvent) => boolean, start: RunStart) {
    this.#send = send
    this.#start = start
    this.#told = send(start)
  }

  /** Whether the others see this run. */
  get told(): boolean {
    return this.#told
  }

  /** The id that the room knows it by. */
  get id(): string {
    return this.#start.run
  }

  output(chunks: Chunk[]): void {
    if (!this.#told || this.#over) return
    for (const [stream, text] of chunks) {
      const last = this.#pending.at(-1)
      if (last?.[0] === stream) last[1] += text
      else this.#pending.push([stream, text])
    }
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS)
  }

  end(end: RunEnd): void {
    this.#end = end
    if (this.#told) this.#flush()
  }

  /** The server refused this run: nothing more is sent of it. */
  refused(): void {
    this.#told = false
    this.#over = true
    clearTimeout(this.#timer)
  }

  /**
   * A new connection. A run belongs to the connection that told of it, so the others have seen this one get lost: while it
   * goes on it is told anew under another id, from its start; `written` is all of its output. One that has ended stays as
   * the others saw it.
   */
  reconnected(written: Chunk[]): void {
    if (this.#over) return
    if (this.#end !== null) {
      this.#over = true
      return
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#told) this.#start = { ...this.#start, run: newRunId() }
    this.#told = this.#send(this.#start)
    this.#pending = []
    if (!this.#told) return
    this.output(written)
    this.#flush()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (let chunk = this.#pending[0]; chunk !== undefined; chunk = this.#pending[0]) {
      const [stream, text] = chunk
      const units = text.length > EVENT_UNITS ? cutAt(text, EVENT_UNITS) : text.length
      if (!this.#send({ type: 'run.output', run: this.#start.run, stream, text: text.slice(0, units) })) return
      if (units === text.length) this.#pending.shift()
      else chunk[1] = text.slice(units)
    }
    if (this.#end !== null && this.#send({ type: 'run.end', run: this.#start.run, ...this.#end })) this.#over = true
  }
}
