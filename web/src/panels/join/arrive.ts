// What somebody who opened a room's address finds: straight in, a name to give, a closed door, or no answer. The page
// draws it; this decides it.
import { knownRoom, person, rememberRoom } from '../../api/person'
import { ApiError, NetworkError, sentence } from '../../api/problem'
import { getRoom, joinRoom, type RoomInfo } from '../../api/rooms'

export type Arrival =
  /** `notice`: something to be told on the way in. */
  | { kind: 'in'; notice: string | null }
  | { kind: 'name'; room: RoomInfo; key: string | null }
  | { kind: 'needs-invite'; room: RoomInfo }
  | { kind: 'locked'; room: RoomInfo }
  | { kind: 'removed'; room: RoomInfo }
  /** The server lets this person in nowhere: they were banned, say. */
  | { kind: 'refused'; message: string }
  | { kind: 'closed'; why: 'unknown' | 'ended'; message: string }
  | { kind: 'away'; message: string }

export async function arrive(id: string, invite: string | null): Promise<Arrival> {
  const known = knownRoom(id)
  let room: RoomInfo
  try {
    room = await getRoom(id)
  } catch (error) {
    return couldNotAsk(error, known !== null)
  }
  if (room.me?.state === 'removed') return { kind: 'removed', room }
  if (room.me !== null) return { kind: 'in', notice: await raise(room, invite) }
  const key = invite ?? known?.key ?? null
  if (key === null && room.guest_role === 'none') return { kind: 'needs-invite', room }
  if (room.locked && key === null) return { kind: 'locked', room } // a host's key opens it
  return { kind: 'name', room, key }
}

/** A member who opens another link of the room gets what it gives, if that is more. */
async function raise(room: RoomInfo, invite: string | null): Promise<string | null> {
  rememberRoom(room.id, { title: room.title })
  if (invite === null || room.me === null) return null
  try {
    const joined = await joinRoom(room.id, { name: room.me.name, color: room.me.color, key: invite })
    if (joined.role !== room.me.role) rememberRoom(room.id, { key: invite }) // a host who opens a viewer's link stays host
    return null
  } catch (error) {
    return sentence(error) // they stay what they were
  }
}

function couldNotAsk(error: unknown, known: boolean): Arrival {
  if (error instanceof ApiError && (error.status === 404 || error.status === 410)) {
    if (known) return { kind: 'in', notice: null } // text of it may lie in this browser: the room's page rescues it
    return { kind: 'closed', why: error.status === 410 ? 'ended' : 'unknown', message: error.message }
  }
  if (error instanceof ApiError && error.status === 403) return { kind: 'refused', message: error.message }
  if (error instanceof NetworkError && known) return { kind: 'in', notice: null } // the local copy opens without a network
  return { kind: 'away', message: sentence(error) }
}

/** Joins under that name. Throws ApiError or NetworkError. */
export async function enter(room: RoomInfo, key: string | null, password = ''): Promise<void> {
  const { name, color } = person.value
  await joinRoom(room.id, { name, color, ...(key === null ? {} : { key }), ...(password === '' ? {} : { password }) })
  rememberRoom(room.id, key === null ? { title: room.title } : { title: room.title, key })
}
