// All runs of the room, as events tell them, and the running of one's own, in this browser. The panels call it.
// It must not touch the document, nor know what a panel looks like.
//
//   own run:  staged (loading) -> running <-> waiting for input -> ended
// Invariant: one own run at a time, wherever it runs; starting another stops it. Prompts are not counted.
// Invariant: an own run is shown at once and to its end, connected or not; the others hear of it at its start.

import { computed, type ReadonlySignal, signal } from '@preact/signals-core'
import type { Run, RunAsk, ServerEvent, TerminalSize } from '../protocol/events'
import type { LanguageInfo, Runtime } from '../protocol/languages'
import { OwnRun } from './own-run'
import { Preview } from './preview'
import type { RoomLink } from './room-link'
import { afterEnd, afterServerEvent, afterWelcome, isGoing, isRefusedHere, newRun, type Refusal, type RunView, viewOf, withOutput, withRefusal } from './run-view'
import { type ProgramRunner, Runner, type RunnerOptions } from './runner'
import { RUNTIMES } from './runtimes'

export type { RunView } from './run-view'

const KEPT_RUNS = 50
const OUTPUT_BYTES = 1_048_576 // until the welcome says otherwise
const RUN_SECONDS = 30

export interface RunLogOptions {
  sync: RoomLink
  root: string
  /** Where the hidden runner frames live. */
  frames: HTMLElement
  makeRunner?: (options: RunnerOptions) => ProgramRunner
}

export interface RunRequest {
  language: LanguageInfo
  fileName: string
  text: string
  /** All the input, where this browser cannot wait inside a run (`inputAhead`). */
  stdin?: string
}

/** What the server is asked to run; it takes the text from the room's document. */
export interface ServerRequest {
  language: LanguageInfo
  fileName: string
  /** It is typed into, in a terminal of that size. */
  terminal: TerminalSize | null
  /** The language's prompt, with no file. */
  repl: boolean
}

export class RunLog {
  readonly #options: Required<RunLogOptions>
  readonly #runs = signal<RunView[]>([])
  readonly #hidden = new Set<string>()
  /** Ids under which own runs were told anew after a reconnect. */
  readonly #otherIds = new Set<string>()
  #epoch: string | null = null
  readonly #askedHere = new Set<string>()
  readonly #leave: () => void
  #runner: { name: Runtime; runner: ProgramRunner } | null = null
  #own: OwnRun | null = null
  #next: RunRequest | null = null

  readonly runs: ReadonlySignal<RunView[]> = this.#runs
  /** The own run that goes on, here or on the server; a prompt is none. */
  readonly active: ReadonlySignal<RunView | null>
  /** Whether Python's input must be asked for beforehand, since this browser cannot suspend a running program. */
  readonly inputAhead: ReadonlySignal<boolean> = signal(!('Suspending' in WebAssembly))

