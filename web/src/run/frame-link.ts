// The page's end of one sandboxed frame: makes it, shakes hands, posts and hears messages, notices when it falls silent.
// Knows nothing of what is run. A frame's words are claims: callers check what matters to them.
//
//   opened -> (hello) -> linked -> closed
// Invariant: after the handshake the page listens to the port alone, and after `close` to nothing.

import type { DownMessage, UpMessage } from './messages'

const HELLO_MS = 15_000
const BEAT_MS = 1_000

export interface FrameOptions {
  url: string
  title: string
  parent: HTMLElement
  hear(message: UpMessage): void
  /** Called each second while `watch` is on: for how many beats there was no answer; 0: it answers. */
  silent(beats: number): void
  /** The frame did not come up; the link is closed already. */
  failed(message: string): void
}

export class FrameLink {
  readonly element: HTMLIFrameElement
  readonly #options: FrameOptions
  #port: MessagePort | null = null
  #waiting: { message: DownMessage; transfer: ArrayBuffer[] }[] = []
  #helloTimer: ReturnType<typeof setTimeout>
  #beatTimer: ReturnType<typeof setInterval> | undefined
  #unanswered = 0
  #closed = false

  constructor(options: FrameOptions) {
    this.#options = options
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.setAttribute('allow', '')
    frame.referrerPolicy = 'no-referrer'
    frame.title = options.title
    frame.src = options.url
    this.element = frame
    this.#helloTimer = setTimeout(() => {
      this.close()
      options.failed('The runner did not start. Check the connection and run it again.')
    }, HELLO_MS)
    addEventListener('message', this.#greet)
    options.parent.append(frame)
  }

  readonly #greet = (event: MessageEvent): void => {
    if (event.source !== this.element.contentWindow || event.origin !== 'null' || event.data !== 'hello') return
    this.#stopGreeting()
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.onmessage = ({ data }: MessageEvent<UpMessage>) => {
      this.#unanswered = 0
      if (data.t === 'pong') this.#options.silent(0)
      else this.#options.hear(data)
    }
    // An opaque origin cannot be named; the source was checked, and a frame of ours cannot navigate.
    this.element.contentWindow?.postMessage('port', '*', [port2])
    for (const { message, transfer } of this.#waiting.splice(0)) port1.postMessage(message, transfer)
  }

  #stopGreeting(): void {
    clearTimeout(this.#helloTimer)
    removeEventListener('message', this.#greet)
  }

  post(message: DownMessage, transfer: ArrayBuffer[] = []): void {
    if (this.#closed) return
    if (this.#port === null) this.#waiting.push({ message, transfer })
    else this.#port.postMessage(message, transfer)
  }

  /** Beats are counted one by one, not by the clock: a laptop that slept must not look like a frame that hangs. */
  watch(on: boolean): void {
    clearInterval(this.#beatTimer)
    this.#unanswered = 0
    if (!on || this.#closed) return
    this.post({ t: 'ping' })
    this.#beatTimer = setInterval(() => {
      this.#unanswered++
      if (this.#unanswered > 1) this.#options.silent(this.#unanswered - 1)
      this.post({ t: 'ping' })
    }, BEAT_MS)
  }

  /** Removes the frame, and with it whatever runs in there. */
  close(): void {
    this.#closed = true
    this.#stopGreeting()
    clearInterval(this.#beatTimer)
    this.#port?.close()
    this.element.remove()
  }
}
