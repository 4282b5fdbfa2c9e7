// The keys, in one place.
import { Dialog } from '../../ui/dialog'
import { keyName } from '../../ui/keys'
import './shortcuts.css'

const rows: readonly [keys: string, what: string][] = [
  ['Mod+Enter', 'Run the code'],
  ['Mod+.', 'Stop the program'],
  ['Mod+S', 'Nothing to save: everything is, as you type'],
  ['Mod+J', 'Show or close the output'],
  ['Mod+K', 'Show or close the chat'],
  ['F6', 'Next part of the page (Shift+F6: the one before)'],
  ['Ctrl+C', 'In a terminal: interrupt the program, or copy what is selected; Ctrl+D ends its input, F6 leaves it'],
  ['Mod+Z', 'Undo what you wrote; others’ text stays'],
  ['Mod+F', 'Find and replace in the code'],
  ['Escape', 'In the editor, then Tab: leave it (Tab alone indents)'],
  ['Mod+,', 'Settings'],
  ['?', 'These keys'],
]

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="keys-list">
        {rows.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keyName(keys)}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="meta">With Vim or Emacs keys the editor keeps its own meaning of these.</p>
    </Dialog>
  )
}
