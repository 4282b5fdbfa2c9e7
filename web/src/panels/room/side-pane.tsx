// The pane beside the code (narrow: in its place): tabs above, one panel below. A panel that was shown stays mounted,
// hidden, so that what it holds (a running page, a half-written message) is not lost.
import { useRef } from 'preact/hooks'
import { IconButton } from '../../ui/button'
import { narrow } from '../../ui/media'
import { Tabs } from '../../ui/tabs'
import type { OpenRoom } from './open-room'
import type { Pane } from './pane'

export function SidePane({ room, panes }: { room: OpenRoom; panes: readonly Pane[] }) {
  const { layout } = room
  const shown = useRef(new Set<string>())
  const visible = layout.visible.value
  if (visible !== null) shown.current.add(visible)
  const items = panes.map(({ id, label, unread }) => ({ id, label, unread: id === visible ? 0 : unread.value }))
  return (
    <section class="side" aria-label="Panels" hidden={visible === null}>
      {narrow.value ? null : (
        <div class="side-head">
          <Tabs label="Panels" items={items} chosen={layout.pane.value} onChoose={(id) => layout.show(id)} />
          <IconButton icon="pane" label="Close the pane" keys="Mod+J" side="end" onClick={() => layout.setOpen(false)} />
        </div>
      )}
      {panes.map((pane) =>
        shown.current.has(pane.id) ? (
          <section
            key={pane.id}
            class="side-body"
            id={`pane-${pane.id}`}
            hidden={pane.id !== visible}
            {...(narrow.value ? { 'aria-label': pane.label } : { role: 'tabpanel', 'aria-labelledby': `tab-${pane.id}` })}
          >
            {pane.view()}
          </section>
        ) : null,
      )}
    </section>
  )
}
