// The tab bar of a narrow page: the code, the panels, in reach of a thumb; above it the lights, and keys to code with.
// While the on-screen keyboard takes half the page, only what is wanted for writing stays.
import { Icon } from '../../ui/icon'
import { coarsePointer } from '../../ui/media'
import { keyboardOpen } from '../../ui/on-screen-keyboard'
import { Unread } from '../../ui/tabs'
import { CodeKeys } from './code-keys'
import type { OpenRoom } from './open-room'
import type { Pane } from './pane'
import { useSaidAway } from './away'
import { OfflineLine } from './offline-line'
import { Lights } from './status-bar'
import { IconButton } from '../../ui/button'

export function BottomBar({ room, panes }: { room: OpenRoom; panes: readonly Pane[] }) {
  const { layout } = room
  const away = useSaidAway(room.sync)
  const items = [{ id: 'code', label: 'Code', icon: 'code' as const, unread: null }, ...panes]
  return (
    <footer class="bottom">
      {coarsePointer.value && room.editorFocused.value && room.mayEdit.value ? <CodeKeys room={room} /> : null}
      <div class="bottom-lights" hidden={keyboardOpen.value && !away}>
        {away ? <OfflineLine room={room} /> : <Lights room={room} />}
        <span class="status-gap" />
        <IconButton
          icon="settings"
          label="Settings"
          side="end"
          hidden={keyboardOpen.value}
          onClick={() => (room.dialog.value = 'settings')}
        />
      </div>
      <nav class="bottom-tabs" aria-label="Views" hidden={keyboardOpen.value}>
        {items.map((item) => (
          <button
            key={item.id}
            type="button"
            class="bottom-tab"
            aria-current={layout.view.value === item.id ? 'page' : undefined}
            onClick={() => layout.show(item.id)}
          >
            <span class="bottom-sign">
              <Icon name={item.icon} />
              {item.unread === null || layout.view.value === item.id ? null : <Unread count={item.unread.value} />}
            </span>
            {item.label}
          </button>
        ))}
      </nav>
    </footer>
  )
}
