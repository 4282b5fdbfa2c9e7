// Measures how long a program has run, waiting for input left out; says when to ask whether it should go on, and when it is
// over. Used by RunLog for one run.
//
// `goOn` gives another `limitSeconds` each time it is called, and the question comes again as long before the new end.

const ASK_SECONDS = 10

export class RunClock {
  readonly #limitMs: number
  readonly #askBeforeMs: number
  readonly #onAsk: () => void
  readonly #onLimit: () => void
  #endMs: number
  #spentMs = 0
  #since: number | null = null
  #asked = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(limitSeconds: number, onAsk: () => void, onLimit: () => void) {
    this.#limitMs = limitSeconds * 1000
    this.#endMs = this.#limitMs
    this.#askBeforeMs = this.#limitMs - Math.min(ASK_SECONDS * 1000, this.#limitMs / 2)
    this.#onAsk = onAsk
    this.#onLimit = onLimit
  }

  get spentMs(): number {
    return this.#spentMs + (this.#since === null ? 0 : performance.now() - this.#since)
  }

  /** Starts it, or lets it go on after `pause`. */
  run(): void {
    this.#since ??= performance.now()
    this.#look()
  }

  pause(): void {
    this.#spentMs = this.spentMs
    this.#since = null
    clearTimeout(this.#timer)
  }

  goOn(): void {
    this.#endMs = this.spentMs + this.#limitMs
    this.#asked = false
    if (this.#since !== null) this.#look()
  }

  // A timer may come late or a little early, so each one looks at the time itself.
  readonly #look = (): void => {
    clearTimeout(this.#timer)
    const leftMs = this.#endMs - this.spentMs
    if (leftMs <= 0) {
      this.pause()
      this.#onLimit()
      return
    }
    if (!this.#asked && leftMs <= this.#askBeforeMs) {
      this.#asked = true
      this.#onAsk()
    }
    this.#timer = setTimeout(this.#look, this.#asked ? leftMs : leftMs - this.#askBeforeMs)
  }
}
