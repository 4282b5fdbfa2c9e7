// Starting programs from the room's page: where, with what, and the sentence where it cannot be. OpenRoom has one of it.
import { computed, type ReadonlySignal, type Signal } from '@preact/signals'
import type { LanguageInfo } from '../../api/languages'
import { sentence } from '../../api/problem'
import { changeRoom } from '../../api/rooms'
import type { Run, RunWhere, TerminalSize } from '../../protocol/events'
import { readsInput } from '../../run/reads-input'
import type { RunLog } from '../../run/run-log'
import { placesOf, whereRun } from '../../run/where'
import type { RoomSync } from '../../sync/room-sync'
import { toast } from '../../ui/toasts'

/** Until the terminal stands and says what fits. */
const TERMINAL: TerminalSize = { columns: 80, rows: 16 }

export interface RunningOptions {
  id: string
  sync: RoomSync
  runs: RunLog
  language: ReadonlySignal<LanguageInfo | null>
  fileName: ReadonlySignal<string>
  mayRun: ReadonlySignal<boolean>
  inputAhead: Signal<string>
  text(): string
  showOutput(): void
}

export interface Way {
  where?: RunWhere
  /** Typed into while it runs; by default if its text reads input. */
  terminal?: boolean
}

export class Running {
  readonly #room: RunningOptions
  /** Where Run runs it; null: nowhere. */
  readonly where: ReadonlySignal<RunWhere | null>
  readonly places: ReadonlySignal<readonly RunWhere[]>
  /** Why it cannot be run on the server; empty where it can. */
  readonly whyNot: ReadonlySignal<string>
  /** The language has a prompt to type into, on the server. */
  readonly hasPrompt: ReadonlySignal<boolean>
  readonly isHost: ReadonlySignal<boolean>
  /** Runs it in the browser; null: it cannot be. */
  readonly here: ReadonlySignal<(() => void) | null>

  constructor(room: RunningOptions) {
    this.#room = room
    this.places = computed(() => placesOf(room.language.value))
    this.where = computed(() => whereRun(room.language.value, room.sync.room.value?.run_where ?? null))
    this.whyNot = computed(() => (room.language.value?.server == null ? (room.language.value?.why ?? '') : ''))
    this.hasPrompt = computed(() => room.language.value?.server?.repl === true)
    this.isHost = computed(() => room.sync.me.value?.role === 'host')
    this.here = computed(() => (this.places.value.includes('browser') ? () => this.run({ where: 'browser' }) : null))
  }

  /** Runs what stands in the editor, or says why it cannot. */
  run(way: Way = {}): void {
    const { language: known, mayRun } = this.#room
    const language = known.value
    const where = way.where ?? this.where.value
    if (!mayRun.value) return toast('You may not run code here; a host decides who may.')
    if (language === null || where === null) return toast(this.whyNot.value || `${language?.name ?? 'This language'} cannot be run here.`)
    if (where === 'browser') this.#runHere(language)
    else this.#runOnServer(language, way.terminal ?? readsInput(language.id, this.#room.text()))
  }

  #runHere(language: LanguageInfo): void {
    const { runs, inputAhead, fileName, showOutput } = this.#room
    const stdin = runs.inputAhead.value && language.runtime === 'python' ? { stdin: inputAhead.value } : {}
    runs.start({ language, fileName: fileName.value, text: this.#room.text(), ...stdin })
    showOutput()
  }

  #runOnServer(language: LanguageInfo, terminal: boolean): void {
    const { runs, fileName } = this.#room
    this.#asked(runs.startOnServer({ language, fileName: fileName.value, terminal: terminal ? TERMINAL : null, repl: false }))
  }

  openPrompt(): void {
    const { runs, language } = this.#room
    if (language.value !== null) this.#asked(runs.startOnServer({ language: language.value, fileName: '', terminal: TERMINAL, repl: true }))
  }

  #asked(sent: boolean): void {
    if (sent) return this.#room.showOutput()
    const here = this.here.value === null ? '' : ' Your browser can run it meanwhile: see the menu beside Run.'
    toast(`Not connected: the server cannot run it now.${here}`, { bad: true })
  }

  again(run: Run): void {
    if (run.repl) this.openPrompt()
    else if (run.where === 'server') this.run({ where: 'server', terminal: run.terminal !== null })
    else this.run({ where: 'browser' })
  }

  mayRunAgain(run: Run): boolean {
    if (run.language !== this.#room.language.value?.id) return false
    return run.repl ? this.hasPrompt.value : this.places.value.includes(run.where)
  }

  /** The host's choice, for everybody in the room. */
  async keepFor(where: RunWhere): Promise<void> {
    try {
      await changeRoom(this.#room.id, { run_where: where })
    } catch (error) {
      toast(sentence(error), { bad: true })
    }
  }
}
