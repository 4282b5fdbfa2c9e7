// What the pages of an account say.
import type { Scope } from '../../api/accounts'
import { ApiError, sentence } from '../../api/problem'

/** Why one is not let in; of too many tries, when the next one counts. */
export function enterProblem(error: unknown, now: number = Date.now()): string {
  if (!(error instanceof ApiError) || error.status !== 429 || error.retryAfter === null) return sentence(error)
  return `Too many tries. Try again ${waitWords(error.retryAfter, now)}.`
}

const providerProblems = new Map([
  ['denied', 'You were not let in there, or went back. Nothing was changed; try again.'],
  ['expired', 'That took too long, or was begun in another place. Try again.'],
  ['refused', 'The answer that came from there does not check, so it was not taken. Try again, or ask whoever runs this server.'],
  ['unavailable', 'The other server cannot be reached now. Try again in a while.'],
  ['invitation', 'Accounts are made here by invitation. Open the link of your invitation, and go on from there.'],
  ['forbidden', 'Whoever runs this server does not let you in.'],
  ['taken', 'That login belongs to another account here. Log in with it, or choose another one.'],
])

/** What a provider's login came back with in the address (`?problem=`); null: nothing is wrong. */
export function providerProblem(search: string): string | null {
  const code = new URLSearchParams(search).get('problem')
  if (code === null) return null
  return providerProblems.get(code) ?? 'Logging in there did not work. Try again.'
}

export function waitWords(seconds: number, now: number): string {
  if (seconds <= 1) return 'in 1 second'
  if (seconds < 90) return `in ${Math.ceil(seconds)} seconds`
  const at = new Date(now + seconds * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
  return `in ${Math.ceil(seconds / 60)} minutes, at ${at}`
}

export const scopes: readonly { value: Scope; text: string; says: string; admin?: true }[] = [
  { value: 'rooms:read', text: 'Read rooms', says: 'list yours, read their texts and their past' },
  { value: 'rooms:write', text: 'Change rooms', says: 'open, join, rename and end them' },
  { value: 'runs', text: 'Runs', says: 'run programs in your rooms' },
  { value: 'piston', text: 'Piston’s API', says: 'run programs without a room' },
  { value: 'teams', text: 'Teams', says: 'make teams, and change their people' },
  { value: 'admin', text: 'Administrate', says: 'all that the desk can do', admin: true },
]

export function scopeWords(held: readonly Scope[]): string {
  return scopes.filter(({ value }) => held.includes(value)).map(({ text }) => text).join(', ')
}

const day = 86_400_000

/** `today`, `yesterday`, `5 days ago`, then the date. */
export function dayWords(at: number, now: number = Date.now()): string {
  const start = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  const days = Math.round((start(now) - start(at)) / day)
  if (days <= 0) return 'today'
  if (days === 1) return 'yesterday'
  if (days < 30) return `${days} days ago`
  return dateWords(at)
}

export function dateWords(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
}

/** `1 room`, `5 rooms`. */
export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
