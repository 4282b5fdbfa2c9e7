// A component that is fetched when it is first shown. If the fetch fails the person can ask again.
import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from './button'
import { Waiting } from './wait'

export interface LazyComponent<P> {
  (props: P): JSX.Element
  /** Fetches ahead, when it is likely to be shown soon. Never fails: showing it tries again and tells. */
  preload(): void
}

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): LazyComponent<P> {
  let ready: ComponentType<P> | null = null
  let loading: Promise<ComponentType<P>> | null = null

  const fetchOnce = () => {
    loading ??= load().then(
      (loaded) => {
        ready = loaded
        return loaded
      },
      (error: unknown) => {
        loading = null
        throw error
      },
    )
    return loading
  }

  const Lazy = (props: P) => {
    const [state, setState] = useState<'ready' | 'loading' | 'failed'>(ready === null ? 'loading' : 'ready')
    useEffect(() => {
      if (state !== 'loading') return
      let gone = false
      fetchOnce().then(
        () => gone || setState('ready'),
        () => gone || setState('failed'),
      )
      return () => {
        gone = true
      }
    }, [state])
    if (ready !== null) {
      const Loaded = ready
      return <Loaded {...props} />
    }
    if (state === 'failed') return <LoadAgain onAgain={() => setState('loading')} />
    return <Waiting text="Loading…" />
  }

  return Object.assign(Lazy, { preload: () => void fetchOnce().catch(() => undefined) })
}

function LoadAgain({ onAgain }: { onAgain(): void }) {
  return (
    <div class="load-again">
      <p class="muted">This part could not be loaded. Your text is safe.</p>
      <Button onClick={onAgain}>Try again</Button>
    </div>
  )
}
