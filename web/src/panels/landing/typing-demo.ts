// The landing page's editor: the real CodeMirror, typed into by two scripted people. Fetched after the first paint. It
// lives in a shadow root, where CodeMirror adopts its style sheets and the page's policy needs no exception.
import { EditorState, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, lineNumbers, WidgetType } from '@codemirror/view'
import { type ReadonlySignal, signal } from '@preact/signals'
import { appearance } from '../../editor/appearance'
import { loadMode } from '../../editor/modes'
import { finishedText, placeOf, type Step, steps } from './script'

export interface TypingDemo {
  readonly state: ReadonlySignal<'playing' | 'paused' | 'done'>
  pause(): void
  play(): void
  again(): void
  end(): void
}

type Who = Step['who']

const colors: Record<Who, string> = { Ada: '#0f766e', Lin: '#a21caf' }
const letterMs = 42

class Caret extends WidgetType {
  constructor(
    readonly who: Who,
    readonly typing: boolean,
  ) {
    super()
  }

  override eq(other: Caret): boolean {
    return other.who === this.who && other.typing === this.typing
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement('span')
    caret.className = this.typing ? 'demo-caret typing' : 'demo-caret'
    caret.style.borderColor = colors[this.who]
    const flag = document.createElement('span')
    flag.className = 'demo-flag'
    flag.style.backgroundColor = colors[this.who]
    flag.textContent = this.who
    caret.append(flag)
    return caret
  }
}

const setCaret = StateEffect.define<{ who: Who; at: number }>()

interface Carets {
  at: Partial<Record<Who, number>>
  typing: Who | null
  shown: DecorationSet
}

const carets = StateField.define<Carets>({
  create: () => ({ at: {}, typing: null, shown: Decoration.none }),
  update(value, transaction) {
    if (!transaction.docChanged && transaction.effects.length === 0) return value
    const at = { ...value.at }
    for (const who of Object.keys(at) as Who[]) at[who] = transaction.changes.mapPos(at[who] ?? 0, -1)
    let { typing } = value
    for (const effect of transaction.effects) {
      if (!effect.is(setCaret)) continue
      at[effect.value.who] = effect.value.at
      typing = effect.value.who
    }
    const marks = (Object.entries(at) as [Who, number][]).map(([who, where]) =>
      Decoration.widget({ widget: new Caret(who, who === typing), side: 1 }).range(where),
    )
    return { at, typing, shown: Decoration.set(marks, true) }
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.shown),
})

const look = EditorView.theme({
  '.cm-scroller': { overflow: 'hidden', paddingTop: '12px' },
  '.demo-caret': { position: 'relative', borderLeft: '2px solid', marginLeft: '-1px', marginRight: '-1px' },
  '.demo-flag': {
    position: 'absolute',
    top: '-16px',
    left: '-2px',
    padding: '0 5px',
    borderRadius: '4px 4px 4px 0',
    color: '#fff',
    font: '600 11px/16px var(--font-ui)',
    opacity: '0',
    transition: 'opacity 140ms',
  },
  '.typing .demo-flag': { opacity: '1' },
  '@media (max-width: 599px)': { '&': { fontSize: '12px' } },
})

export async function startTyping(place: HTMLElement, { still }: { still: boolean }): Promise<TypingDemo> {
  const python = await loadMode('Python')
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' })
  const host = document.createElement('div')
  host.style.height = '100%'
  host.style.setProperty('--code-size', '14px')
  host.style.setProperty('--code-ligatures', 'none')
  root.replaceChildren(host)
  const view = new EditorView({
    parent: host,
    root,
    state: EditorState.create({
      doc: still ? finishedText : '',
      extensions: [look, python, lineNumbers(), appearance, carets, EditorView.editable.of(false)],
    }),
  })
  const state = signal<'playing' | 'paused' | 'done'>(still ? 'done' : 'playing')
  let at = { step: 0, letter: 0, place: 0 }
  let timer: ReturnType<typeof setTimeout> | undefined

  const wait = (ms: number) => {
    timer = setTimeout(letter, ms)
  }
  const letter = () => {
    const step = steps[at.step]
    if (step === undefined) {
      state.value = 'done'
      return
    }
    if (at.letter === 0) at.place = placeOf(step, view.state.doc.toString())
    const rest = step.text.slice(at.letter)
    const typed = /^(\n? +|\n|.)/.exec(rest)?.[0] ?? rest // an editor indents by itself
    const from = at.place
    at = { ...at, letter: at.letter + typed.length, place: from + typed.length }
    view.dispatch({ changes: { from, insert: typed }, effects: setCaret.of({ who: step.who, at: at.place }) })
    if (at.letter < step.text.length) return wait(letterMs + (at.letter % 5) * 9)
    at = { step: at.step + 1, letter: 0, place: 0 }
    wait(steps[at.step]?.pause ?? 0)
  }

  if (!still) wait(steps[0]?.pause ?? 0)
  return {
    state,
    pause() {
      clearTimeout(timer)
      state.value = 'paused'
    },
    play() {
      state.value = 'playing'
      letter()
    },
    again() {
      at = { step: 0, letter: 0, place: 0 }
      view.dispatch({ changes: { from: 0, to: view.state.doc.length } })
      state.value = 'playing'
      wait(200)
    },
    end() {
      clearTimeout(timer)
      view.destroy()
    },
  }
}
