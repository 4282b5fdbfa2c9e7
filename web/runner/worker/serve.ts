// A worker's side of the protocol, the same for every runtime: boots it, gives it input, sends what it writes.
// A runtime's file calls `serve` once. The program shares this global scope and may break it: it only harms itself,
// since the frame checks all that comes up.

import type { OutputStream } from '../../src/protocol/events'
import type { Program, WorkerAssets, WorkerDown, WorkerUp } from '../../src/run/messages'

export interface RunIo {
  out(text: string): void
  err(text: string): void
  /** The next line of input without its newline, asked of the person if none waits; `null` at the end of input. */
  line(): Promise<string | null>
  /** The next line if it can be had without waiting, `null` at the end of input, `undefined` if one would have to wait. */
  lineNow(): string | null | undefined
}

export interface Runtime {
  boot(assets: WorkerAssets): Promise<void>
  /** Runs the program to its end; gives back its exit code. */
  run(program: Program, io: RunIo): Promise<number>
}

const post: (message: WorkerUp) => void = self.postMessage.bind(self)
const now = performance.now.bind(performance)
const later = self.setTimeout.bind(self)

/**
 * Sends writes one by one, so that what a program wrote before an endless loop is seen; but a program that writes without
 * end would bury the frame in messages, so past a burst they are gathered (and up to `GATHERED` characters of a burst's
 * tail are lost if an endless loop follows at once).
 */
class PacedOutput {
  static readonly BURST = 2000
  static readonly PER_MS = 4
  static readonly GATHERED = 2048
  #credit = PacedOutput.BURST
  #at = now()
  #stream: OutputStream = 'stdout'
  #text = ''
  #waiting = false

  write(stream: OutputStream, text: string): void {
    if (text === '') return
    if (stream !== this.#stream) this.flush()
    this.#stream = stream
    this.#text += text
    const at = now()
    this.#credit = Math.min(PacedOutput.BURST, this.#credit + (at - this.#at) * PacedOutput.PER_MS)
    this.#at = at
    if (this.#credit >= 1 || this.#text.length >= PacedOutput.GATHERED) {
      this.flush()
    } else if (!this.#waiting) {
      this.#waiting = true
      later(() => {
        this.#waiting = false
        this.flush()
      }, 16)
    }
  }

  flush(): void {
    if (this.#text === '') return
    this.#credit--
    post({ t: 'output', stream: this.#stream, text: this.#text })
    this.#text = ''
  }
}

class Input {
  #lines: string[] = []
  #ended = false
  #waiting: ((line: string | null) => void)[] = []

  give(line: string | null): void {
    if (line === null) {
      this.#ended = true
      for (const resolve of this.#waiting.splice(0)) resolve(null)
    } else {
      const resolve = this.#waiting.shift()
      if (resolve === undefined) this.#lines.push(line)
      else resolve(line)
    }
  }

  /** All the input at once; it ends there. */
  giveAll(text: string): void {
    this.#lines = text.split('\n')
    if (this.#lines.at(-1) === '') this.#lines.pop()
    this.#ended = true
  }

  now(): string | null | undefined {
    return this.#lines.shift() ?? (this.#ended ? null : undefined)
  }

  wait(): Promise<string | null> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      post({ t: 'input' })
    })
  }
}

export function serve(runtime: Runtime): void {
  const input = new Input()
  const output = new PacedOutput()
  const io: RunIo = {
    out: (text) => output.write('stdout', text),
    err: (text) => output.write('stderr', text),
    lineNow: () => input.now(),
    line: async () => {
      output.flush()
      const line = input.now()
      return line === undefined ? input.wait() : line
    },
  }
  const boot = async (assets: WorkerAssets): Promise<void> => {
    try {
      await runtime.boot(assets)
      post({ t: 'ready' })
    } catch (error) {
      post({ t: 'fatal', message: describe(error) })
    }
  }
  const run = async (program: Program): Promise<void> => {
    if (program.stdin !== null) input.giveAll(program.stdin)
    let code = 1
    try {
      code = await runtime.run(program, io)
    } catch (error) {
      io.err(`${describe(error)}\n`)
    }
    output.flush()
    post({ t: 'exit', code })
  }
  self.addEventListener('message', ({ data }: MessageEvent<WorkerDown>) => {
    if (data.t === 'boot') void boot(data.assets)
    else if (data.t === 'run') void run(data.program)
    else input.give(data.line)
  })
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? String(error)) : String(error))
