// One run: who ran what, its output as it comes, how it ended; and for a run that goes on, what can be done about it.
import type { ReadonlySignal } from '@preact/signals'
import type { LanguageInfo } from '../../api/languages'
import type { Member, Run } from '../../protocol/events'
import type { RunLog, RunView } from '../../run/run-log'
import { isGoing } from '../../run/run-view'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Light } from '../../ui/light'
import { timeWords } from '../../ui/words'
import { InputLine } from './input-line'
import { OutputText } from './output-text'
import { RunPage } from './run-page'
import { RunPictures } from './run-pictures'
import { RunRefusal } from './run-refusal'
import { RunTerminal } from './run-terminal'
import { aboutWords, asksNow, doingWords, goingWords, isRefused, noteBeside, stateWords } from './run-words'

export interface RunCardProps {
  view: RunView
  runs: RunLog
  me: ReadonlySignal<Member | null>
  language: LanguageInfo | null
  /** One may run, type and stop; not a viewer. */
  mayRun: boolean
  acts: RunActs
  colorOf(member: string): string
}

/** What the room does for a card: it knows the text, and where it can run. */
export interface RunActs {
  /** As that run was run, with the text as it is now. */
  again(run: Run): void
  /** Whether it can be run again: its language is still that of the file. */
  mayRunAgain(run: Run): boolean
  /** In the browser, what the server did not take; null: no browser can. */
  here: ReadonlySignal<(() => void) | null>
}

export function RunCard({ view, runs, me, language, mayRun, acts, colorOf }: RunCardProps) {
  const { run } = view
  const own = view.mine || run.member === me.value?.id
  const languageName = language?.name ?? run.language
  const what = run.repl ? languageName : run.file
  return (
    <article class="run-card" aria-label={`${what}, run by ${run.name}`}>
      <Head view={view} own={own} language={language} color={colorOf(run.member)} />
      {isGoing(run) && view.stage !== null ? <Stage text={view.stage} progress={view.progress} /> : null}
      {run.terminal === null || (run.output.length === 0 && run.stage === null) ? (
        <OutputText output={run.output} />
      ) : (
        <RunTerminal view={view} size={run.terminal} runs={runs} own={own} mayType={mayRun} label={`Terminal: ${what}, run by ${run.name}`} />
      )}
      <RunPictures pictures={run.pictures} fileName={what} />
      {run.page === null ? null : <RunPage view={view} runs={runs} own={own} />}
      {view.mine && view.waitingForInput ? <InputLine runs={runs} fileName={run.file} /> : null}
      {asksNow(view) ? <AskToGoOn view={view} runs={runs} /> : null}
      {isRefused(run) ? (
        <RunRefusal
          why={view.note ?? 'The server did not run it.'}
          retryAt={view.retryAt}
          here={mayRun && own && !run.repl ? acts.here.value : null}
          again={mayRun && own ? () => acts.again(run) : null}
        />
      ) : (
        <Foot view={view} runs={runs} mayRun={mayRun} acts={acts} />
      )}
    </article>
  )
}

function Head({ view, own, language, color }: { view: RunView; own: boolean; language: LanguageInfo | null; color: string }) {
  const { run } = view
  const { who, does } = doingWords(view, own)
  const name = language?.name ?? run.language
  return (
    <header class="run-head">
      <Avatar name={run.name} color={color} small />
      <div class="run-about">
        <p class="run-who">
          <strong>{who}</strong> {does} {run.repl ? name : <span class="run-file">{run.file}</span>}
        </p>
        <p class="meta">
          {aboutWords(run, language, own)} ·{' '}
          <time class="run-time" dateTime={new Date(run.at).toISOString()}>
            {timeWords(run.at)}
          </time>
        </p>
      </div>
    </header>
  )
}

function Foot({ view, runs, mayRun, acts }: Pick<RunCardProps, 'view' | 'runs' | 'mayRun' | 'acts'>) {
  const { run } = view
  const going = isGoing(run)
  const beside = noteBeside(view)
  return (
    <footer class="run-foot meta">
      {going ? <Light {...goingWords(view)} /> : <Light {...stateWords(view)} />}
      {going && mayRun && !asksNow(view) ? (
        <Button kind="quiet" icon="stop" class="run-act" onClick={() => runs.stop(run.id)}>
          Stop
        </Button>
      ) : null}
      {beside === null ? null : <span>{beside}</span>}
      {run.truncated && run.status !== 'output_limit' ? <span>The output was cut at the limit.</span> : null}
      {run.unkept ? <span>Not kept: this room’s runs have written so much today that its history has room again only tomorrow.</span> : null}
      {view.local && !going ? <span>Only you see this run.</span> : null}
      {!going && mayRun && acts.mayRunAgain(run) ? (
        <Button kind="quiet" icon="again" class="run-act" onClick={() => acts.again(run)}>
          {run.repl ? 'Open again' : 'Run again'}
        </Button>
      ) : null}
    </footer>
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
