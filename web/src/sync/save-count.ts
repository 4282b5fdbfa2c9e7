// Counts one connection's sync messages against the server's `saved`, to know when "Saved" is true. Pure.
//
//   opened --step 2 sent--> counting --saved(count >= all sent)--> caught up --sent--> counting ...
//
// Invariant: caught up only after this connection's own step 2 was counted, since that alone tells the server what
// the page held before; state vectors do not show deletions.

export class SaveCount {
  #sent = 0
  #saved = 0
  #greeted = false
  #before = 0

  /** A step 2 was sent; it carries everything that the document holds. */
  sentStep2(): void {
    this.#sent += 1
    this.#greeted = true
  }

  sentUpdate(): void {
    this.#sent += 1
  }

  /** The server said that the first `count` messages are durable. A smaller number than before changes nothing. */
  saved(count: number): void {
    this.#saved = Math.max(this.#saved, Math.min(count, this.#sent))
  }

  /** The document was dropped for the server's: messages sent so far belong to the old one. */
  documentReplaced(): void {
    this.#before = this.#sent
  }

  /** Whether the message of this number (from 1) told of the document that is held now. */
  isOfThisDocument(number: number): boolean {
    return number > this.#before
  }

  /** Whether updates may be sent: before the step 2 they might build on what the server does not have. */
  get greeted(): boolean {
    return this.#greeted
  }

  get caughtUp(): boolean {
    return this.#greeted && this.#saved === this.#sent
  }
}
