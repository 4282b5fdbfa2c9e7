// What a room keeps of oneself: to take along, and to be erased: one's name, and what one said and ran.
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

/** One's messages and what one's runs took and gave go from the room and its past. Throws ApiError 409 while something is being erased. */
export function forgetOwnWords(id: string): Promise<null> {
  return request('DELETE', `${path(id)}/words`)
}
