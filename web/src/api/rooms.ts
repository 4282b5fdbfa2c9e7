// The room resource of the HTTP API, typed.
import type { GuestRole, Member, Role, RunWhere } from '../protocol/events'
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
  state: 'open'
  me: Member | null
  links: RoomLinks | null
  room_link: string
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
}

export interface OpenRequest {
  title?: string
  language?: string
  name?: string
  color?: string
}

export interface JoinRequest {
  name: string
  color?: string
  key?: string
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
    return (await getRoom(id)).me !== null
  } catch (error) {
    if (error instanceof ApiError && [401, 403, 404, 410].includes(error.status)) return false
    throw error
  }
}

export function changeRoom(id: string, change: { title?: string; guest_role?: GuestRole; run_where?: RunWhere | null }): Promise<RoomInfo> {
  return request('PATCH', path(id), change)
}

export function endRoom(id: string): Promise<null> {
  return request('DELETE', path(id))
}
