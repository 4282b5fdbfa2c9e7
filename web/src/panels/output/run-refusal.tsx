// Why the server did not run it, in the server's words, and what one can do now: here instead, or there a little later.
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Icon } from '../../ui/icon'

export interface RunRefusalProps {
  why: string
  retryAt: number | null
  /** Runs it in the browser; null: no browser can, or one may not. */
  here: (() => void) | null
  again: (() => void) | null
}

export function RunRefusal({ why, retryAt, here, again }: RunRefusalProps) {
  const left = useSecondsLeft(retryAt)
  return (
    <div class="run-ask run-refusal">
      <p>
        <Icon name="warning" />
        <span>{why}</span>
      </p>
      {here === null ? null : <Button onClick={here}>Run in your browser</Button>}
      {again === null ? null : (
        <Button icon="again" aria-disabled={left > 0} onClick={() => left > 0 || again()}>
          {left > 0 ? `Again in ${left} s` : 'Try again'}
        </Button>
      )}
    </div>
  )
}

function useSecondsLeft(at: number | null): number {
  const now = () => (at === null ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000)))
  const [left, setLeft] = useState(now)
  useEffect(() => {
    setLeft(now())
    if (now() === 0) return
    const timer = setInterval(() => {
      setLeft(now())
      if (now() === 0) clearInterval(timer)
    }, 500)
    return () => clearInterval(timer)
  }, [at])
  return left
}
