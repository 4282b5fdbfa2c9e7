// Tells the others where one's cursor is, and that one is typing, through awareness. CodeEditor puts it into its state.
import { ViewPlugin, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Extension } from '@codemirror/state'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { fromText, sharedTextOf } from './shared-text'

class OwnCursor implements PluginValue {
  readonly #view: EditorView
  readonly #awareness: Awareness
  readonly #fileId: string
  #typed = 0
  #frame: number | null = null

  constructor(view: EditorView, awareness: Awareness, fileId: string) {
    this.#view = view
    this.#awareness = awareness
    this.#fileId = fileId
    if (view.hasFocus) this.#soon()
  }

  update(update: ViewUpdate): void {
    const typed = update.docChanged && update.transactions.some((transaction) => !transaction.annotation(fromText))
    if (typed) this.#typed += 1
    // others' edits move the cursor too, but a relative position says so by itself
    const moved = update.selectionSet && update.transactions.some((transaction) => !transaction.annotation(fromText))
    if (typed || moved || (update.focusChanged && update.view.hasFocus)) this.#soon()
  }

  /** Once a frame, and not while the text is being changed. */
  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      this.#tell()
    })
  }

  #tell(): void {
    const state = this.#awareness.getLocalState()
    if (state === null) return
    const { anchor, head } = this.#view.state.selection.main
    const shared = sharedTextOf(this.#view.state)
    this.#awareness.setLocalState({
      ...state,
      file: this.#fileId,
      cursor: { anchor: toJson(shared.position(anchor)), head: toJson(shared.position(head)) },
      typing: this.#typed,
    })
  }

  destroy(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
  }
}

function toJson(position: Y.RelativePosition): unknown {
  return JSON.parse(JSON.stringify(position))
}

export function ownCursor(awareness: Awareness, fileId: string): Extension {
  return ViewPlugin.define((view) => new OwnCursor(view, awareness, fileId))
}
