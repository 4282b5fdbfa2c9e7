// Output on its way from a worker to the page: kept in order, sent in batches, cut at a number of UTF-8 bytes.
// Used by both frames; knows nothing of workers or ports.

import type { OutputStream } from '../src/protocol/events'
import type { Chunk } from '../src/run/messages'

const BATCH_MS = 16

/** Half a surrogate pair cannot travel as UTF-8: it is replaced. */
const wellFormed = (text: string): string => text.toWellFormed?.() ?? new TextDecoder().decode(new TextEncoder().encode(text))

export class CappedOutput {
  #chunks: Chunk[] = []
  #left: number
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #send: (chunks: Chunk[]) => void

  constructor(limitBytes: number, send: (chunks: Chunk[]) => void) {
    this.#left = limitBytes
    this.#send = send
  }

  /** Takes `text`; false if it went past the limit: what fits was kept, the rest is lost, and so is all that follows. */
  write(stream: OutputStream, text: string): boolean {
    // A UTF-16 unit is at least one byte in UTF-8, so nothing longer than what is left needs to be looked at.
    let piece = wellFormed(text.length > this.#left ? text.slice(0, this.#left) : text)
    let bytes = new TextEncoder().encode(piece)
    const fits = piece.length === text.length && bytes.length <= this.#left
    if (bytes.length > this.#left) {
      let end = this.#left
      while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
      bytes = bytes.subarray(0, end)
      piece = new TextDecoder().decode(bytes)
    }
    this.#left = fits ? this.#left - bytes.length : 0
    if (piece !== '') this.#keep(stream, piece)
    return fits
  }

  #keep(stream: OutputStream, text: string): void {
    const last = this.#chunks.at(-1)
    if (last?.[0] === stream) last[1] += text
    else this.#chunks.push([stream, text])
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS)
  }

  /** Sends at once what waits. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#chunks.length > 0) this.#send(this.#chunks.splice(0))
  }
}
