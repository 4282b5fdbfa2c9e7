// Stops an edit that would make the text larger than the room takes, before the server has to refuse it.
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { fromText } from './shared-text'

const MOST_BYTES_A_UNIT = 3

/** `limitBytes`: of UTF-8, null while it is not known. The edit does not happen, and `refused` is told. */
export function textLimit(limitBytes: () => number | null, refused: (limitBytes: number) => void): Extension {
  return EditorState.changeFilter.of((transaction) => {
    const limit = limitBytes()
    const grown = transaction.newDoc.length > transaction.startState.doc.length
    if (limit === null || !grown || transaction.annotation(fromText)) return true
    if (transaction.newDoc.length * MOST_BYTES_A_UNIT <= limit) return true
    if (new TextEncoder().encode(transaction.newDoc.toString()).length <= limit) return true
    queueMicrotask(() => refused(limit))
    return false
  })
}

export function sayTooLarge(view: EditorView): void {
  view.dispatch({ effects: EditorView.announce.of('That did not fit: the text would be larger than this room takes.') })
}
