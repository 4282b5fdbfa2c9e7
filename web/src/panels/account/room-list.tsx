// A list of rooms, those used last first, a page at a time.
import { useEffect, useRef, useState } from 'preact/hooks'
import { getOwnRooms, type OwnRoom } from '../../api/accounts'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { RoomRow } from './room-row'

export interface RoomListProps {
  search: string
  archived: boolean
  /** That team's rooms; null: all. */
  team: string | null
}

/** For one question: another is another list, by its key. */
export function RoomList({ search, archived, team }: RoomListProps) {
  const [rooms, setRooms] = useState<OwnRoom[] | null>(null)
  const [after, setAfter] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const gone = useRef(false)

  const load = async (from: string | null) => {
    setBusy(true)
    setProblem(null)
    try {
      const page = await getOwnRooms({ search, archived, team, after: from })
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
        <p class="muted own-empty">{emptyWords({ search, archived, team })}</p>
      ) : (
        <ul class="own-list" aria-label="Rooms">
          {rooms.map((room) => (
            <RoomRow key={room.id} room={room} inTeam={team !== null} onChange={(changed) => change(room.id, changed)} />
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

function emptyWords({ search, archived, team }: RoomListProps): string {
  if (search !== '') return archived ? 'No archived room is called like that.' : 'No room of yours is called like that.'
  if (team !== null) return 'This team has no rooms yet. Open one: everybody in the team finds it here.'
  return archived ? 'Nothing is put aside. Archive a room, and it waits here.' : 'Rooms that you open or join while you are logged in stand here.'
}
