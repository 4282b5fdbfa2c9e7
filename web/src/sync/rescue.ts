// Text that outlives the document that held it: taken when a document is dropped, held until the server's shows whether it
// is needed, then offered to its person. RoomSync feeds it, and keeps in this browser what it offers.
import { signal, type ReadonlySignal } from '@preact/signals-core'
import type * as Y from 'yjs'
import { ErasedFrom, joined, unsentText } from './unsent'

export class Rescue {
  readonly #offered = signal<string | null>(null)
  readonly offered: ReadonlySignal<string | null> = this.#offered
  /** Text taken from a dropped document, until the server's shows whether it is needed. */
  #held: string | null = null
  /** The dropped document itself, where the server's is the same without what was erased from it. */
  #erasedFrom: ErasedFrom | null = null

  /** What was offered on an earlier visit; null: nothing, or the person has it. */
  offer(text: string | null): void {
    this.#offered.value = text
  }

  /** A document is dropped that holds what the server may not have. */
  hold(doc: Y.Doc): void {
    this.#held = unsentText(doc)
  }

  /** The server's document is of another epoch than the one that is dropped. */
  epochChanged(before: string, epoch: string, doc: Y.Doc): void {
    if (this.#held !== null) this.#erasedFrom = ErasedFrom.where(before, epoch, doc)
  }

  /** All there is, offered or not yet. */
  get all(): string | null {
    return joined(this.#offered.value, this.#held)
  }

  /** What is held, and what else the server never had, for good. */
  heldWith(unsent: string | null): string | null {
    return joined(this.#held, unsent)
  }

  /** The server's document came as `state` and shows `text`. Whether what is offered has to be kept anew. */
  settle(state: Uint8Array, text: string): boolean {
    if (this.#erasedFrom !== null) this.#held = this.#erasedFrom.textWith(state)
    this.#erasedFrom = null
    if (this.#held === null) return false
    if (this.#held !== text && this.#held.trim() !== '') this.#offered.value = this.all
    this.#held = null
    return true
  }
}
