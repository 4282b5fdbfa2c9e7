// Whether a lost connection has lasted long enough to be said. The banner of wide pages and the line of narrow ones ask.
import { useEffect, useState } from 'preact/hooks'
import type { RoomSync } from '../../sync/room-sync'

/** A connection that comes back at once is not worth a word. */
const unsaidMs = 800

export function useSaidAway({ connection, synced, awayMessage }: Pick<RoomSync, 'connection' | 'synced' | 'awayMessage'>): boolean {
  const away = connection.value !== 'connected'
  const [said, setSaid] = useState(false)
  useEffect(() => {
    if (!away) return setSaid(false)
    const timer = setTimeout(() => setSaid(true), unsaidMs)
    return () => clearTimeout(timer)
  }, [away])
  return said && away && (connection.value === 'offline' || synced.value || awayMessage.value !== null)
}
