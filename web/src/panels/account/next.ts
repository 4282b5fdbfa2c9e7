// Where one goes after logging in: what `?next=` names, if it is a page of ours, and never to another place.
import { readRoute } from '../../api/route'

const home = '/rooms'

/** A path below the root with its fragment. `origin` is only there to read the address as browsers do. */
export function nextPath(search: string, origin: string): string {
  const wanted = new URLSearchParams(search).get('next')
  if (wanted === null || !wanted.startsWith('/') || !URL.canParse(wanted, origin)) return home
  const url = new URL(wanted, origin)
  const { page } = readRoute(url.pathname, url.hash, '')
  if (url.origin !== origin || url.pathname.startsWith('//') || page === 'unknown' || page === 'login' || page === 'register') return home
  return url.pathname + url.hash
}
