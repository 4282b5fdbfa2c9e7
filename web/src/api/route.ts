// Which page the address asks for. Pages of ours change without loading anew.
import { signal } from '@preact/signals'
import { roomFromLink } from './room-code'
import { root, roomPath } from './root'

const plain = ['admin', 'login', 'register', 'account', 'rooms'] as const // a team's page is /teams#ID

type Plain = (typeof plain)[number]

export type Route = { page: 'landing' } | { page: 'teams'; team: string | null } | { [Page in Plain]: { page: Page } }[Plain] | { page: 'room'; id: string; key: string | null } | { page: 'unknown' }

export function readRoute(pathname: string, hash: string, under: string): Route {
  const path = pathname.startsWith(under) ? pathname.slice(under.length) : pathname
  if (path === '' || path === '/') return { page: 'landing' }
  const named = plain.find((one) => path === `/${one}` || path === `/${one}/`)
  if (named !== undefined) return { page: named }
  if (path === '/teams' || path === '/teams/') return { page: 'teams', team: hash.length > 1 ? hash.slice(1) : null }
  const room = roomFromLink(path + hash)
  return room === null ? { page: 'unknown' } : { page: 'room', ...room }
}

const current = () => readRoute(location.pathname, location.hash, root())

export const route = signal<Route>(current())

addEventListener('popstate', () => {
  route.value = current()
})

export function goToRoom(id: string, key: string | null = null): void {
  history.pushState(null, '', roomPath(id, key))
  route.value = current()
}

export function goToLanding(): void {
  history.pushState(null, '', `${root()}/`)
  route.value = current()
}

/** To a page of ours, by its address below the root; the page that is left is not come back to. */
export function goInstead(path: string): void {
  history.replaceState(null, '', root() + path)
  route.value = current()
}

/** Takes the key out of the address once it was used: it must not be seen, nor be copied by accident. */
export function hideKey(id: string): void {
  history.replaceState(null, '', roomPath(id))
}
