// Opens a room that starts with a text of one's own: what was rescued from another. The text waits in this browser until
// the room's page has its document and puts it in.
import { readStored, writeStored } from '../ui/stored'
import { person, rememberRoom } from './person'
import { roomFromLink } from './room-code'
import { type OpenRequest, openRoom } from './rooms'

const key = (id: string) => `text.${id}`

/** Opens a room as its host and remembers the host's key. Throws ApiError or NetworkError. */
export async function newRoom(wish: Pick<OpenRequest, 'language' | 'title'> = {}): Promise<string> {
  const { name, color } = person.value
  const room = await openRoom(name === '' ? wish : { ...wish, name, color })
  rememberRoom(room.id, { key: roomFromLink(room.host_url)?.key ?? null })
  return room.id
}

export async function newRoomWith({ text, language, title }: { text: string; language: string; title: string }): Promise<string> {
  const id = await newRoom({ ...(language === '' ? {} : { language }), title })
  writeStored(key(id), text)
  return id
}

/** The text that waits for that room, once it is in its document it must be dropped. */
export function waitingText(id: string): string | null {
  const text = readStored(key(id))
  return typeof text === 'string' && text !== '' ? text : null
}

export function dropWaitingText(id: string): void {
  writeStored(key(id), null)
}
