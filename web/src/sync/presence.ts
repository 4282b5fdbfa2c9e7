// Who is where: sends one's own awareness state, throttled, and takes in the others'. One for each document of a
// RoomSync. It never sends what others said, and it forgets them, clocks included, when the connection is gone.
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import type { Doc } from 'yjs'
import type { Member } from '../protocol/events'
import { steadyMs } from './steady-clock'

/** At most one frame in this time; a caret that moves faster looks no better. */
const EVERY_MS = 50

interface Change {
  added: number[]
  updated: number[]
  removed: number[]
}

export class Presence {
  readonly awareness: Awareness
  readonly #send: (update: Uint8Array) => boolean
  #online = false
  #timer: ReturnType<typeof setTimeout> | null = null
  #sentAt = 0

  constructor(doc: Doc, send: (update: Uint8Array) => boolean) {
    this.awareness = new Awareness(doc)
    this.#send = send
    this.awareness.on('update', ({ added, updated, removed }: Change) => {
      // also when somebody else's message touched our own entry: the clock was raised, and all should know
      if ([...added, ...updated, ...removed].includes(this.awareness.clientID)) this.#soon()
    })
  }

  /** A connection may be used: announce oneself with a higher clock, since peers ignore one that they know. */
  welcome(me: Member): void {
    const user = { id: me.id, name: me.name, color: me.color }
    this.awareness.setLocalState({ ...this.awareness.getLocalState(), user })
    this.#online = true
    this.announce()
  }

  announce(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (!this.#online || !this.awareness.meta.has(this.awareness.clientID)) return
    this.#sentAt = steadyMs()
    this.#send(encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]))
  }

  receive(update: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, update, this)
  }

  /** The connection is gone: nobody is known to be anywhere, and their clocks may start anew. */
  lost(): void {
    this.#online = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const others = [...this.awareness.meta.keys()].filter((id) => id !== this.awareness.clientID)
    removeAwarenessStates(this.awareness, others, this)
    for (const id of others) this.awareness.meta.delete(id)
  }

  /** Leave for good; where still connected, the others are told. */
  leave(): void {
    this.awareness.setLocalState(null)
    this.announce()
    this.#online = false
    this.awareness.destroy()
  }

  #soon(): void {
    if (!this.#online || this.#timer !== null) return
    const wait = this.#sentAt + EVERY_MS - steadyMs()
    if (wait <= 0) this.announce()
    else this.#timer = setTimeout(() => this.announce(), wait)
  }
}
