// The frame of the editor that types to itself. The editor is fetched once the page is painted and idle; until then,
// and where it cannot be fetched, the finished program stands there as plain text.
import { useEffect, useRef, useState } from 'preact/hooks'
import { Avatar } from '../../ui/avatar'
import { IconButton } from '../../ui/button'
import { reducedMotion } from '../../ui/media'
import { finishedText } from './script'
import type { TypingDemo } from './typing-demo'

function whenIdle(act: () => void): () => void {
  if ('requestIdleCallback' in window) {
    const id = requestIdleCallback(act, { timeout: 2000 })
    return () => cancelIdleCallback(id)
  }
  const timer = setTimeout(act, 300)
  return () => clearTimeout(timer)
}

/** Two frames later everything that was rendered has been painted. */
function afterPaint(act: () => void): () => void {
  let cancel = () => cancelAnimationFrame(first)
  const first = requestAnimationFrame(() => {
    const second = requestAnimationFrame(() => {
      cancel = whenIdle(act)
    })
    cancel = () => cancelAnimationFrame(second)
  })
  return () => cancel()
}

export function Demo() {
  const place = useRef<HTMLDivElement>(null)
  const [demo, setDemo] = useState<TypingDemo | null>(null)

  useEffect(() => {
    let shown: TypingDemo | null = null
    let gone = false
    const show = async () => {
      const { startTyping } = await import('./typing-demo')
      if (gone || place.current === null) return
      const started = await startTyping(place.current, { still: reducedMotion.value })
      if (gone) return started.end()
      shown = started
      setDemo(started)
    }
    const cancel = afterPaint(() => void show().catch(() => undefined)) // without it the plain text stays: all is there
    return () => {
      gone = true
      cancel()
      shown?.end()
    }
  }, [])

  return (
    <figure class="demo">
      <div class="demo-bar" aria-hidden="true">
        <span class="demo-file">two_sum.py</span>
        <span class="demo-people">
          <Avatar name="Ada" color="#0f766e" small /> Ada
          <Avatar name="Lin" color="#a21caf" small /> Lin
        </span>
      </div>
      <figcaption class="unseen">An example: Ada and Lin write a small Python program in one editor, at the same time.</figcaption>
      <div ref={place} class="demo-editor" aria-hidden="true" inert>
        {demo === null ? <pre class="demo-plain">{finishedText}</pre> : null}
      </div>
      {demo === null ? null : <Playing demo={demo} />}
    </figure>
  )
}

function Playing({ demo }: { demo: TypingDemo }) {
  const state = demo.state.value
  const act = { playing: demo.pause, paused: demo.play, done: demo.again }[state]
  const label = { playing: 'Pause the example', paused: 'Go on with the example', done: 'Play the example again' }[state]
  return (
    <IconButton class="demo-play" icon={state === 'playing' ? 'pause' : state === 'done' ? 'again' : 'play'} label={label} side="end" onClick={act} />
  )
}
