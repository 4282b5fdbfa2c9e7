// Everything one open room consists of on this page, made when it is entered and closed when it is left. The room page
// makes it, the registry hands each panel what it needs of it.
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type LanguageInfo, rememberedLanguages } from '../../api/languages'
import { type KnownRoom, knownRoom, rememberRoom } from '../../api/person'
import { renewPlace } from '../../api/rooms'
import { root } from '../../api/root'
import type { CodeEditor } from '../../editor/code-editor'
import { RunLog } from '../../run/run-log'
import { fileText } from '../../sync/files'
import { RoomSync } from '../../sync/room-sync'
import { narrow } from '../../ui/media'
import { AdminWords } from './admin-words'
import { LanguageList } from './language-list'
import { Layout } from './layout'
import { Running } from './running'
import { placeWaitingText } from './waiting-text'

export type DialogName = 'share' | 'settings' | 'shortcuts' | 'erase' | 'own-data' | 'end' | 'doors'

export class OpenRoom {
  readonly sync: RoomSync
  readonly adminWords: AdminWords
  readonly runs: RunLog
  readonly running: Running
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
  readonly mayRun: ReadonlySignal<boolean>
  readonly isEmpty: ReadonlySignal<boolean>
  /** What this browser remembers of the room: what stands until the server has spoken. */
  readonly #known: KnownRoom | null
  readonly #frames: HTMLElement
  readonly #languageList: LanguageList
  readonly #ends: (() => void)[] = []

  constructor(readonly id: string) {
    this.#known = knownRoom(id)
    this.sync = new RoomSync({ roomId: id, root: root(), renew: () => renewPlace(id) })
    this.adminWords = new AdminWords(this.sync)
    this.#frames = document.createElement('div')
    this.#frames.className = 'run-frames'
    this.#frames.inert = true // nobody tabs into the hidden frames of programs
    document.body.append(this.#frames)
    this.runs = new RunLog({ sync: this.sync, root: root(), frames: this.#frames })
    this.layout = new Layout(narrow)
    this.language = computed(() => this.languages.value.find((one) => one.id === this.sync.language.value) ?? null)
    this.fileName = computed(() => fileNameFor(this.language.value))
    this.title = computed(() => this.sync.room.value?.title ?? this.#known?.title ?? null)
    const role = computed(() => this.sync.me.value?.role ?? this.#known?.role)
    this.mayEdit = computed(() => role.value === 'host' || (role.value !== 'viewer' && this.sync.room.value?.read_only !== true))
    this.mayRun = computed(() => {
      const runners = this.sync.room.value?.run_role ?? 'editor'
      return role.value !== 'viewer' && (runners === 'editor' || (runners === 'host' && role.value === 'host'))
    })
    this.isEmpty = this.#watchEmpty()
    const { sync, runs, language, fileName, mayRun, inputAhead } = this
    this.running = new Running({ id, sync, runs, language, fileName, mayRun, inputAhead, text: () => this.text(), showOutput: () => this.layout.show('output') })
    this.#languageList = new LanguageList(this.sync, this.languages, this.language)
    this.#ends.push(
      placeWaitingText(this),
      effect(() => {
        const { value: room } = this.sync.room
        const { value: me } = this.sync.me
        if (room !== null && me !== null) rememberRoom(id, { title: room.title, role: me.role })
      }),
    )
  }

  run(): void {
    this.running.run()
  }

  stop(): void {
    const active = this.runs.active.value
    if (active !== null) this.runs.stop(active.run.id)
  }

  text(): string {
    return fileText(this.sync.doc, 'main').toString()
  }

  /** What runs where may have changed since they were asked for. */
  lookForLanguages(): void {
    this.#languageList.look()
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
    this.#languageList.close()
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
}

export function fileNameFor(language: LanguageInfo | null): string {
  if (language === null || language.extension === '') return 'main'
  return `main.${language.extension}`
}
