// The server's time, each second.
import { useEffect, useState } from 'preact/hooks'
import type { Watch } from './watch'

export function useNow(watch: Watch): number {
  const [now, setNow] = useState(() => Date.now() + watch.ahead.peek())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() + watch.ahead.peek()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
