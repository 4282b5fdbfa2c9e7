// What a room keeps of oneself: to take along, and one's name taken out of it.
import { request } from './request'
import { root } from './root'

const path = (id: string) => `/api/rooms/${encodeURIComponent(id)}/me`

/** Where it is downloaded: lines of JSON. */
export function ownDataAddress(id: string): string {
  return `${root()}${path(id)}/export`
}

/** One's name becomes "Someone", in what one said before as well. Throws ApiError 409 while something is being erased. */
export function forgetOwnName(id: string): Promise<null> {
  return request('DELETE', `${path(id)}/name`)
}
