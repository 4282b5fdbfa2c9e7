// The output of all runs of the room, oldest first, like a terminal that everybody shares.
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { LanguageInfo } from '../../api/languages'
import type { Member } from '../../protocol/events'
import type { RunLog, RunView } from '../../run/run-log'
import { isGoing } from '../../run/run-view'
import { IconButton } from '../../ui/button'
import { announce } from '../../ui/toasts'
import { InputAhead } from './input-ahead'
import { type RunActs, RunCard } from './run-card'
import { announcementOf, doingWords } from './run-words'
import './output.css'

export interface OutputPanelProps {
  runs: RunLog
  me: ReadonlySignal<Member | null>
  members: ReadonlySignal<readonly Member[]>
  languages: ReadonlySignal<readonly LanguageInfo[]>
  language: ReadonlySignal<LanguageInfo | null>
  inputAhead: Signal<string>
  mayRun: ReadonlySignal<boolean>
  acts: RunActs
  /** Programs of the language run in the browser, unless one chooses otherwise. */
  runsHere: ReadonlySignal<boolean>
  visible: ReadonlySignal<boolean>
  /** What is shown while nothing ran yet. */
  Empty: () => JSX.Element
}

/** Somebody who was not seen while this page was open. */
const goneColor = '#57534e'

export function OutputPanel({ runs, me, members, languages, language, inputAhead, mayRun, acts, runsHere, visible, Empty }: OutputPanelProps) {
  const views = runs.runs.value
  const list = useRef<HTMLDivElement>(null)
  const inner = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const shown = visible.value

  const newest = views.at(-1)
  const ownNewest = newest !== undefined && (newest.mine || newest.run.member === me.value?.id) ? newest.run.id : null
  useLayoutEffect(() => {
    if (ownNewest !== null) atEnd.current = true // what one has just started is to be seen
  }, [ownNewest])
  useLayoutEffect(() => {
    const { current } = list
    if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight
  }, [views, shown])
  useEffect(() => {
    if (inner.current === null) return
    const observer = new ResizeObserver(() => {
      const { current } = list // terminals and pictures take their place later than the card
      if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight
    })
    observer.observe(inner.current)
    return () => observer.disconnect()
  }, [])
  useTellEnds(runs, me.value?.id ?? '')

  const scrolled = () => {
    const { current } = list
    if (current !== null && shown) atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 24
  }
  const colors = useRef(new Map<string, string>())
  for (const one of members.value) colors.current.set(one.id, one.color)
  const colorOf = (id: string) => colors.current.get(id) ?? goneColor
  const asksAhead = runs.inputAhead.value && runsHere.value && language.value?.runtime === 'python'
  return (
    <div class="output">
      <div ref={list} class="output-list" onScroll={scrolled} tabIndex={0} role="region" aria-label="Output of the runs">
        <div ref={inner}>
          {views.length === 0 ? <Empty /> : null}
          {views.map((view) => (
            <RunCard
              key={view.run.id}
              view={view}
              runs={runs}
              me={me}
              language={languages.value.find((one) => one.id === view.run.language) ?? null}
              mayRun={mayRun.value}
              acts={acts}
              colorOf={colorOf}
            />
          ))}
        </div>
      </div>
      {asksAhead ? <InputAhead input={inputAhead} /> : null}
      {views.length === 0 ? null : (
        <div class="output-clear">
          <IconButton icon="eraser" label="Clear the output for me" side="end" onClick={() => runs.clear()} />
        </div>
      )}
    </div>
  )
}

function beginningOf(view: RunView, own: boolean): string {
  const { who, does } = doingWords(view, own)
  return `${who} ${does} ${view.run.repl ? view.run.language : view.run.file}.`
}

/** Says politely how each run ended, once. */
function useTellEnds(runs: RunLog, me: string): void {
  const known = useRef(new Map<string, boolean>())
  const views = runs.runs.value
  useEffect(() => {
    for (const view of views) {
      const before = known.current.get(view.run.id)
      const going = isGoing(view.run)
      known.current.set(view.run.id, going)
      if (before === true && !going) announce(announcementOf(view))
      else if (before === undefined && going) announce(beginningOf(view, view.mine || view.run.member === me))
    }
  }, [views])
}
