// Everything one open room consists of on this page, made when it is entered and closed when it is left. The room page
// makes it, the registry hands each panel what it needs of it.
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { getLanguages, type LanguageInfo, rememberedLanguages } from '../../api/languages'
import { type KnownRoom, knownRoom, rememberRoom } from '../../api/person'
import { renewPlace } from '../../api/rooms'
import { root } from '../../api/root'
import type { CodeEditor } from '../../editor/code-editor'
import { RunLog } from '../../run/run-log'
import { fileText } from '../../sync/files'
import { RoomSync } from '../../sync/room-sync'
import { narrow } from '../../ui/media'
import { toast } from '../../ui/toasts'
import { Layout } from './layout'
import { placeWaitingText } from './waiting-text'

export type DialogName = 'share' | 'settings' | 'shortcuts' | 'end'

export class OpenRoom {
  readonly sync: RoomSync
  readonly runs: RunLog
  readonly layout: Layout
  readonly languages: Signal<LanguageInfo[]> = signal(rememberedLanguages())
  readonly language: ReadonlySignal<LanguageInfo | null>
  readonly fileName: ReadonlySignal<string>
  readonly editor: Signal<CodeEditor | null> = signal(null)
  readonly dialog: Signal<DialogName | null> = signal(null)
  /** The member whose place the editor follows. */
  readonly following: Signal<string | null> = signal(null)
  readonly editorFocused: Signal<boolean> = signal(false)
  /** What a program gets as input where this browser cannot ask while it runs. */
  readonly inputAhead: Signal<string> = signal('')
  /** Null until it is known. */
  readonly title: ReadonlySignal<string | null>
  readonly mayEdit: ReadonlySignal<boolean>
  readonly isEmpty: ReadonlySignal<boolean>
  /** What this browser remembers of the room: what stands until the server has spoken. */
  readonly #known: KnownRoom | null
  readonly #frames: HTMLElement
  readonly #ends: (() => void)[] = []

  constructor(readonly id: string) {
    this.#known = knownRoom(id)
    this.sync = new RoomSync({ roomId: id, root: root(), renew: () => renewPlace(id) })
    this.#frames = document.createElement('div')
    this.#frames.className = 'run-frames'
    this.#frames.inert = true // nobody tabs into the hidden frames of programs
    document.body.append(this.#frames)
    this.runs = new RunLog({ sync: this.sync, root: root(), frames: this.#frames })
    this.layout = new Layout(narrow)
    this.language = computed(() => this.languages.value.find((one) => one.id === this.sync.language.value) ?? null)
    this.fileName = computed(() => fileNameFor(this.language.value))
    this.title = computed(() => this.sync.room.value?.title ?? this.#known?.title ?? null)
    this.mayEdit = computed(() => (this.sync.me.value?.role ?? this.#known?.role) !== 'viewer')
    this.isEmpty = this.#watchEmpty()
    this.#ends.push(
      placeWaitingText(this),
      effect(() => {
        const { value: room } = this.sync.room
        const { value: me } = this.sync.me
        if (room !== null && me !== null) rememberRoom(id, { title: room.title, role: me.role })
      }),
    )
    void this.#loadLanguages()
  }

  /** Runs what stands in the editor, or says why it cannot. */
  run(): void {
    const language = this.language.value
    if (!this.mayEdit.value) return toast('You are viewing: an editor or host can run the code.')
    if (language === null || language.runtime === null) return toast(`${language?.name ?? 'This language'} cannot be run here yet.`)
    const stdin = this.runs.inputAhead.value && language.runtime === 'python' ? { stdin: this.inputAhead.value } : {}
    this.runs.start({ language, fileName: this.fileName.value, text: this.text(), ...stdin })
    this.layout.show('output')
  }

  stop(): void {
    const active = this.runs.active.value
    if (active !== null) this.runs.stop(active.run.id)
  }

  text(): string {
    return fileText(this.sync.doc, 'main').toString()
  }

  chooseLanguage(language: LanguageInfo): void {
    this.sync.setLanguage(language.id, fileNameFor(language))
  }

  /** What else must end when the room is left. */
  onClose(end: () => void): void {
    this.#ends.push(end)
  }

  close(): void {
    for (const end of this.#ends) end()
    this.runs.close()
    this.sync.close()
    this.#frames.remove()
  }

  /** Whether there is no text; follows the document that the room has at the time. */
  #watchEmpty(): ReadonlySignal<boolean> {
    const empty = signal(true)
    this.#ends.push(
      effect(() => {
        void this.sync.generation.value
        const text = fileText(this.sync.doc, 'main')
        const look = () => (empty.value = text.length === 0)
        look()
        text.observe(look)
        return () => text.unobserve(look)
      }),
    )
    return empty
  }

  async #loadLanguages(): Promise<void> {
    try {
      this.languages.value = await getLanguages()
    } catch {
      // Never loaded in this browser, and offline: asked again when the connection is back.
      this.#ends.push(this.#whenConnected(() => void this.#loadLanguages()))
    }
  }

  /** Once, at the next change to connected. */
  #whenConnected(act: () => void): () => void {
    let first = true
    const end = this.sync.connection.subscribe((connection) => {
      if (!first && connection === 'connected') {
        queueMicrotask(() => end())
        act()
      }
      first = false
    })
    return end
  }
}

export function fileNameFor(language: LanguageInfo | null): string {
  if (language === null || language.extension === '') return 'main'
  return `main.${language.extension}`
}
