// The room resource of the HTTP API, typed.
import type { GuestRole, Member, Role, Room, RunWhere } from '../protocol/events'
import { ApiError } from './problem'
import { request } from './request'

export interface RoomLinks {
  host: string
  editor: string
  viewer: string
}

/** What the caller may know of a room. `people`: connected now. `links`: for hosts alone. */
export interface RoomInfo {
  id: string
  title: string
  language: string
  guest_role: GuestRole
  ephemeral: boolean
  created_at: number
  people: Member[]
  state: 'open' | 'locked'
  /** Newcomers are asked for it; wait for a host. */
  password: boolean
  lobby: boolean
  locked: boolean
  read_only: boolean
  run_role: Room['run_role']
  expires_at: number | null
  me: (Member & { state: MemberState }) | null
  links: RoomLinks | null
  room_link: string
  /** Whose room it is; for those alone who are in that team. */
  team: { id: string; name: string } | null
}

export interface OpenedRoom {
  id: string
  url: string
  token: string
  member: string
  role: Role
  host_url: string
  editor_url: string
  viewer_url: string
}

export interface Joined {
  token: string
  member: string
  role: Role
  /** `waiting`: a host has to let one in. */
  state: 'in' | 'waiting'
}

export interface OpenRequest {
  title?: string
  language?: string
  name?: string
  color?: string
  password?: string
  lobby?: boolean
  /** Milliseconds since the epoch. */
  expires_at?: number
  /** A team's id: it is a room of that team. */
  team?: string
}

export interface JoinRequest {
  name: string
  color?: string
  key?: string
  password?: string
}

export type MemberState = 'in' | 'waiting' | 'removed'

/** What a host may change; `password` '': none any more, `expires_at` 0: never, `team` '': nobody's. */
export interface RoomChange {
  title?: string
  guest_role?: GuestRole
  run_where?: RunWhere | null
  password?: string
  lobby?: boolean
  locked?: boolean
  read_only?: boolean
  run_role?: Room['run_role']
  expires_at?: number
  team?: string
}

const path = (id: string) => `/api/rooms/${encodeURIComponent(id)}`

export function openRoom(wish: OpenRequest): Promise<OpenedRoom> {
  return request('POST', '/api/rooms', wish)
}

/** Throws ApiError 404 for an unknown room, 410 for one that ended. */
export function getRoom(id: string): Promise<RoomInfo> {
  return request('GET', path(id))
}

/** Throws ApiError 403 where guests are not let in without a key, or the key is wrong. */
export function joinRoom(id: string, wish: JoinRequest): Promise<Joined> {
  return request('POST', `${path(id)}/join`, wish)
}

/** Lengthens one's place in a room; whether there is one still. Throws when the server could not say. */
export async function renewPlace(id: string): Promise<boolean> {
  try {
    const { me } = await getRoom(id)
    return me !== null && me.state !== 'removed'
  } catch (error) {
    if (error instanceof ApiError && [401, 403, 404, 410].includes(error.status)) return false
    throw error
  }
}

export function changeRoom(id: string, change: RoomChange): Promise<RoomInfo> {
  return request('PATCH', path(id), change)
}

export function endRoom(id: string): Promise<null> {
  return request('DELETE', path(id))
}

/** Gives somebody a role, lets them in or removes them; hosts alone may. */
export function changeMember(id: string, member: string, change: { role?: Role; state?: 'in' | 'removed' }): Promise<unknown> {
  return request('PATCH', `${path(id)}/members/${encodeURIComponent(member)}`, change)
}

/** An invitation link, as hosts see it. */
export interface Invite {
  id: string
  role: Role
  link: string
  label: string
  expires_at: number | null
  single_use: boolean
  used_at: number | null
  good: boolean
}

export async function getInvites(id: string): Promise<Invite[]> {
  const { invites }: { invites: Invite[] } = await request('GET', `${path(id)}/invites`)
  return invites
}

export function makeInvite(id: string, wish: { role: Role; label: string; single_use: boolean; expires_at: number | null }): Promise<Invite> {
  return request('POST', `${path(id)}/invites`, wish)
}

export function revokeInvite(id: string, invite: string): Promise<Invite> {
  return request('DELETE', `${path(id)}/invites/${encodeURIComponent(invite)}`)
}
