// The HTML page of a run, shown in a closed frame. One's own is shown at once; another's only on one's own click, since
// it runs their code in this browser.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RunLog, RunView } from '../../run/run-log'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'

export interface RunPageProps {
  view: RunView
  runs: RunLog
  own: boolean
}

export function RunPage({ view, runs, own }: RunPageProps) {
  const [asked, setAsked] = useState(false)
  const [stuck, setStuck] = useState(false)
  const running = view.run.status === 'running'
  const shows = view.mine ? running || asked : asked

  if (stuck) {
    return (
      <div class="run-ask">
        <Problem text="The page was taken away: it did not answer any more." />
        <Button onClick={() => setStuck(false)}>Show it again</Button>
      </div>
    )
  }
  if (shows)
    return (
      <PageFrame
        id={view.run.id}
        runs={runs}
        onStuck={() => (setAsked(false), setStuck(true))}
        onHide={view.mine && running ? null : () => setAsked(false)}
      />
    )
  return (
    <div class="run-ask">
      <p class="muted">
        {own
          ? 'The page is not shown any more.'
          : `The page of ${view.run.name} runs code in your browser, shut off from the network and from this page. Show it if you trust them.`}
      </p>
      <Button icon="page" onClick={() => setAsked(true)}>
        {own ? 'Show the page' : `Show ${view.run.name}’s page`}
      </Button>
    </div>
  )
}

function PageFrame({ id, runs, onStuck, onHide }: { id: string; runs: RunLog; onStuck(): void; onHide: (() => void) | null }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => (place.current === null ? undefined : runs.preview(id, place.current, onStuck)), [id])
  return (
    <div class="run-page">
      <div ref={place} class="run-page-place" />
      {onHide === null ? null : (
        <Button kind="quiet" icon="close" onClick={onHide}>
          Hide the page
        </Button>
      )}
    </div>
  )
}
