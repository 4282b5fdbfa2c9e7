// How long a page waits before it comes back, so that many which lost the same server do not all return in one moment:
// "full jitter", anywhere between at once and a bound that doubles with each failure
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

const FIRST_MS = 300
const LONGEST_MS = 10_000
/** A server that stops sends everybody away in the same moment, so the first pause is bounded as after so many failures. */
const RESTART_FAILURES = 3

export class BackOff {
  #failures = 0

  /** A connection is lost. `steady`: it had lived for a while, and the pauses start anew; `restart`: the server stops. */
  lost(steady: boolean, restart: boolean): void {
    this.#failures = steady ? 0 : this.#failures + 1
    if (restart) this.#failures = Math.max(this.#failures, RESTART_FAILURES)
  }

  pauseMs(): number {
    return Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures)
  }
}
