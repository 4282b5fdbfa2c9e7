// Accounts, one's own one, its tokens and its rooms: the resources of the HTTP API, typed.
import { knownLogin } from './known-login'
import { person, rememberPerson } from './person'
import { rememberLogin } from './renew'
import { request } from './request'
import { root } from './root'

export interface Account {
  id: string
  login: string
  name: string
  color: string
  initials: string
  admin: boolean
  /** Whether it has one: who comes by a provider alone has none. */
  password: boolean
  identities: Identity[]
  created_at: number
}

/** Somebody at a provider (OpenID Connect) who may log in to the account. */
export interface Identity {
  id: string
  /** What the provider is called here. */
  provider: string
  name: string
}

export interface Provider {
  id: string
  name: string
}

export interface Ways {
  accounts: 'open' | 'invite' | 'off'
  room_creation: 'anyone' | 'accounts'
  password_characters: number
  providers: Provider[]
}

export type Scope = 'rooms:read' | 'rooms:write' | 'runs' | 'piston' | 'teams' | 'admin'

export interface Token {
  id: string
  name: string
  scopes: Scope[]
  created_at: number
  expires_at: number | null
  used_at: number | null
}

export interface OwnRoom {
  id: string
  title: string
  language: string
  url: string
  role: 'viewer' | 'editor' | 'host' | null
  team: string | null
  people: number
  here: number
  ephemeral: boolean
  created_at: number
  used_at: number
  archived: boolean
}

interface LoggedIn {
  account: Pick<Account, 'name' | 'color'>
  expires_in: number
}

const me = '/api/me'

export const getWays = () => request<Ways>('GET', '/api/accounts')

/** Rooms greet one by the account's name, where this browser had none yet. */
function take(done: LoggedIn): void {
  rememberLogin(done)
  const { name, color } = done.account
  if (person.value.name === '') rememberPerson({ name, color })
}

/** Throws ApiError 401 for a wrong name or password, 429 for too many tries. */
export async function logIn(login: string, password: string): Promise<void> {
  take(await request<LoggedIn>('POST', '/api/login', { login, password }))
}

export interface Registration {
  login: string
  password: string
  name?: string
  color?: string
  invite?: string
}

/** Throws ApiError 409 for a name that is taken, 403 for an invitation that is not good. */
export async function register(wish: Registration): Promise<void> {
  take(await request<LoggedIn>('POST', '/api/accounts', wish))
}

export interface ProviderWish {
  /** A page of ours, to come back to. */
  next?: string
  invite?: string
  /** The provider's person is to log in to this account from now on; with its password, where it has one. */
  link?: true
  password?: string
}

/** Goes to the provider's page; it sends people back to ours. Throws ApiError 503 where the provider is away. */
export async function goToProvider(id: string, wish: ProviderWish): Promise<void> {
  const { url } = await request<{ url: string }>('POST', `/api/login/${encodeURIComponent(id)}/start`, wish)
  location.assign(url)
}

/** Throws ApiError 409 where it is the only way in. */
export const dropIdentity = (id: string) => request<null>('DELETE', `${me}/identities/${encodeURIComponent(id)}`)

export async function logOut(everywhere: boolean): Promise<void> {
  await request('POST', '/api/logout', { everywhere })
  knownLogin.value = null
}

/** Throws ApiError 401 for who is not logged in any more. */
export async function getMe(): Promise<Account> {
  const account = await request<Account>('GET', me)
  const { value: known } = knownLogin
  if (known?.name !== account.name) knownLogin.value = { name: account.name, until: known?.until ?? 0 }
  return account
}

export async function changeMe(change: { name?: string; color?: string }): Promise<Account> {
  const account = await request<Account>('PATCH', me, change)
  const { value: known } = knownLogin
  if (known !== null) knownLogin.value = { ...known, name: account.name }
  return account
}

/** All other logins end. `old`: null where there was none. */
export const changePassword = (old: string | null, next: string) => request<null>('PUT', `${me}/password`, { old, new: next })

/** With its password, where it has one. */
export async function deleteMe(password: string | null): Promise<void> {
  await request('DELETE', me, password === null ? {} : { password })
  knownLogin.value = null
}

/** Where one's own data is downloaded: lines of JSON. */
export const exportAddress = () => `${root()}${me}/export`

export async function getTokens(): Promise<Token[]> {
  const { tokens }: { tokens: Token[] } = await request('GET', `${me}/tokens`)
  return tokens
}

export const makeToken = (wish: { name: string; scopes: Scope[]; days: number | null }) => request<Token & { token: string }>('POST', `${me}/tokens`, wish)
export const revokeToken = (id: string) => request<null>('DELETE', `${me}/tokens/${encodeURIComponent(id)}`)

export interface RoomsPage {
  rooms: OwnRoom[]
  after: string | null
}

export interface RoomsWish {
  search: string
  archived: boolean
  /** That team's only; null: all that are one's own or one's teams'. */
  team: string | null
  after: string | null
}

export function getOwnRooms({ search, archived, team, after }: RoomsWish): Promise<RoomsPage> {
  const asked = new URLSearchParams({ archived: String(archived), limit: '30' })
  if (team !== null) asked.set('team', team)
  if (search.trim() !== '') asked.set('search', search.trim())
  if (after !== null) asked.set('after', after)
  return request('GET', `${me}/rooms?${asked}`)
}

const own = (id: string) => `${me}/rooms/${encodeURIComponent(id)}`

export const archiveRoom = (id: string, archived: boolean) => request<null>('PATCH', own(id), { archived })

/** Out of one's own list; the room stays for the others. */
export const leaveRoom = (id: string) => request<null>('DELETE', own(id))
