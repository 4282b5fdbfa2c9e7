// The room: bar above, rail at the left, the code, the pane beside it, the status below. Panels come in from the
// registry; this lays them out and knows none of them.
import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useSignalEffect } from '@preact/signals'
import { narrow } from '../../ui/media'
import { watchKeyboard } from '../../ui/on-screen-keyboard'
import { keepNoticesOver } from '../../ui/notices-place'
import { Split } from '../../ui/split'
import { Banners } from './banners'
import { Bar } from './bar'
import { BottomBar } from './bottom-bar'
import { EditorPane } from './editor-pane'
import { split } from './layout'
import { type DialogName, OpenRoom } from './open-room'
import type { Pane } from './pane'
import { Rail } from './rail'
import { listenForShortcuts } from './shortcuts'
import { SidePane } from './side-pane'
import { StatusBar } from './status-bar'
import { tellWhatOthersDo } from './tell'
import './room.css'
import './room-narrow.css'

export interface RoomPageProps {
  id: string
  panesOf(room: OpenRoom): Pane[]
  dialogs: Record<DialogName, ComponentType<{ room: OpenRoom; onClose(): void }>>
  Ending: ComponentType<{ room: OpenRoom; onOpenRoom(id: string): void; onLeave(): void; onJoinAgain(): void }>
  /** Shown instead of the room while a host has to let this person in. */
  Lobby: ComponentType<{ room: OpenRoom; onLeave(): void }>
  onOpenRoom(id: string): void
  onLeave(): void
  /** The place in the room has run out: back to the door. */
  onJoinAgain(): void
}

interface Entered {
  room: OpenRoom
  panes: Pane[]
}

export function RoomPage(props: RoomPageProps) {
  const [entered, setEntered] = useState<Entered | null>(null)

  useEffect(() => {
    const room = new OpenRoom(props.id)
    const panes = props.panesOf(room)
    const ends = [listenForShortcuts(room, panes), tellWhatOthersDo(room), watchKeyboard()]
    setEntered({ room, panes })
    return () => {
      for (const end of ends) end()
      room.close()
    }
  }, [props.id])

  if (entered === null) return <div class="room" aria-busy="true" />
  const { room } = entered
  if (room.sync.ending.value !== null)
    return <props.Ending room={room} onOpenRoom={props.onOpenRoom} onLeave={props.onLeave} onJoinAgain={props.onJoinAgain} />
  if (room.sync.door.lobby.value !== null) return <props.Lobby room={room} onLeave={props.onLeave} />
  return <Inside {...entered} dialogs={props.dialogs} onLeave={props.onLeave} onOpenRoom={props.onOpenRoom} />
}

interface InsideProps extends Entered, Pick<RoomPageProps, 'dialogs' | 'onLeave' | 'onOpenRoom'> {}

function Inside({ room, panes, dialogs, onLeave, onOpenRoom }: InsideProps) {
  const { layout } = room
  const work = useRef<HTMLElement>(null)
  useEffect(() => (work.current === null ? undefined : keepNoticesOver(work.current)), [])
  useSignalEffect(() => {
    document.title = `${room.title.value || 'Room'} · fourhands`
  })
  const wide = !narrow.value
  const Dialog = room.dialog.value === null ? null : dialogs[room.dialog.value]
  return (
    <div class="room">
      <Bar room={room} onLeave={onLeave} />
      {wide ? <Rail room={room} panes={panes} /> : null}
      <main
        ref={work}
        class="room-work"
        style={wide && layout.open.value ? { gridTemplateColumns: `${layout.share.value}fr 1px ${100 - layout.share.value}fr` } : undefined}
      >
        <section class="room-code" hidden={!layout.codeVisible.value} aria-label="Code">
          <EditorPane room={room} />
        </section>
        {wide && layout.open.value ? (
          <Split
            label="Width of the code"
            share={layout.share.value}
            least={split.least}
            most={split.most}
            standard={split.standard}
            onChange={(share) => layout.setShare(share)}
          />
        ) : null}
        <SidePane room={room} panes={panes} />
      </main>
      <Banners room={room} onOpenRoom={onOpenRoom} />
      {wide ? <StatusBar room={room} /> : <BottomBar room={room} panes={panes} />}
      {Dialog === null ? null : <Dialog room={room} onClose={() => (room.dialog.value = null)} />}
    </div>
  )
}
