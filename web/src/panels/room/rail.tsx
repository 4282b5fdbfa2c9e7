// The rail at the left: what opens as a panel, and below it what is one's own.
import { IconButton } from '../../ui/button'
import { Unread } from '../../ui/tabs'
import { unreadWords } from '../../ui/words'
import type { OpenRoom } from './open-room'
import type { Pane } from './pane'

export function Rail({ room, panes }: { room: OpenRoom; panes: readonly Pane[] }) {
  const { layout } = room
  return (
    <nav class="rail" aria-label="Panels">
      {panes.map((pane) => (
        <IconButton
          key={pane.id}
          icon={pane.icon}
          label={pane.label}
          extra={layout.visible.value === pane.id ? '' : unreadWords(pane.unread.value)}
          side="right"
          aria-pressed={layout.visible.value === pane.id}
          onClick={() => layout.toggle(pane.id)}
          {...(pane.keys === undefined ? {} : { keys: pane.keys })}
        >
          {layout.visible.value === pane.id ? null : <Unread count={pane.unread.value} />}
        </IconButton>
      ))}
      <span class="rail-gap" />
      <IconButton icon="keyboard" label="Keyboard" keys="?" side="right" onClick={() => (room.dialog.value = 'shortcuts')} />
      <IconButton icon="settings" label="Settings" keys="Mod+," side="right" onClick={() => (room.dialog.value = 'settings')} />
    </nav>
  )
}
