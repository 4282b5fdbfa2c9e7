// Whether a lost connection has lasted long enough to be said. The banner of wide pages and the line of narrow ones ask.
import { useEffect, useState } from 'preact/hooks'
import type { RoomSync } from '../../sync/room-sync'

/**
 * A connection that comes back at once is not worth a word. Whom a server sends away because it stops is at another one, or at the same one
 * again, once the pause is over that spreads everybody (2.4 s at the most: sync/back-off.ts); what fails is `offline` by then.
 */
const unsaidMs = { connecting: 3_500, offline: 800 }

export function useSaidAway({ connection, synced, awayMessage }: Pick<RoomSync, 'connection' | 'synced' | 'awayMessage'>): boolean {
  const { value: state } = connection
  const told = awayMessage.value !== null
  const [said, setSaid] = useState(false)
  useEffect(() => {
    if (state === 'connected') return setSaid(false)
    const timer = setTimeout(() => setSaid(true), told ? unsaidMs.offline : unsaidMs[state])
    return () => clearTimeout(timer)
  }, [state, told])
  return said && state !== 'connected' && (state === 'offline' || synced.value || told)
}
