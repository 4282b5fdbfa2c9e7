// Rooms in memory: who and what is in them, and what an administrator can do to one.
import { useState } from 'preact/hooks'
import { cancelEnding, type RoomRow } from '../../api/admin'
import { roomPath } from '../../api/root'
import { Button } from '../../ui/button'
import { act } from './acting'
import { at } from './at'
import { type Column, DataTable } from './data-table'
import { EndRoomForm } from './end-room-form'
import { type Fact, Facts } from './facts'
import { SayForm } from './say-form'
import { useNow } from './now'
import type { Watch } from './watch'
import { ageWords, bytesWords, countdownWords, figureWords } from './words'

const titleOf = (room: RoomRow) => (room.title === '' ? 'Untitled room' : room.title)

function columnsAt(now: number): Column<RoomRow>[] {
  return [
    { id: 'title', title: 'Room', width: 'minmax(160px, 3fr)', value: (room) => room.title, cell: (room) => <Title room={room} now={now} /> },
    { id: 'id', title: 'Code', width: '132px', wide: true, value: (room) => room.id, cell: (room) => <code>{room.id}</code> },
    { id: 'people', title: 'People', width: '72px', number: true, value: (room) => room.people, cell: (room) => figureWords(room.people) },
    { id: 'language', title: 'Language', width: '104px', wide: true, value: (room) => room.language, cell: (room) => room.language },
    { id: 'age', title: 'Opened', width: '80px', number: true, wide: true, value: (room) => now - room.created_at, cell: (room) => ageWords(now - room.created_at) },
    { id: 'used', title: 'Written', width: '80px', number: true, value: (room) => -(now - room.used_at), cell: (room) => ageWords(now - room.used_at) },
    { id: 'document', title: 'Document', width: '96px', number: true, wide: true, value: (room) => room.document_bytes, cell: (room) => bytesWords(room.document_bytes) },
    { id: 'memory', title: 'Memory ≈', width: '100px', number: true, wide: true, value: (room) => room.memory_bytes, cell: (room) => bytesWords(room.memory_bytes) },
  ]
}

function Title({ room, now }: { room: RoomRow; now: number }) {
  return (
    <span class={room.title === '' ? 'row-title muted' : 'row-title'}>
      <span>{titleOf(room)}</span>
      {room.ending_at === null ? null : <strong class="mark-bad">ends in {countdownWords(room.ending_at - now)}</strong>}
    </span>
  )
}

export function RoomsPart({ watch }: { watch: Watch }) {
  const now = useNow(watch)
  const [ending, setEnding] = useState<RoomRow | null>(null)
  return (
    <>
      <DataTable
        label="Rooms"
        filter="Find a room by title, code or language"
        rows={watch.rooms.rows.value}
        columns={columnsAt(now)}
        first={{ column: 'people', down: true }}
        text={(room) => `${room.title} ${room.id} ${room.language}`}
        open={(room) => <Acts watch={watch} room={room} now={now} onEnd={() => setEnding(room)} />}
        empty="No room is in memory: nobody is in one now."
      />
      {ending === null ? null : (
        <EndRoomForm
          room={ending}
          seconds={watch.server.value?.ending_seconds ?? 30}
          onClose={() => setEnding(null)}
          onDone={() => {
            setEnding(null)
            void watch.now()
          }}
        />
      )}
    </>
  )
}

function Acts({ watch, room, now, onEnd }: { watch: Watch; room: RoomRow; now: number; onEnd(): void }) {
  const facts: Fact[] = [
    ['Code', <code key="code">{room.id}</code>],
    ['Connections', figureWords(room.connections)],
    ['Language', room.language],
    ['Opened', ageWords(now - room.created_at)],
    ['Edits since it is in memory', figureWords(room.edits)],
    ['Document', bytesWords(room.document_bytes)],
    ['Memory, about', bytesWords(room.memory_bytes)],
    ['Kept', room.ephemeral ? 'until everybody has left' : 'yes'],
    ['Programs', room.programs ? 'run now' : 'none'],
    ...at(watch, room.instances),
  ]
  return (
    <>
      <Facts facts={facts} />
      <div class="desk-acts">
        <SayForm watch={watch} room={room.id} label={`A message to “${titleOf(room)}”`} />
        <a class="button" href={roomPath(room.id)} target="_blank" rel="noreferrer">
          Open
        </a>
        {room.ending_at === null ? (
          <Button kind="danger" onClick={onEnd}>
            End the room…
          </Button>
        ) : (
          <Button kind="primary" onClick={() => void act(watch, cancelEnding(room.id), 'The room goes on.')}>
            Call it off ({countdownWords(room.ending_at - now)})
          </Button>
        )}
      </div>
    </>
  )
}
