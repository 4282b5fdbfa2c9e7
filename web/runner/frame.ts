// The trusted script of the runner frame (frame.html): starts workers from the assets that the page hands in, and passes on
// what they say, checked and bounded. People's code runs in those workers only, never in this document.
//
//   init -> spare worker boots -> ready
//   run  -> the spare becomes the active worker, a new spare boots -> output, input ... -> exit
//
// Invariant: a worker runs one program at most and is terminated at its end.
// Invariant: only the active worker is heard.

import type { DownMessage, Program, WorkerAssets, WorkerDown, WorkerUp } from '../src/run/messages'
import { CappedOutput } from './capped-output'
import { meetThePage, type Up } from './handshake'

const STOPPED = 137 // as a shell says of a killed program
const SPARE_AFTER_MS = 300 // a short program is done by then, and the spare does not slow its start

class BootedWorker {
  readonly ready: Promise<void>
  readonly #worker: Worker
  hear: (message: WorkerUp) => void = () => {}
  broke: (message: string) => void = () => {}

  constructor(script: Blob, assets: WorkerAssets) {
    const url = URL.createObjectURL(script)
    this.#worker = new Worker(url)
    this.ready = new Promise((resolve, reject) => {
      this.#worker.onerror = (event) => {
        reject(new Error(event.message))
        this.broke(event.message)
      }
      this.#worker.onmessage = ({ data }: MessageEvent<WorkerUp | null>) => {
        if (typeof data !== 'object' || data === null) return
        if (data.t === 'ready') {
          URL.revokeObjectURL(url)
          resolve()
        } else if (data.t === 'fatal') reject(new Error(String(data.message)))
        else this.hear(data)
      }
    })
    this.ready.catch(() => {}) // whoever takes this worker asks again
    this.post({ t: 'boot', assets })
  }

  post(message: WorkerDown): void {
    this.#worker.postMessage(message)
  }

  end(): void {
    this.hear = this.broke = () => {}
    this.#worker.terminate()
  }
}

class RunnerDesk {
  readonly #up: Up
  #script = new Blob()
  #assets: WorkerAssets = {}
  #outputBytes = 0
  #spare: BootedWorker | null = null
  #active: { worker: BootedWorker; output: CappedOutput } | null = null

  constructor(up: Up) {
    this.#up = up
  }

  take(message: DownMessage): void {
    if (message.t === 'init') void this.#init(message)
    else if (message.t === 'run') void this.#run(message.program)
    else if (message.t === 'stdin') this.#active?.worker.post({ t: 'stdin', line: message.line })
    else if (message.t === 'stop') this.#end(STOPPED)
    else if (message.t === 'ping') this.#up({ t: 'pong' })
  }

  async #init(message: DownMessage & { t: 'init' }): Promise<void> {
    this.#outputBytes = message.outputBytes
    try {
      for (const [name, bytes] of Object.entries(message.assets)) {
        if (name === message.worker) this.#script = new Blob([bytes], { type: 'text/javascript' })
        else this.#assets[name] = name.endsWith('.wasm') ? await WebAssembly.compile(bytes) : new Blob([bytes])
      }
      this.#spare = new BootedWorker(this.#script, this.#assets)
      await this.#spare.ready
      this.#up({ t: 'ready' })
    } catch (error) {
      this.#up({ t: 'failed', message: String(error) })
    }
  }

  async #run(program: Program): Promise<void> {
    if (this.#active !== null) this.#end(STOPPED)
    const worker = this.#spare ?? new BootedWorker(this.#script, this.#assets)
    this.#spare = null
    const output = new CappedOutput(this.#outputBytes, (chunks) => this.#up({ t: 'output', chunks }))
    const run = { worker, output }
    this.#active = run
    try {
      await worker.ready
    } catch (error) {
      if (this.#active === run) this.#fail(worker, error)
      return
    }
    if (this.#active !== run) return // stopped while it booted
    worker.hear = (message) => this.#hear(message, output)
    worker.broke = (message) => {
      output.write('stderr', `${message}\n`)
      this.#end(1)
    }
    this.#up({ t: 'running' })
    worker.post({ t: 'run', program })
    setTimeout(() => this.#refill(), SPARE_AFTER_MS)
  }

  #hear(message: WorkerUp, output: CappedOutput): void {
    if (message.t === 'output') {
      const stream = message.stream === 'stderr' ? 'stderr' : 'stdout'
      if (!output.write(stream, String(message.text))) this.#end(STOPPED, true)
    } else if (message.t === 'input') {
      output.flush()
      this.#up({ t: 'input' })
    } else if (message.t === 'exit') this.#end(message.code | 0)
  }

  #fail(worker: BootedWorker, error: unknown): void {
    worker.end()
    this.#active = null
    this.#up({ t: 'failed', message: String(error) })
  }

  #end(code: number | null, cut = false): void {
    if (this.#active === null) return
    this.#active.output.flush()
    this.#active.worker.end()
    this.#active = null
    this.#up({ t: 'exit', code, cut })
    this.#refill()
  }

  #refill(): void {
    this.#spare ??= new BootedWorker(this.#script, this.#assets)
  }
}

meetThePage((up) => {
  const desk = new RunnerDesk(up)
  return (message) => desk.take(message)
})
