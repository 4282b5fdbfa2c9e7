// One's rooms, those used last first: to find, open, rename, put aside, leave and end.
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Account, getOwnRooms, type OwnRoom } from '../../api/accounts'
import { newRoom } from '../../api/new-room'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Problem, Segments } from '../../ui/field'
import { Frame } from './frame'
import { useActing } from './acting'
import { RoomRow } from './room-row'

export interface RoomsPageProps {
  account: Account
  onLanding(): void
  onRoom(id: string): void
}

const typingMs = 250

export function RoomsPage({ account, onLanding, onRoom }: RoomsPageProps) {
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const [archived, setArchived] = useState(false)
  const opening = useActing()
  const open = () => opening.act(async () => onRoom(await newRoom()))

  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), typed === '' ? 0 : typingMs)
    return () => clearTimeout(timer)
  }, [typed])

  return (
    <Frame title="My rooms" at="rooms" account={account} onLanding={onLanding}>
      <div class="own-tools">
        <input
          class="input"
          type="search"
          aria-label="Find a room by title or language"
          placeholder="Find by title or language"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Segments
          label="Which rooms"
          choices={[
            { value: 'now', text: 'Current' },
            { value: 'archived', text: 'Archived' },
          ]}
          value={archived ? 'archived' : 'now'}
          onChange={(value) => setArchived(value === 'archived')}
        />
        <Button kind="primary" icon="plus" aria-disabled={opening.busy} onClick={open}>
          {opening.busy ? 'Opening…' : 'Open a room'}
        </Button>
      </div>
      <div aria-live="polite">{opening.problem === null ? null : <Problem text={opening.problem} />}</div>
      <Rooms key={`${archived} ${search}`} search={search} archived={archived} />
    </Frame>
  )
}

function Rooms({ search, archived }: { search: string; archived: boolean }) {
  const [rooms, setRooms] = useState<OwnRoom[] | null>(null)
  const [after, setAfter] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const gone = useRef(false)

  const load = async (from: string | null) => {
    setBusy(true)
    setProblem(null)
    try {
      const page = await getOwnRooms(search, archived, from)
      if (gone.current) return
      setRooms((before) => [...(from === null ? [] : (before ?? [])), ...page.rooms])
      setAfter(page.after)
    } catch (error) {
      if (!gone.current) setProblem(`Your rooms did not load. ${sentence(error)}`)
    }
    setBusy(false)
  }
  useEffect(() => {
    gone.current = false
    void load(null)
    return () => {
      gone.current = true
    }
  }, [])

  const change = (id: string, room: OwnRoom | null) => setRooms((before) => (before ?? []).flatMap((one) => (one.id !== id ? [one] : room === null ? [] : [room])))

  return (
    <>
      {problem === null ? null : (
        <div role="alert" class="own-again">
          <Problem text={problem} />
          <Button onClick={() => void load(after)}>Try again</Button>
        </div>
      )}
      {rooms === null ? (
        problem === null ? (
          <div aria-busy="true" aria-label="Loading" role="status">
            {[1, 2, 3].map((number) => (
              <div key={number} class="skeleton own-wait" />
            ))}
          </div>
        ) : null
      ) : rooms.length === 0 && after === null ? (
        <p class="muted own-empty">{emptyWords(search, archived)}</p>
      ) : (
        <ul class="own-list" aria-label="Rooms">
          {rooms.map((room) => (
            <RoomRow key={room.id} room={room} onChange={(changed) => change(room.id, changed)} />
          ))}
        </ul>
      )}
      {after === null ? null : (
        <Button class="own-start" aria-disabled={busy} onClick={() => busy || void load(after)}>
          {busy ? 'Loading…' : 'Show more'}
        </Button>
      )}
    </>
  )
}

function emptyWords(search: string, archived: boolean): string {
  if (search !== '') return archived ? 'No archived room is called like that.' : 'No room of yours is called like that.'
  return archived ? 'Nothing is put aside. Archive a room, and it waits here.' : 'Rooms that you open or join while you are logged in stand here.'
}
