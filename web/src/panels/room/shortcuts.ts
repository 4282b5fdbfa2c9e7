// The room's keys, wherever the focus is. The editor's own keymap comes first: what it took is left alone.
import { isKey, writesText } from '../../ui/keys'
import { announce, toast } from '../../ui/toasts'
import type { OpenRoom } from './open-room'
import type { Pane } from './pane'

const regions = ['.bar', '.room-code .editor-place', '.side', '.rail']

/** The next of the page's regions gets the focus: its editor, or the first thing that takes it. */
function nextRegion(room: OpenRoom, back: boolean): void {
  const places = regions
    .map((selector) => document.querySelector<HTMLElement>(selector))
    .filter((place) => place !== null && place.offsetParent !== null)
  const at = places.findIndex((place) => place?.contains(document.activeElement))
  const next = places[(at + (back ? -1 : 1) + places.length) % places.length]
  if (next === undefined || next === null) return
  if (next.classList.contains('editor-place')) room.editor.value?.focus()
  else next.querySelector<HTMLElement>('[aria-selected=true], button, [href], input, select, textarea, [tabindex="0"]')?.focus()
}

/** Opening a panel by its keys leads into it; until it is fetched, keys must not go on into the code. */
function enterPane(room: OpenRoom, pane: Pane): void {
  if (pane.writes !== true) return
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  room.layout.focus.value = pane.id
}

/** The focus must not be left behind in what was put away. */
function leavePane(room: OpenRoom): void {
  room.layout.focus.value = null
  const at = document.activeElement
  if (at === null || at === document.body || at.closest('.side') !== null) room.editor.value?.focus()
}

export function saySaved(room: OpenRoom): void {
  room.sync.flushNow()
  const words = {
    saved: 'Saved. Everything is, as you type.',
    saving: 'Saving… it takes a moment.',
    'not-saved': 'Not saved yet. Your text is safe on this page and is saved when the connection is back.',
  }
  toast(words[room.sync.saving.value], { icon: 'check', bad: room.sync.saving.value === 'not-saved' })
}

export function listenForShortcuts(room: OpenRoom, panes: readonly Pane[]): () => void {
  const act = (event: KeyboardEvent): (() => void) | null => {
    if (isKey(event, 'Mod+Enter')) return () => room.run()
    if (isKey(event, 'Mod+.')) return () => room.stop()
    if (isKey(event, 'Mod+S')) return () => saySaved(room)
    if (isKey(event, 'Mod+,')) return () => (room.dialog.value = 'settings')
    if (isKey(event, 'F6')) return () => nextRegion(room, false)
    if (isKey(event, 'Shift+F6')) return () => nextRegion(room, true)
    const pane = panes.find(({ keys }) => keys !== undefined && isKey(event, keys))
    if (pane !== undefined) {
      return () => {
        room.layout.toggle(pane.id)
        const shown = room.layout.visible.value === pane.id
        announce(`${pane.label} ${shown ? 'shown' : 'hidden'}.`)
        if (shown) enterPane(room, pane)
        else leavePane(room)
      }
    }
    if (event.key === '?' && !event.ctrlKey && !event.metaKey && !writesText(event.composedPath()[0])) return () => (room.dialog.value = 'shortcuts')
    return null
  }
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    if (room.dialog.value !== null || document.querySelector('dialog[open]') !== null) return
    const action = act(event)
    if (action === null) return
    event.preventDefault()
    action()
  }
  addEventListener('keydown', listener)
  return () => removeEventListener('keydown', listener)
}
