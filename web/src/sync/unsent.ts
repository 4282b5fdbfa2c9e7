// Text that a page wrote and the server never had: kept apart for its person when the document that held it is dropped. RoomSync asks for it.
import * as Y from 'yjs'
import { mainText } from './files'

/** All that stands in a document; null if that is nothing. */
export function unsentText(doc: Y.Doc): string | null {
  const text = mainText(doc)
  return text.trim() === '' ? null : text
}

/** Both, one below the other. */
export function joined(one: string | null, other: string | null): string | null {
  return one === null || one === other ? other : other === null ? one : `${one}\n\n${other}`
}

/** A document that is dropped since something was erased from it: a copy, to which the server's deletions are still to come. */
export class ErasedFrom {
  readonly #copy = new Y.Doc()

  constructor(doc: Y.Doc) {
    Y.applyUpdate(this.#copy, Y.encodeStateAsUpdate(doc))
  }

  /** The document, if the server's is the same one without something: epochs of one document begin alike, up to a dot, and then clocks are the same. */
  static where(before: string, epoch: string, doc: Y.Doc): ErasedFrom | null {
    return before.split('.')[0] === epoch.split('.')[0] ? new ErasedFrom(doc) : null
  }

  /** The text without what the server's document, which has all that is deleted, has deleted; the copy is used up. */
  textWith(state: Uint8Array): string {
    Y.applyUpdate(this.#copy, state)
    const text = mainText(this.#copy)
    this.#copy.destroy()
    return text
  }
}
