// One runtime in one hidden frame: loads it, runs programs in it one after the other, stops them whatever they do.
// RunLog owns it. It knows nothing of the room.
//
//   loading -> ready <-> running ; any -> closed (and RunLog makes a new one)
// Invariant: `ended` is said exactly once for each `start`.

import { loadAssets } from './asset-store'
import { FrameLink } from './frame-link'
import type { Chunk, Program, UpMessage } from './messages'
import type { RuntimeParts } from './runtimes'

const STOP_MS = 500 // a frame that has not answered by then is removed
const SILENT_BEATS = 8 // a machine under load may leave a frame without an answer for some seconds
const SLOW_MS = 300

export interface RunEnding {
  code: number | null
  /** The output went past its limit. */
  cut: boolean
  /** The runtime itself failed, with a sentence for people. */
  failure: string | null
}

export interface RunListener {
  stage(text: string | null, progress: number | null): void
  running(): void
  output(chunks: Chunk[]): void
  input(): void
  ended(ending: RunEnding): void
}

/** What runs a program; RunLog is given a maker of these, so that its tests need no frame. */
export interface ProgramRunner {
  readonly closed: boolean
  start(program: Program, listener: RunListener): void
  stdin(line: string | null): void
  stop(): void
  close(): void
}

export interface RunnerOptions {
  runtime: RuntimeParts
  root: string
  parent: HTMLElement
  outputBytes: number
}

const STOPPED: RunEnding = { code: null, cut: false, failure: null }

export class Runner implements ProgramRunner {
  readonly #options: RunnerOptions
  readonly #link: FrameLink
  #state: 'loading' | 'ready' | 'running' | 'closed' = 'loading'
  #stage: [string, number | null]
  #run: { program: Program; listener: RunListener } | null = null
  #stopTimer: ReturnType<typeof setTimeout> | undefined
  #slowTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#stage = [`Loading ${options.runtime.label}…`, 0]
    this.#link = new FrameLink({
      url: `${options.root}/runner/frame.html`,
      title: `${options.runtime.label} runs here`,
      parent: options.parent,
      hear: (message) => this.#hear(message),
      silent: (beats) => {
        if (beats >= SILENT_BEATS) this.#fail('It stopped answering and was ended. It may have run out of memory.')
      },
      failed: (message) => this.#fail(message),
    })
    void this.#load()
  }

  get closed(): boolean {
    return this.#state === 'closed'
  }

  async #load(): Promise<void> {
    const { root, runtime, outputBytes } = this.#options
    try {
      const names = [runtime.worker, ...runtime.assets]
      const assets = await loadAssets(root, names, (share) => this.#say(`Loading ${runtime.label}… ${Math.floor(share * 100)} %`, share))
      this.#say(`Starting ${runtime.label}…`, null)
      this.#link.post({ t: 'init', assets, worker: runtime.worker, outputBytes }, Object.values(assets))
    } catch (error) {
      this.#fail(`${runtime.label} could not be loaded. ${error instanceof Error ? error.message : ''} Check the connection and run it again.`)
    }
  }

  #say(text: string, progress: number | null): void {
    this.#stage = [text, progress]
    if (this.#state === 'loading') this.#run?.listener.stage(text, progress)
  }

  start(program: Program, listener: RunListener): void {
    if (this.#run !== null) throw new Error('A program is running already.')
    this.#run = { program, listener }
    if (this.#state === 'ready') this.#begin()
    else listener.stage(...this.#stage)
  }

  #begin(): void {
    if (this.#run === null) return
    const { program, listener } = this.#run
    this.#state = 'running'
    this.#link.watch(true)
    this.#link.post({ t: 'run', program })
    // The spare worker may still be booting, after several runs in a row.
    this.#slowTimer = setTimeout(() => listener.stage(`Starting ${this.#options.runtime.label}…`, null), SLOW_MS)
  }

  stdin(line: string | null): void {
    this.#link.post({ t: 'stdin', line })
  }

  stop(): void {
    if (this.#state !== 'running') {
      this.#end(STOPPED)
      return
    }
    this.#link.post({ t: 'stop' })
    this.#stopTimer ??= setTimeout(() => {
      this.close()
      this.#end(STOPPED)
    }, STOP_MS)
  }

  close(): void {
    this.#state = 'closed'
    this.#link.close()
  }

  #hear(message: UpMessage): void {
    if (message.t === 'ready') {
      this.#state = 'ready'
      if (this.#run !== null) this.#begin()
    } else if (message.t === 'failed') this.#fail(`${this.#options.runtime.label} could not be started. ${message.message}`)
    else if (message.t === 'running') {
      clearTimeout(this.#slowTimer)
      this.#run?.listener.running()
    } else if (message.t === 'output') this.#run?.listener.output(message.chunks)
    else if (message.t === 'input') this.#run?.listener.input()
    else if (message.t === 'exit') {
      if (this.#state === 'running') this.#state = 'ready'
      this.#end({ code: message.code, cut: message.cut, failure: null })
    }
  }

  #fail(failure: string): void {
    this.close()
    this.#end({ code: null, cut: false, failure })
  }

  #end(ending: RunEnding): void {
    clearTimeout(this.#slowTimer)
    clearTimeout(this.#stopTimer)
    this.#stopTimer = undefined
    this.#link.watch(false)
    const run = this.#run
    this.#run = null
    run?.listener.ended(ending)
  }
}
