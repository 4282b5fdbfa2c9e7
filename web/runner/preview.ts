// The trusted script of the preview frame (preview.html). The person's page lives in a frame within this one; this document's
// `frame-src 'none'` keeps it from leaving, and its policy is inherited. Passes on what the page writes to its console.

import type { DownMessage } from '../src/run/messages'
import { CappedOutput } from './capped-output'
import { meetThePage, type Up } from './handshake'
import { tap } from './preview-tap'

const STOPPED = 137

class PreviewDesk {
  readonly #up: Up
  #outputBytes = 0
  #output: CappedOutput | null = null
  #inner: HTMLIFrameElement | null = null

  constructor(up: Up) {
    this.#up = up
    addEventListener('message', (event: MessageEvent<unknown>) => {
      if (this.#inner !== null && event.source === this.#inner.contentWindow) this.#hear(event.data)
    })
  }

  take(message: DownMessage): void {
    if (message.t === 'init') {
      this.#outputBytes = message.outputBytes
      this.#up({ t: 'ready' })
    } else if (message.t === 'run') this.#show(message.program.files[message.program.entry] ?? '')
    else if (message.t === 'stop') this.#end(false)
    else if (message.t === 'ping') this.#up({ t: 'pong' })
  }

  #show(page: string): void {
    this.#inner?.remove()
    this.#output = new CappedOutput(this.#outputBytes, (chunks) => this.#up({ t: 'output', chunks }))
    const inner = document.createElement('iframe')
    inner.setAttribute('sandbox', 'allow-scripts')
    inner.title = 'Page'
    // On one line before the page, so that its line numbers stay; a page's own doctype is then ignored, hence ours.
    inner.srcdoc = `<!doctype html><script>(${String(tap)})(${this.#outputBytes})</script>${page}`
    this.#inner = inner
    document.body.append(inner)
    this.#up({ t: 'running' })
  }

  #hear(data: unknown): void {
    const { stream, text } = (data ?? {}) as { stream?: unknown; text?: unknown }
    if (typeof text !== 'string' || (stream !== 'stdout' && stream !== 'stderr')) return
    if (this.#output?.write(stream, text) === false) this.#end(true)
  }

  #end(cut: boolean): void {
    if (this.#inner === null) return
    this.#inner.remove()
    this.#inner = null
    this.#output?.flush()
    this.#output = null
    this.#up({ t: 'exit', code: STOPPED, cut })
  }
}

meetThePage((up) => {
  const desk = new PreviewDesk(up)
  return (message) => desk.take(message)
})
