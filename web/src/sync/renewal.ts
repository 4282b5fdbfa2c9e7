// Keeps this page's place in the room from running out: the server lengthens it whenever it is asked about the room, so
// it is asked now and then. RoomSync owns one; how to ask is given to it.

import { steadyMs } from './steady-clock'

const EVERY_MS = 3_600_000
/** A page that comes back asks if it has not for so long: a device that slept kept no hours. */
const ON_RETURN_AFTER_MS = 600_000

/** Whether the server still knows this page's member. Rejects when nobody could say. */
export type Renew = () => Promise<boolean>

export class Renewal {
  readonly #renew: Renew
  #askedAt = steadyMs() // entering the room asked
  #timer: ReturnType<typeof setInterval> | null = null
  /** It was asked since the last welcome, and the server refused all the same. */
  #inVain = false

  constructor(renew: Renew) {
    this.#renew = renew
  }

  welcomed(): void {
    this.#inVain = false
    this.#timer ??= setInterval(() => void this.#ask(), EVERY_MS)
    if (steadyMs() - this.#askedAt >= ON_RETURN_AFTER_MS) void this.#ask()
  }

  lost(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** The server does not take this page's place as valid; whether to come back and see once more. */
  async mayComeBack(): Promise<boolean> {
    if (this.#inVain) return false
    const known = await this.#ask()
    this.#inVain = known !== null
    return known ?? true
  }

  /** Null: nobody could say, so it is asked again on the next return. */
  async #ask(): Promise<boolean | null> {
    const before = this.#askedAt
    this.#askedAt = steadyMs()
    try {
      return await this.#renew()
    } catch (error) {
      this.#askedAt = before
      console.warn('The place in this room could not be renewed; it is tried again.', error)
      return null
    }
  }
}