  constructor(options: RunLogOptions) {
    this.#options = { makeRunner: (made) => new Runner(made), ...options }
    this.active = computed(() => this.#runs.value.findLast((view) => isGoing(view.run) && (view.mine || this.#isOwnProgram(view.run))) ?? null)
    this.#leave = options.sync.on((event) => this.#hear(event))
  }

  /** Ends everything: the room's page is left. */
  close(): void {
    this.#leave()
    this.#next = null
    this.#own?.stop()
    this.#runner?.runner.close()
    this.#runner = null
  }

  // ---- one's own runs ----------------------------------------------------------------------------------------------

  /** Runs a program; one that still runs is stopped first. */
  start(request: RunRequest): void {
    this.#stopOnServer()
    if (this.#own === null) {
      this.#begin(request)
    } else {
      this.#next = request
      this.#own.stop()
    }
  }

  // ---- on the server -----------------------------------------------------------------------------------------------

  /** Asks the server to run the room's file; false: not connected, and nothing is done. It is shown at once, as waiting. */
  startOnServer({ language, fileName, terminal, repl }: ServerRequest): boolean {
    const me = this.#options.sync.me.value
    const run = newRun({ member: me?.id ?? '', name: me?.name ?? '', language: language.id, file: repl ? '' : fileName, where: 'server', status: 'queued', terminal, repl })
    const ask: RunAsk = { type: 'run.ask', run: run.id, terminal, repl, ...(repl ? { language: language.id } : {}) }
    if (!repl) {
      this.#next = null
      this.#own?.stop()
      this.#stopOnServer()
    }
    if (!this.#options.sync.send(ask)) return false
    this.#askedHere.add(run.id)
    this.#show([...this.#runs.value.filter((view) => !isRefusedHere(view)), viewOf(run)])
    return true
  }

  /** Whether this very page asked for it: its terminal takes the focus. */
  wasAskedHere(runId: string): boolean {
    return this.#askedHere.has(runId)
  }

  #isOwnProgram(run: Run): boolean {
    return run.where === 'server' && !run.repl && run.member === this.#options.sync.me.value?.id
  }

  #stopOnServer(): void {
    for (const { run } of this.#runs.value) if (isGoing(run) && this.#isOwnProgram(run)) this.stop(run.id)
  }

  /** What was typed into a run's terminal. */
  type(runId: string, text: string): void {
    this.#options.sync.send({ type: 'run.input', run: runId, text })
  }

  resize(runId: string, size: TerminalSize): void {
    this.#options.sync.send({ type: 'run.resize', run: runId, ...size })
  }

  // ---- in this browser ---------------------------------------------------------------------------------------------

  #over(): void {
    const next = this.#next
    this.#own = this.#next = null
    if (next !== null) this.#begin(next)
  }

  #begin({ language, fileName, text, stdin }: RunRequest): void {
    if (language.runtime === null) throw new RangeError(`${language.name} cannot be run in the browser.`)
    const { sync } = this.#options
    const me = sync.me.value
    const page = language.runtime === 'html' ? text : null
    const run = newRun({ member: me?.id ?? '', name: me?.name ?? '', language: language.id, file: fileName, where: 'browser', status: 'running', page })
    this.#put(viewOf(run, true))
    const own = new OwnRun({
      run,
      sync,
      runSeconds: sync.limits.value?.run_seconds ?? RUN_SECONDS,
      change: (how) => this.#change(run.id, how),
      over: () => this.#over(),
      stuck: () => this.#dropIdleRunner(),
    })
    this.#own = own
    if (language.runtime === 'html') {
      own.waitForPlace()
    } else {
      const program = { files: { [fileName]: text }, entry: fileName, stdin: this.#stdinOf(language.runtime, stdin) }
      own.startProgram(this.#runnerFor(language.runtime), program)
    }
  }

  #stdinOf(runtime: Runtime, stdin: string | undefined): string | null {
    return stdin ?? (runtime === 'python' && this.inputAhead.value ? '' : null)
  }

  /** One runtime is kept loaded: the one used last. */
  #runnerFor(name: Exclude<Runtime, 'html'>): ProgramRunner {
    const kept = this.#runner
    if (kept !== null && kept.name === name && !kept.runner.closed) return kept.runner
    kept?.runner.close()
    const { root, frames, makeRunner } = this.#options
    const runner = makeRunner({ runtime: RUNTIMES[name], root, parent: frames, outputBytes: this.#outputBytes() })
    this.#runner = { name, runner }
    return runner
  }

  /** A browser may keep all sandboxed frames in one process, and a page that loops in there holds up the others. */
  #dropIdleRunner(): void {
    if (this.#own?.usesRunner === true) return
    this.#runner?.runner.close()
    this.#runner = null
  }

  #outputBytes(): number {
    return this.#options.sync.limits.value?.output_bytes ?? OUTPUT_BYTES
  }

