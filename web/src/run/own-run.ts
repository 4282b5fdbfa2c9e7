// One run of this page, from the click to its end: the program or page that runs, its clock, and what the room is told.
// RunLog makes one for each start; all that changes for the panel goes through `change`.

import type { FinalStatus, Member, Run } from '../protocol/events'
import type { Chunk, Program } from './messages'
import { Preview } from './preview'
import type { RoomLink } from './room-link'
import { RunClock } from './run-clock'
import { RunSender } from './run-sender'
import { noteOf, type RunView, withEnd, withOutput } from './run-view'
import type { ProgramRunner, RunEnding } from './runner'

const ASK_SECONDS = 10
const PAGE_UNITS = 1_048_576 // a page longer than the room takes is shown here alone

export interface OwnRunOptions {
  run: Run
  sync: RoomLink
  runSeconds: number
  change(how: (view: RunView) => RunView): void
  over(): void
  /** The page had to be removed while it looped. */
  stuck(): void
}

export class OwnRun {
  readonly id: string
  readonly #options: OwnRunOptions
  readonly #clock: RunClock
  #runner: ProgramRunner | null = null
  #preview: Preview | null = null
  readonly #sender: RunSender
  #written: Chunk[] = []
  #startedAt: number | null = null
  #waiting = 0
  #silentLimit: number
  #stopped: { status: 'stopped' | 'timeout'; by: Member | null } | null = null
  #ended = false

  constructor(options: OwnRunOptions) {
    this.id = options.run.id
    this.#options = options
    this.#silentLimit = options.runSeconds
    this.#clock = new RunClock(
      options.runSeconds,
      () => this.#options.change((view) => ({ ...view, asksToGoOn: true })),
      () => this.#stop('timeout', null),
    )
    const { run, sync } = options
    const page = run.page !== null && run.page.length <= PAGE_UNITS ? { page: run.page } : {}
    this.#sender = new RunSender((event) => sync.me.value?.role !== 'viewer' && sync.send(event), {
      type: 'run.start',
      run: run.id,
      language: run.language,
      file: run.file,
      ...page,
    })
    this.#markLocal()
  }

  startProgram(runner: ProgramRunner, program: Program): void {
    this.#runner = runner
    runner.start(program, {
      stage: (stage, progress) => this.#options.change((view) => ({ ...view, stage, progress })),
      running: () => {
        this.#begin()
        this.#clock.run()
      },
      output: (chunks) => this.#output(chunks),
      input: () => this.#wait(1),
      ended: (ending) => this.#end(ending),
    })
  }

  /** A page runs where it is seen: until the panel gives it a place, it waits. */
  waitForPlace(): void {
    this.#options.change((view) => ({ ...view, stage: 'Open the output to see the page', progress: null }))
  }

  /**
   * Runs the page in `parent`; gives back what removes it. A page has no time limit, only one for not answering: somebody
   * may be using it. So its run goes on for the others too, who need not know its end (what they see is their own copy);
   * it ends by Stop, by the next Run, by too much output, and as lost when the page that runs it is left.
   */
  showPage(place: { root: string; parent: HTMLElement; outputBytes: number }): () => void {
    this.#preview?.close()
    const preview = new Preview({
      ...place,
      page: this.#options.run.page ?? '',
      running: () => this.#begin(),
      output: (chunks) => this.#output(chunks),
      silent: (seconds) => this.#silent(seconds),
      ended: ({ cut, failure, stuck }) => {
        if (stuck) this.#options.stuck()
        this.#end({ code: null, cut, failure })
      },
    })
    this.#preview = preview
    return () => {
      preview.close()
      if (this.#preview !== preview || this.#ended) return
      this.#preview = null
      this.waitForPlace()
    }
  }

  #begin(): void {
    this.#startedAt ??= performance.now()
    this.#options.change((view) => ({ ...view, began: true, stage: null, progress: null }))
  }

  #markLocal(): void {
    const local = !this.#sender.told
    this.#options.change((view) => ({ ...view, local }))
  }

  #output(chunks: Chunk[]): void {
    this.#written.push(...chunks)
    this.#options.change((view) => withOutput(view, chunks))
    this.#sender.output(chunks)
  }

  #wait(more: number): void {
    this.#waiting = Math.max(0, this.#waiting + more)
    if (this.#waiting > 0) this.#clock.pause()
    else this.#clock.run()
    this.#options.change((view) => ({ ...view, waitingForInput: this.#waiting > 0 }))
  }

  /** What is typed shows in the output, as a terminal shows it. */
  input(line: string | null): void {
    if (this.#runner === null || this.#startedAt === null) return
    if (this.#waiting > 0) this.#wait(line === null ? -this.#waiting : -1)
    if (line !== null) this.#output([['stdout', `${line}\n`]])
    this.#runner.stdin(line)
  }

  goOn(): void {
    this.#silentLimit += this.#options.runSeconds
    if (this.#runner !== null) this.#clock.goOn()
    this.#options.change((view) => ({ ...view, asksToGoOn: false }))
  }

  #silent(seconds: number): void {
    if (seconds === 0) this.#silentLimit = this.#options.runSeconds
    if (seconds >= this.#silentLimit) this.#stop('timeout', null)
    else if (seconds === 0 || seconds === this.#silentLimit - this.#options.runSeconds + ASK_SECONDS) {
      this.#options.change((view) => (view.asksToGoOn === seconds > 0 ? view : { ...view, asksToGoOn: seconds > 0 }))
    }
  }

  stop(by: Member | null = null): void {
    this.#stop('stopped', by)
  }

  #stop(status: 'stopped' | 'timeout', by: Member | null): void {
    if (this.#ended || this.#stopped !== null) return
    this.#stopped = { status, by }
    if (this.#runner !== null) this.#runner.stop()
    else if (this.#preview !== null) this.#preview.stop()
    else this.#end({ code: null, cut: false, failure: null })
  }

  get usesRunner(): boolean {
    return this.#runner !== null
  }

  /** The id that the room knows it by; another than `id` after a new connection. */
  get toldAs(): string {
    return this.#sender.id
  }

  reconnected(): void {
    this.#sender.reconnected(this.#written)
    this.#markLocal()
  }

  refused(): void {
    this.#sender.refused()
    this.#markLocal()
  }

  #end({ code, cut, failure }: RunEnding): void {
    if (this.#ended) return
    this.#ended = true
    this.#clock.pause()
    const { sync } = this.#options
    const status = this.#statusOf(code, cut, failure)
    if (failure !== null && this.#stopped === null) this.#output([['stderr', `${failure}\n`]])
    const shown = status === 'ok' || status === 'error' ? code : null
    const ms = this.#startedAt === null ? 0 : Math.round(performance.now() - this.#startedAt)
    const note = noteOf(status, sync.limits.value, this.#stopped?.by ?? null)
    this.#options.change((view) => withEnd(view, { status, code: shown, ms, truncated: cut, note }))
    this.#sender.end({ status, code: shown, ms })
    this.#options.over()
  }

  #statusOf(code: number | null, cut: boolean, failure: string | null): FinalStatus {
    if (cut) return 'output_limit'
    if (this.#stopped !== null) return this.#stopped.status
    return failure === null && code === 0 ? 'ok' : 'error'
  }
}
