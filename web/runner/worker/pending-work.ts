// Knows when a JavaScript program has nothing left to do: it counts its timers, animation frames and awaited input.
// Work of the browser's own that nobody awaits (a digest, a stream) is not seen, and does not keep a program alive.

type Callback = (...values: unknown[]) => void

const realTimeout = self.setTimeout.bind(self)
const realClear = self.clearTimeout.bind(self)
const realInterval = self.setInterval.bind(self)
const realFrame = self.requestAnimationFrame?.bind(self)
const realCancel = self.cancelAnimationFrame?.bind(self)

export class PendingWork {
  readonly #timers = new Set<number>()
  readonly #frames = new Set<number>()
  #awaited = 0
  #whenIdle: (() => void) | null = null
  readonly #fail: (error: unknown) => void

  /** `fail` is called with what a timer's callback threw. */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail
  }

  /** Puts counting timers in place of the global ones. */
  install(): void {
    const scope = self as unknown as Record<string, unknown>
    scope['setTimeout'] = (callback: Callback, ms = 0, ...values: unknown[]) => {
      const id = realTimeout(() => {
        this.#call(callback, values)
        this.#done(this.#timers, id)
      }, ms)
      this.#timers.add(id)
      return id
    }
    scope['setInterval'] = (callback: Callback, ms = 0, ...values: unknown[]) => {
      const id = realInterval(() => this.#call(callback, values), ms)
      this.#timers.add(id)
      return id
    }
    scope['clearTimeout'] = scope['clearInterval'] = (id: number) => {
      realClear(id)
      this.#done(this.#timers, id)
    }
    if (realFrame === undefined) return
    scope['requestAnimationFrame'] = (callback: Callback) => {
      const id = realFrame((at) => {
        this.#call(callback, [at])
        this.#done(this.#frames, id)
      })
      this.#frames.add(id)
      return id
    }
    scope['cancelAnimationFrame'] = (id: number) => {
      realCancel(id)
      this.#done(this.#frames, id)
    }
  }

  /** Counts `promise` until it is settled. */
  async awaiting<T>(promise: Promise<T>): Promise<T> {
    this.#awaited++
    try {
      return await promise
    } finally {
      this.#awaited--
      this.#look()
    }
  }

  /** Settles when nothing is pending, after a turn in which nothing new came up. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve
      this.#look()
    })
  }

  #call(callback: Callback, values: unknown[]): void {
    try {
      callback(...values)
    } catch (error) {
      this.#fail(error)
    }
  }

  #done(kind: Set<number>, id: number): void {
    if (kind.delete(id)) this.#look()
  }

  #busy(): boolean {
    return this.#timers.size + this.#frames.size + this.#awaited > 0
  }

  #look(): void {
    if (this.#whenIdle === null || this.#busy()) return
    realTimeout(() => {
      if (!this.#busy()) this.#whenIdle?.()
    })
  }
}
