// One run: who ran what, its output as it comes, how it ended; and for a run that goes on, what can be done about it.
import type { ReadonlySignal } from '@preact/signals'
import type { Member } from '../../protocol/events'
import type { RunLog, RunView } from '../../run/run-log'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Light } from '../../ui/light'
import { timeWords } from '../../ui/words'
import { InputLine } from './input-line'
import { OutputText } from './output-text'
import { RunPage } from './run-page'
import { asksNow, doingWords, goingWords, noteBeside, stateWords } from './run-words'

export interface RunCardProps {
  view: RunView
  runs: RunLog
  me: ReadonlySignal<Member | null>
  languageName: string
  mayStop: boolean
  colorOf(member: string): string
}

export function RunCard({ view, runs, me, languageName, mayStop, colorOf }: RunCardProps) {
  const { run } = view
  const running = run.status === 'running'
  const own = view.mine || run.member === me.value?.id
  const beside = noteBeside(view)
  const asks = asksNow(view)
  const { who, does } = doingWords(view, own)
  return (
    <article class="run-card" aria-label={`${run.file}, run by ${run.name}`}>
      <header class="run-head">
        <Avatar name={run.name} color={colorOf(run.member)} small />
        <p class="run-who">
          <strong>{who}</strong> {does} <span class="run-file">{run.file}</span>
        </p>
        <span class="meta">{languageName}</span>
        <time class="meta run-time" dateTime={new Date(run.at).toISOString()}>
          {timeWords(run.at)}
        </time>
      </header>
      {running && view.stage !== null ? <Stage text={view.stage} progress={view.progress} /> : null}
      <OutputText output={run.output} />
      {run.page === null ? null : <RunPage view={view} runs={runs} own={own} />}
      {view.mine && view.waitingForInput ? <InputLine runs={runs} fileName={run.file} /> : null}
      {asks ? <AskToGoOn view={view} runs={runs} /> : null}
      <footer class="run-foot meta">
        {running ? (
          <>
            <Light {...goingWords(view)} />
            {mayStop && !asks ? (
              <Button kind="quiet" icon="stop" class="run-stop" onClick={() => runs.stop(run.id)}>
                Stop
              </Button>
            ) : null}
          </>
        ) : (
          <Light {...stateWords(view)} />
        )}
        {beside === null ? null : <span>{beside}</span>}
        {run.truncated && run.status !== 'output_limit' ? <span>The output was cut at the limit.</span> : null}
        {view.local && !running ? <span>Only you see this run.</span> : null}
      </footer>
    </article>
  )
}

function Stage({ text, progress }: { text: string; progress: number | null }) {
  return (
    <div class="run-stage">
      <span class="meta">{text}</span>
      {progress === null ? <progress aria-label={text} /> : <progress aria-label={text} value={progress} max={1} />}
    </div>
  )
}

function AskToGoOn({ view, runs }: { view: RunView; runs: RunLog }) {
  return (
    <div class="run-ask" role="group" aria-label="Still running">
      <p>
        <strong>Still running.</strong> It is ended at the time limit unless you let it go on.
      </p>
      <Button onClick={() => runs.goOn()}>Go on</Button>
      <Button icon="stop" onClick={() => runs.stop(view.run.id)}>
        Stop
      </Button>
    </div>
  )
}
