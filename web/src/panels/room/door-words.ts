// What everybody in the room is told when a host changes its doors.
import type { Room } from '../../protocol/events'

const runWords = { editor: 'Editors and hosts can run code now.', host: 'Only hosts can run code now.', none: 'A host switched running off.' }

export function doorWords(before: Room | null, now: Room): string[] {
  if (before === null) return []
  const said: string[] = []
  if (before.read_only !== now.read_only) said.push(now.read_only ? 'Only hosts can edit now.' : 'The text can be edited again.')
  if (before.run_role !== now.run_role) said.push(runWords[now.run_role])
  if (before.locked !== now.locked) said.push(now.locked ? 'The room is locked: nobody new can come in.' : 'The room is open to newcomers again.')
  if (before.lobby !== now.lobby) said.push(now.lobby ? 'Newcomers wait now until a host lets them in.' : 'Newcomers no longer wait to be let in.')
  if (before.password !== now.password) said.push(now.password ? 'Newcomers are asked for a password now.' : 'Newcomers need no password any more.')
  return said
}
