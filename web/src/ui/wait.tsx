// What is shown while something loads: nothing for 300 ms, then a turning sign and a word.
import { useEffect, useState } from 'preact/hooks'
import { Icon } from './icon'

export function useLate(delayMs = 300): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), delayMs)
    return () => clearTimeout(timer)
  }, [delayMs])
  return late
}

export function Waiting({ text }: { text: string }) {
  const late = useLate()
  return (
    <p class="waiting muted" role="status">
      {late ? (
        <>
          <Icon name="loader" class="spin" /> {text}
        </>
      ) : null}
    </p>
  )
}
