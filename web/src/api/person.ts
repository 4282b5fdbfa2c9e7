// What this browser remembers of its person: name, colour, and the rooms they were in with the key they came by.
import type { Role } from '../protocol/events'
import { freeColor, isColor } from '../ui/colors'
import { readStored, stored, writeStored } from '../ui/stored'

export interface Person {
  name: string
  color: string
}

export const nameCharacters = 40

function check(value: unknown): Person {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<Person>
  return {
    name: typeof given.name === 'string' ? given.name.slice(0, nameCharacters) : '',
    color: isColor(given.color) ? given.color : freeColor([]),
  }
}

export const person = stored('person', check)

export function rememberPerson(change: Partial<Person>): void {
  person.value = check({ ...person.value, ...change })
}

/** A room this browser was in: enough to come back to while offline, and as the host one was. */
export interface KnownRoom {
  key: string | null
  title: string
  role: Role | null
}

const roles: readonly Role[] = ['viewer', 'editor', 'host']

const roomKey = (id: string) => `room.${id}`

export function knownRoom(id: string): KnownRoom | null {
  const given = readStored(roomKey(id)) as Partial<KnownRoom> | null
  if (typeof given !== 'object' || given === null) return null
  return {
    key: typeof given.key === 'string' ? given.key : null,
    title: typeof given.title === 'string' ? given.title : '',
    role: roles.find((role) => role === given.role) ?? null,
  }
}

export function rememberRoom(id: string, change: Partial<KnownRoom>): void {
  const known = knownRoom(id) ?? { key: null, title: '', role: null }
  writeStored(roomKey(id), { ...known, ...change })
}

export function forgetRoom(id: string): void {
  writeStored(roomKey(id), null)
}
