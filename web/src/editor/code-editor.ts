// The code editor of a room: CodeMirror in an open shadow root, bound to one file's shared text. The room's panel makes
// it and destroys it. It follows the signals it is given; it never scrolls because of what others type.
//
//   bound --sync.generation rises--> bound to the new document --destroy--> gone
import { bracketMatching, foldGutter, indentOnInput, indentUnit } from '@codemirror/language'
import { Compartment, EditorState, type Extension, type StateEffect } from '@codemirror/state'
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  lineNumbers,
  rectangularSelection,
  runScopeHandlers,
  type ViewUpdate,
} from '@codemirror/view'
import { effect, signal, type ReadonlySignal } from '@preact/signals-core'
import { fileText } from '../sync/files'
import type { RoomSync } from '../sync/room-sync'
import { actions } from './actions'
import { appearance, scheme } from './appearance'
import { drawOthers } from './carets'
import { commonKeys, loadKeymap, type KeymapName } from './keymaps'
import { leaving } from './leaving'
import { loadMode } from './modes'
import { others, othersIn } from './others'
import { ownCursor } from './own-cursor'
import { bindText, fromText, SharedText } from './shared-text'
import { sayTooLarge, textLimit } from './text-limit'

export interface EditorSettings {
  /** As it is shown: `system` was resolved. */
  theme: 'light' | 'dark'
  fontSize: number
  tabSize: number
  keymap: KeymapName
  wrap: boolean
  closeBrackets: boolean
  ligatures: boolean
}

export interface EditorOptions {
  parent: HTMLElement
  sync: RoomSync
  fileId: string
  settings: ReadonlySignal<EditorSettings>
  /** The language's name in CodeMirror's language-data. */
  mode: ReadonlySignal<string>
  readOnly: ReadonlySignal<boolean>
  onRun(): void
  onSave(): void
  /** An edit did not happen, since the text would be larger than the room takes. */
  onTooLarge?(limitBytes: number): void
  label: string
}

export interface Position {
  /** From 1, as is `column`. */
  line: number
  column: number
  selected: number
}

/** What may change while the editor stands, in the order in which it counts. */
const slots = ['keys', 'scheme', 'readOnly', 'tab', 'wrap', 'mode', 'comforts'] as const
type Slot = (typeof slots)[number]

/** When the browser has nothing better to do, within a second. */
const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 1_000 })
    else setTimeout(resolve, 200) // Safari
  })

export class CodeEditor {
  readonly position: ReadonlySignal<Position>
  /** Vim's mode, e.g. NORMAL; empty for key maps without modes. */
  readonly mode: ReadonlySignal<string>

  readonly #options: EditorOptions
  readonly #position = signal<Position>({ line: 1, column: 1, selected: 0 })
  readonly #mode = signal('')
  /** Vim's or Emacs' keys are being fetched: until then they would be typed as letters. */
  readonly #waitsForKeys = signal(false)
  readonly #host = document.createElement('div')
  readonly #view: EditorView
  readonly #compartments = new Map<Slot, Compartment>()
  readonly #slots = new Map<Slot, Extension>()
  readonly #loading = new Map<Slot, string>()
  readonly #undo: (() => void)[] = []
  #shared: SharedText
  #waiting: StateEffect<unknown>[] = []
  #destroyed = false

