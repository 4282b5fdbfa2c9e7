// The room's chat as this page knows it: what was said, what was sent and not yet echoed, and how much is unread. The
// chat panel draws it; it is made with the room, so that nothing is missed while the panel is closed.
//
//   sending --echo with its ref--> said      sending --error with its ref, or the line broke--> failed --again--> sending
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { ChatMessage, ClientEvent, Member, ServerEvent } from '../../protocol/events'

export interface Outgoing {
  ref: string
  text: string
  at: number
  /** Why it was not sent; null while it is under way. */
  problem: string | null
}

/** What the chat needs of a room. */
export interface ChatLine {
  readonly me: ReadonlySignal<Member | null>
  on(listener: (event: ServerEvent) => void): () => void
  send(event: ClientEvent): boolean
}

const lost = 'Not sent: the connection broke.'

export class ChatLog {
  readonly messages: ReadonlySignal<ChatMessage[]>
  readonly outgoing: ReadonlySignal<Outgoing[]>
  readonly unread: ReadonlySignal<number>
  /** The room is left. */
  readonly close: () => void
  readonly draft: Signal<string> = signal('')
  readonly #messages = signal<ChatMessage[]>([])
  readonly #outgoing = signal<Outgoing[]>([])
  readonly #seen = signal(0)
  #first = true
  #epoch: string | null = null
  #refs = 0

  constructor(
    readonly line: ChatLine,
    readonly visible: ReadonlySignal<boolean>,
    readonly now: () => number = Date.now,
  ) {
    this.messages = this.#messages
    this.outgoing = this.#outgoing
    this.unread = computed(() => this.#messages.value.filter((one) => one.id > this.#seen.value && one.member !== line.me.value?.id).length)
    const endSeeing = effect(() => {
      const last = this.#messages.value.at(-1)
      if (visible.value && last !== undefined) this.#seen.value = Math.max(this.#seen.peek(), last.id)
    })
    const endHearing = line.on((event) => this.#hear(event))
    this.close = () => {
      endSeeing()
      endHearing()
    }
  }

  /** False: not connected; the text stays with the caller. */
  say(text: string): boolean {
    const ref = `c${this.now().toString(36)}-${this.#refs++}`
    if (!this.line.send({ type: 'chat', text, ref })) return false
    this.#outgoing.value = [...this.#outgoing.value, { ref, text, at: this.now(), problem: null }]
    return true
  }

  again(ref: string): void {
    const message = this.#outgoing.value.find((one) => one.ref === ref)
    if (message === undefined) return
    const sent = this.line.send({ type: 'chat', text: message.text, ref })
    this.#fail(ref, sent ? null : lost)
  }

  forget(ref: string): void {
    this.#outgoing.value = this.#outgoing.value.filter((one) => one.ref !== ref)
  }

  #fail(ref: string, problem: string | null): void {
    this.#outgoing.value = this.#outgoing.value.map((one) => (one.ref === ref ? { ...one, problem } : one))
  }

  #hear(event: ServerEvent): void {
    if (event.type === 'chat') this.#said(event.message, event.ref)
    else if (event.type === 'error' && event.ref !== null) this.#fail(event.ref, event.message)
    else if (event.type === 'welcome') this.#welcome(event.chat, event.epoch)
  }

  #said(message: ChatMessage, ref: string | null): void {
    if (ref !== null) this.forget(ref)
    if (this.#messages.value.some((one) => one.id === message.id)) return
    this.#messages.value = [...this.#messages.value, message]
  }

  /** The server's list is what was said; what was under way when the line broke may be among it. */
  #welcome(chat: ChatMessage[], epoch: string): void {
    if (this.#epoch !== epoch) this.#messages.value = [] // something was erased, perhaps from what stands here
    this.#epoch = epoch
    const known = new Map(this.#messages.value.map((one) => [one.id, one]))
    const fresh = chat.filter((one) => !known.has(one.id))
    for (const one of chat) known.set(one.id, one)
    this.#messages.value = [...known.values()].sort((a, b) => a.id - b.id)
    if (this.#first) this.#seen.value = this.#messages.value.at(-1)?.id ?? 0 // what was said before one came is not news
    this.#first = false
    const me = this.line.me.value?.id
    const arrived = fresh.filter((one) => one.member === me).map((one) => one.text)
    this.#outgoing.value = this.#outgoing.value
      .filter((one) => one.problem !== null || !arrived.includes(one.text))
      .map((one) => (one.problem === null ? { ...one, problem: lost } : one))
  }
}
