// The place of a run's terminal: the terminal itself is fetched and made once it comes into view, so that a long history
// costs nothing. Until then its height is kept.
import { useEffect, useRef, useState } from 'preact/hooks'
import { lazy } from '../../ui/lazy'
import type { TerminalViewProps } from './terminal-view'

const TerminalView = lazy(async () => (await import('./terminal-view')).TerminalView)

const ROW_PIXELS = 21

export function RunTerminal(props: TerminalViewProps) {
  const [seen, setSeen] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true))
    observer.observe(place.current)
    return () => observer.disconnect()
  }, [])
  if (seen) return <TerminalView {...props} />
  return <div ref={place} class="run-terminal-kept" style={{ height: `${props.size.rows * ROW_PIXELS}px` }} />
}
