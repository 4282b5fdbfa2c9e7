// A row of the signs that code needs and phones hide, shown while the editor has the focus. It presses keys in the
// editor, which must keep the focus: else the on-screen keyboard would close.
import type { OpenRoom } from './open-room'

const signs = ['(', ')', '[', ']', '{', '}', ':', ';', '=', '"', "'", '<', '>', '+', '-', '*', '/', '_', '#', '.', ',']

const presses = [
  { key: 'Tab', text: '⇥', label: 'Indent' },
  { key: 'ArrowLeft', text: '←', label: 'Left' },
  { key: 'ArrowRight', text: '→', label: 'Right' },
  { key: 'ArrowUp', text: '↑', label: 'Up' },
  { key: 'ArrowDown', text: '↓', label: 'Down' },
] as const

export function CodeKeys({ room }: { room: OpenRoom }) {
  const { value: editor } = room.editor
  if (editor === null) return null
  const keepFocus = (event: Event) => event.preventDefault()
  return (
    <div class="code-keys" role="toolbar" aria-label="Keys for code" onPointerDown={keepFocus} onMouseDown={keepFocus}>
      {presses.slice(0, 1).map((one) => (
        <button key={one.key} type="button" tabIndex={-1} aria-label={one.label} onClick={() => editor.press(one.key)}>
          {one.text}
        </button>
      ))}
      {signs.map((sign) => (
        <button key={sign} type="button" tabIndex={-1} onClick={() => editor.insert(sign)}>
          {sign}
        </button>
      ))}
      {presses.slice(1).map((one) => (
        <button key={one.key} type="button" tabIndex={-1} aria-label={one.label} onClick={() => editor.press(one.key)}>
          {one.text}
        </button>
      ))}
    </div>
  )
}
