// How the keyboard leaves the editor: Tab indents, Escape then Tab moves on. Said once to whoever listens rather than
// looks, and again when Escape was pressed. (CodeMirror itself lets Tab through for two seconds after Escape.)
import type { Extension } from '@codemirror/state'
import { EditorView, ViewPlugin } from '@codemirror/view'

const HINT = 'Tab indents. To leave the editor, press Escape, then Tab.'

export function leaving(label: string): Extension {
  return [
    EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': 'fh-leaving', tabindex: '0' }),
    EditorView.domEventHandlers({
      keydown(event, view) {
        if (event.key === 'Escape') view.dispatch({ effects: EditorView.announce.of('Tab leaves the editor now.') })
        return false
      },
    }),
    ViewPlugin.define((view) => {
      const hint = document.createElement('p')
      hint.id = 'fh-leaving'
      hint.hidden = true // a description may be hidden and is still read
      hint.textContent = HINT
      view.dom.append(hint)
      return { destroy: () => hint.remove() }
    }),
  ]
}
