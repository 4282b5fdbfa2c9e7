// A run's terminal, as everybody in the room sees it: fed with what the run wrote, typed into by whoever may. Its width
// follows the page of the person who started it; the others' letters shrink, or they scroll. Fetched when first shown.
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import type { OutputStream, TerminalSize } from '../../protocol/events'
import type { RunLog, RunView } from '../../run/run-log'
import { isGoing } from '../../run/run-view'
import { TerminalScreen } from '../../run/terminal'
import { shownTheme } from '../../ui/preferences'
import { coarsePointer } from '../../ui/media'
import { Button } from '../../ui/button'
import './terminal.css'

const SETTLE_MS = 150

export interface TerminalViewProps {
  view: RunView
  size: TerminalSize
  runs: RunLog
  own: boolean
  mayType: boolean
  label: string
}

export function TerminalView({ view, size, runs, own, mayType, label }: TerminalViewProps) {
  const { run } = view
  const going = isGoing(run)
  const place = useRef<HTMLDivElement>(null)
  const screen = useRef<TerminalScreen | null>(null)
  const hint = useId()
  const mayNow = useRef(false)
  mayNow.current = going && mayType
  const type = (text: string) => mayNow.current && runs.type(run.id, text)

  useLayoutEffect(() => {
    const { current: parent } = place
    if (parent === null) return
    const made = new TerminalScreen({ parent, label, size, theme: shownTheme.peek(), type })
    parent.querySelector('textarea')?.setAttribute('aria-describedby', hint)
    screen.current = made
    if (runs.wasAskedHere(run.id) && mayNow.current) made.focus()
    return () => {
      screen.current = null
      made.close()
    }
  }, [])
  useEffect(() => shownTheme.subscribe((theme) => void (screen.current === null || (screen.current.theme = theme))), [])
  useLayoutEffect(() => {
    if (screen.current !== null) screen.current.readOnly = !(going && mayType)
  }, [going, mayType])
  useFedWith(screen, view)
  useSize({ screen, place, size, going, own: own && mayType, resize: (to) => runs.resize(run.id, to) })

  return (
    <div class="run-terminal">
      <div ref={place} class="terminal-place" />
      {going ? <TerminalKeys id={hint} mayType={mayType} type={type} focus={() => screen.current?.focus()} /> : null}
    </div>
  )
}

/** Writes what was not written yet; all of it, where it is told anew. */
function useFedWith(screen: { current: TerminalScreen | null }, view: RunView): void {
  const fed = useRef<{ replay: object | null; piece: number; units: number }>({ replay: null, piece: 0, units: 0 })
  const { output } = view.run
  const going = isGoing(view.run)
  useLayoutEffect(() => {
    const { current } = screen
    if (current === null) return
    if (fed.current.replay !== view.replay) {
      if (fed.current.replay !== null) current.reset()
      fed.current = { replay: view.replay, piece: 0, units: 0 }
    }
    for (; fed.current.piece < output.length; fed.current = { ...fed.current, piece: fed.current.piece + 1, units: 0 }) {
      const [, text] = output[fed.current.piece] as [OutputStream, string]
      if (text.length > fed.current.units) current.write(text.slice(fed.current.units))
      fed.current.units = text.length
      if (fed.current.piece === output.length - 1) break
    }
    if (!going) current.write('', () => screen.current?.finish())
  }, [output, view.replay, going])
}

interface Sizing {
  screen: { current: TerminalScreen | null }
  place: { current: HTMLElement | null }
  size: TerminalSize
  going: boolean
  own: boolean
  resize(to: TerminalSize): void
}

/** The starter's page asks for what fits it when its own width changes, and never else: two of her pages would go on and on. */
function useSize({ screen, place, size, going, own, resize }: Sizing): void {
  const now = useRef({ size, going, own })
  now.current = { size, going, own }
  const fitted = useRef(false) // until then the starter's terminal has the size that it was asked with
  useLayoutEffect(() => {
    if (!going) return
    screen.current?.resize(size)
    if (fitted.current || !now.current.own) screen.current?.fitLetters()
  }, [size.columns, size.rows, going])
  useEffect(() => {
    const { current: parent } = place
    if (parent === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const fit = () => {
      const columns = screen.current?.fittingColumns() ?? null
      if (columns === null) return
      const { size: known, going: goes, own: mine } = now.current
      if (goes && mine && columns !== known.columns) resize({ columns, rows: known.rows })
      else screen.current?.fitLetters()
    }
    let width = -1
    const observer = new ResizeObserver(() => {
      if (parent.clientWidth === width || parent.clientWidth === 0) return
      width = parent.clientWidth
      clearTimeout(timer)
      timer = setTimeout(fit, fitted.current ? SETTLE_MS : 0)
      fitted.current = true
    })
    observer.observe(parent)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
    }
  }, [])
}

const CONTROL: readonly [label: string, sends: string, what: string][] = [
  ['Ctrl+C', '\x03', 'Interrupt the program'],
  ['Ctrl+D', '\x04', 'End the input'],
]
const FINGERS: typeof CONTROL = [
  ['Tab', '\t', 'Tab'],
  ['↑', '\x1b[A', 'Up'],
  ['↓', '\x1b[B', 'Down'],
]

function TerminalKeys({ id, mayType, type, focus }: { id: string; mayType: boolean; type(text: string): void; focus(): void }) {
  if (!mayType) {
    return (
      <p id={id} class="meta terminal-keys">
        You see what others type. An editor or host can type here.
      </p>
    )
  }
  const keys = coarsePointer.value ? [...CONTROL, ...FINGERS] : CONTROL
  return (
    <div class="terminal-keys">
      <p id={id} class="meta">
        {coarsePointer.value ? 'Everyone who can write may type here.' : 'Everyone who can write may type here; F6 leaves it.'}
      </p>
      {keys.map(([label, sends, what]) => (
        <Button
          key={label}
          kind="quiet"
          class="terminal-key"
          data-tip={what}
          data-side="top"
          onClick={() => {
            type(sends)
            focus()
          }}
        >
          {label}
          <span class="unseen">: {what}</span>
        </Button>
      ))}
    </div>
  )
}