  /** Stops an own run at once; asks the page that runs somebody else's to stop it. */
  stop(runId: string): void {
    if (this.#own?.id === runId) this.#own.stop()
    else this.#options.sync.send({ type: 'run.stop', run: runId })
  }

  /** A line for the own run; `null`: the end of input. */
  input(line: string | null): void {
    this.#own?.input(line)
  }

  /** Lets the own run have the room's `run_seconds` once more, from now; may be said again each time it asks. */
  goOn(): void {
    this.#own?.goOn()
  }

  /** Empties the panel for oneself; what still runs stays. */
  clear(): void {
    for (const { run } of this.#runs.value) if (!isGoing(run)) this.#hidden.add(run.id)
    this.#show(this.#runs.value)
  }

  /**
   * Shows a run's page in a frame inside `parent`; gives back what removes it. The own running page runs there, and its
   * console is the run's output; it starts when it is given a place. Any other is shown alone, and writes nothing.
   * `stuck` is called when a shown page had to be removed because it never answered.
   */
  preview(runId: string, parent: HTMLElement, stuck?: () => void): () => void {
    const root = this.#options.root
    const outputBytes = this.#outputBytes()
    if (this.#own?.id === runId) return this.#own.showPage({ root, parent, outputBytes })
    const page = this.#runs.value.find(({ run }) => run.id === runId)?.run.page
    if (page == null) return () => {}
    const limit = this.#options.sync.limits.value?.run_seconds ?? RUN_SECONDS
    const preview = new Preview({
      root,
      parent,
      page,
      outputBytes,
      running: () => {},
      output: () => {},
      ended: (ending) => {
        if (!ending.stuck) return
        this.#dropIdleRunner()
        stuck?.()
      },
      silent: (seconds) => {
        if (seconds >= limit) preview.stop()
      },
    })
    return () => preview.close()
  }

  // ---- the room's runs ---------------------------------------------------------------------------------------------

  #hear(event: ServerEvent): void {
    if (event.type === 'welcome') this.#welcome(event.runs, event.epoch)
    else if (event.type === 'run.started') this.#started(event.run)
    else if (event.type === 'run.output') this.#changeOther(event.run, (view) => withOutput(view, [[event.stream, event.text]]))
    else if (event.type === 'run.ended') this.#change(event.run, (view) => afterEnd(view, event, this.#options.sync.limits.value))
    else if (event.type === 'run.queued' || event.type === 'run.stage' || event.type === 'run.picture' || event.type === 'run.resized')
      this.#changeOther(event.run, (view) => afterServerEvent(view, event))
    else if (event.type === 'run.stop') this.#asked(event.run, event.by)
    else if (event.type === 'error' && event.ref !== null) this.#refused(event.ref, event)
  }

  #welcome(runs: Run[], epoch: string): void {
    const erased = this.#epoch !== null && this.#epoch !== epoch
    this.#epoch = epoch
    this.#show(afterWelcome(this.#runs.value, runs, erased ? new Set() : this.#otherIds, erased))
    if (erased) this.#own?.refused() // what it printed so far may be what was erased
    else this.#own?.reconnected()
    if (this.#own !== null) this.#otherIds.add(this.#own.toldAs)
  }

  #started(run: Run): void {
    if (this.#otherIds.has(run.id)) return
    if (!this.#runs.value.some((view) => view.run.id === run.id)) this.#put(viewOf(run))
    else if (run.where === 'server') this.#change(run.id, () => viewOf(run))
    else this.#change(run.id, (view) => ({ ...view, run: { ...view.run, at: run.at } })) // the room's clock, for the order
  }

  #asked(runId: string, by: string | null): void {
    if (this.#own?.toldAs !== runId) return
    this.#own.stop(this.#options.sync.members.value.find(({ id }) => id === by) ?? null)
  }

  #refused(runId: string, refusal: Refusal): void {
    if (this.#own?.toldAs === runId) this.#own.refused()
    else this.#changeOther(runId, (view) => withRefusal(view, refusal))
  }

  #put(view: RunView): void {
    this.#show([...this.#runs.value, view])
  }

  #show(views: RunView[]): void {
    this.#runs.value = views.filter(({ run }) => !this.#hidden.has(run.id)).slice(-KEPT_RUNS)
  }

  #change(runId: string, how: (view: RunView) => RunView): void {
    this.#runs.value = this.#runs.value.map((view) => (view.run.id === runId ? how(view) : view))
  }

  readonly #changeOther = (runId: string, how: (view: RunView) => RunView): void => this.#change(runId, (view) => (view.mine ? view : how(view)))
}
