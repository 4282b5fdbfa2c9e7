// Keeping the name that somebody gave in the share dialog: told to the room, and remembered for the next one.
import type { Member } from '../../protocol/events'

export interface NameChange {
  name: string
}

export interface KeepNameOptions {
  me: Member
  /** Tells the room; false: not connected. */
  change(change: NameChange): boolean
  remember(person: { name: string; color: string }): void
}

/** What is wrong, in a sentence; null: kept, or nothing was written. The colour that the others know goes along. */
export function keepName(text: string, { me, change, remember }: KeepNameOptions): string | null {
  const name = text.trim()
  if (name === '' || name === me.name) return null
  if (!change({ name })) return 'Not connected. Give it again when the connection is back.'
  remember({ name, color: me.color })
  return null
}
