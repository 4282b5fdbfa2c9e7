// Opens a room that starts with a text of one's own: what was rescued from another. The text waits in this browser until
// the room's page has its document and puts it in.
import { readStored, writeStored } from '../ui/stored'
import { person, rememberRoom } from './person'
import { roomFromLink } from './room-code'
import { type OpenRequest, openRoom } from './rooms'

const key = (id: string) => `text.${id}`

/** Opens a room as its host and remembers the host's key. Throws ApiError or NetworkError. */
export async function newRoom(wish: Omit<OpenRequest, 'name' | 'color'> = {}): Promise<string> {
  const { name, color } = person.value
  const room = await openRoom(name === '' ? wish : { ...wish, name, color })
  rememberRoom(room.id, { key: roomFromLink(room.host_url)?.key ?? null })
  return room.id
}

/** A text that waits for its new room, and what of the old one can go once it is saved there. */
export interface WaitingText {
  text: string
  from: { room: string; drop: 'rescued' | 'all' | 'nothing' }
  /** It was put into the new room's document, though it may not be saved yet. */
  placed: boolean
}

/** Where storage is blocked or full, it waits here: the way to the new room does not load the page anew. */
const waiting = new Map<string, WaitingText>()

export interface NewRoomWith extends Pick<WaitingText, 'text' | 'from'> {
  language: string
  title: string
}

/** Opens a room for a text; the old one keeps it until `dropWaitingText`. Throws ApiError or NetworkError. */
export async function newRoomWith({ text, from, language, title }: NewRoomWith): Promise<string> {
  const id = await newRoom({ ...(language === '' ? {} : { language }), title })
  keep(id, { text, from, placed: false })
  return id
}

/** The text that waits for that room: to be dropped when the server has said that it is saved, and not before. */
export function waitingText(id: string): WaitingText | null {
  return waiting.get(id) ?? checked(readStored(key(id)))
}

export function markPlaced(id: string): void {
  const known = waitingText(id)
  if (known !== null) keep(id, { ...known, placed: true })
}

export function dropWaitingText(id: string): void {
  waiting.delete(id)
  writeStored(key(id), null)
}

function keep(id: string, text: WaitingText): void {
  waiting.set(id, text)
  writeStored(key(id), text)
}

function checked(given: unknown): WaitingText | null {
  const { text, from, placed } = (given ?? {}) as Partial<WaitingText>
  if (typeof text !== 'string' || text === '' || typeof from?.room !== 'string') return null
  const drop = from.drop === 'rescued' || from.drop === 'all' ? from.drop : 'nothing'
  return { text, from: { room: from.room, drop }, placed: placed === true }
}
