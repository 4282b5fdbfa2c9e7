// A person's HTML page in a preview frame. RunLog opens one for its own run, and one for any run that somebody wants to see.
// The page may loop for ever: then only removing the frame helps, and `close` does that.

import { FrameLink } from './frame-link'
import type { Chunk } from './messages'

const STOP_MS = 500

export interface PreviewOptions {
  root: string
  parent: HTMLElement
  page: string
  outputBytes: number
  running(): void
  output(chunks: Chunk[]): void
  /** For how many seconds the page has not answered; 0: it does. */
  silent(seconds: number): void
  /** It ended: by `stop`, by too much output (`cut`), or because the frame did not come up (`failure`). */
  ended(ending: PreviewEnding): void
}

export interface PreviewEnding {
  cut: boolean
  failure: string | null
  /** It did not answer `stop`: its process is stuck, and so may be other frames that the browser put into it. */
  stuck: boolean
}

export class Preview {
  readonly #options: PreviewOptions
  readonly #link: FrameLink
  #stopTimer: ReturnType<typeof setTimeout> | undefined
  #over = false

  constructor(options: PreviewOptions) {
    this.#options = options
    this.#link = new FrameLink({
      url: `${options.root}/runner/preview.html`,
      title: 'Preview of the page',
      parent: options.parent,
      hear: (message) => {
        if (message.t === 'running') options.running()
        else if (message.t === 'output') options.output(message.chunks)
        else if (message.t === 'exit') this.#end({ cut: message.cut, failure: null, stuck: false })
      },
      silent: (beats) => options.silent(beats),
      failed: (failure) => this.#end({ cut: false, failure, stuck: false }),
    })
    this.#link.post({ t: 'init', assets: {}, worker: '', outputBytes: options.outputBytes })
    this.#link.post({ t: 'run', program: { files: { page: options.page }, entry: 'page', stdin: null } })
    this.#link.watch(true)
  }

  stop(): void {
    this.#link.post({ t: 'stop' })
    this.#stopTimer ??= setTimeout(() => this.#end({ cut: false, failure: null, stuck: true }), STOP_MS)
  }

  /** Removes it without a word. */
  close(): void {
    this.#over = true
    clearTimeout(this.#stopTimer)
    this.#link.close()
  }

  #end(ending: PreviewEnding): void {
    if (this.#over) return
    this.close()
    this.#options.ended(ending)
  }
}