  constructor(options: EditorOptions) {
    this.#options = options
    this.#waitsForKeys.value = options.settings.peek().keymap !== 'standard'
    this.position = this.#position
    this.mode = this.#mode
    this.#host.style.height = '100%'
    options.parent.append(this.#host)
    const root = this.#host.attachShadow({ mode: 'open' })
    this.#follow()
    this.#shared = this.#newShared()
    this.#view = new EditorView({ state: this.#newState(), parent: root, root })
    this.#fetch()
    const generation = options.sync.generation.peek()
    this.#undo.push(effect(() => void (options.sync.generation.value !== generation && this.#bindAnew())))
  }

  focus(): void {
    this.#view.focus()
  }

  /** The text that is selected; empty if none is. */
  get selected(): string {
    const { state } = this.#view
    return state.sliceDoc(state.selection.main.from, state.selection.main.to)
  }

  /** Type this at the selection, brackets closing as they do; the focus stays where it is. */
  insert(text: string): void {
    const { state } = this.#view
    const typed = () => state.update(state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true })
    const { from, to } = state.selection.main
    const taken = state.facet(EditorView.inputHandler).some((handler) => handler(this.#view, from, to, text, typed))
    if (!taken && !state.readOnly) this.#view.dispatch(typed())
  }

  /** As if this key were pressed; the focus stays where it is. */
  press(key: 'Tab' | 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'): void {
    runScopeHandlers(this.#view, new KeyboardEvent('keydown', { key }), 'editor')
  }

  /** Show where a member is, if they are in this file. */
  goTo(memberId: string): void {
    const found = othersIn(this.#view)
    const other = found?.of(memberId)
    if (!found || other?.head == null) return
    this.#view.dispatch({ effects: EditorView.scrollIntoView(other.head, { y: 'center' }) })
    found.showName(other)
  }

  destroy(): void {
    this.#destroyed = true
    this.#undo.forEach((stop) => stop())
    this.#view.destroy()
    this.#shared.history.destroy()
    this.#host.remove()
  }

  #newShared(): SharedText {
    return new SharedText(fileText(this.#options.sync.doc, this.#options.fileId))
  }

  #bindAnew(): void {
    const old = this.#shared
    this.#shared = this.#newShared()
    this.#view.dispatch({ selection: { anchor: 0 } }) // closes completions: where they stand would be looked for in the new text
    this.#view.setState(this.#newState())
    old.history.destroy()
    this.#tellPosition(this.#view.state)
  }

  #newState(): EditorState {
    const { sync, fileId, onRun, onSave } = this.#options
    const mode = (name: string): void => void (this.#mode.value = name)
    return EditorState.create({
      doc: this.#shared.toString(),
      extensions: [
        EditorState.lineSeparator.of('\n'),
        EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
        actions.of({ run: onRun, save: onSave, mode }),
        slots.map((slot) => this.#compartment(slot).of(this.#slots.get(slot) ?? [])),
        bindText(this.#shared),
        others(sync.awareness, fileId),
        drawOthers,
        ownCursor(sync.awareness, fileId),
        this.#basics(),
      ],
    })
  }

  #basics(): Extension {
    const { label, sync, onTooLarge } = this.#options
    const tooLarge = (limitBytes: number): void => {
      sayTooLarge(this.#view)
      onTooLarge?.(limitBytes)
    }
    return [
      lineNumbers(),
      foldGutter(),
      highlightSpecialChars(),
      drawSelection(),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      rectangularSelection(),
      crosshairCursor(),
      indentOnInput(),
      bracketMatching(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      appearance,
      commonKeys,
      leaving(label),
      EditorState.changeFilter.of((transaction) => !transaction.startState.readOnly || transaction.annotation(fromText) === true),
      textLimit(() => sync.limits.peek()?.text_bytes ?? null, tooLarge),
      EditorView.updateListener.of((update: ViewUpdate) => {
        if (update.selectionSet || update.docChanged) this.#tellPosition(update.state)
      }),
    ]
  }

  #tellPosition({ doc, selection }: EditorState): void {
    const line = doc.lineAt(selection.main.head)
    const selected = selection.ranges.reduce((sum, range) => sum + range.to - range.from, 0)
    this.#position.value = { line: line.number, column: selection.main.head - line.from + 1, selected }
  }

  /** Keep these slots as the signals say; called before the view is made, so that it starts that way. */
  #follow(): void {
    const { settings, readOnly } = this.#options
    const { style } = this.#host
    this.#undo.push(
      effect(() => {
        const { theme, fontSize, tabSize, wrap, ligatures } = settings.value
        style.colorScheme = theme
        style.setProperty('--code-size', `${fontSize}px`)
        style.setProperty('--code-ligatures', ligatures ? 'normal' : 'none')
        this.#put('scheme', scheme(theme))
        this.#put('tab', [EditorState.tabSize.of(tabSize), indentUnit.of(' '.repeat(tabSize))])
        this.#put('wrap', wrap ? EditorView.lineWrapping : [])
      }),
      effect(() => {
        const fixed = readOnly.value || this.#waitsForKeys.value
        const attributes = { 'aria-readonly': String(readOnly.value) }
        this.#put('readOnly', [EditorState.readOnly.of(fixed), EditorView.contentAttributes.of(attributes)])
      }),
    )
  }

  /** The same for what has to be fetched; called once the view stands, so that nothing competes with it. */
  #fetch(): void {
    const { settings, mode } = this.#options
    this.#undo.push(
      effect(() => {
        const { keymap } = settings.value
        void this.#load('keys', keymap, () => loadKeymap(keymap)).then(() => (this.#waitsForKeys.value = false))
      }),
      effect(() => {
        const name = mode.value
        void this.#load('mode', name, () => loadMode(name))
      }),
      effect(() => {
        const { closeBrackets } = settings.value
        void this.#load('comforts', String(closeBrackets), async () => {
          await idle()
          return (await import('./comforts')).comforts({ closeBrackets })
        })
      }),
    )
  }

  /** Fetch what fills a slot, unless it is what was asked for last. What it had stays until then, or if that fails. */
  async #load(slot: Slot, wanted: string, fetched: () => Promise<Extension>): Promise<void> {
    if (this.#loading.get(slot) === wanted) return
    this.#loading.set(slot, wanted)
    try {
      const extension = await fetched()
      if (this.#loading.get(slot) === wanted) this.#put(slot, extension)
    } catch (error) {
      this.#loading.delete(slot)
      console.warn(`The editor goes on without its ${slot} "${wanted}", which could not be fetched.`, error)
    }
  }

  #compartment(slot: Slot): Compartment {
    const known = this.#compartments.get(slot) ?? new Compartment()
    this.#compartments.set(slot, known)
    return known
  }

  /** In the next turn, since a signal may change while the view is being updated. */
  #put(slot: Slot, extension: Extension): void {
    this.#slots.set(slot, extension)
    this.#waiting.push(this.#compartment(slot).reconfigure(extension))
    if (this.#waiting.length > 1) return
    queueMicrotask(() => {
      const effects = this.#waiting
      this.#waiting = []
      if (this.#destroyed) return
      this.#view.dispatch({ effects })
      this.#view.requestMeasure()
    })
  }
}
