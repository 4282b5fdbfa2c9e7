import { signal } from '@preact/signals'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChatMessage, ClientEvent, Member, ServerEvent } from '../../protocol/events'
import { ChatLog } from './chat-log'

const ada: Member = { id: 'ada', name: 'Ada', color: '#0f766e', role: 'host' }

/** The room's line as the chat sees it: what was sent, and a way to be heard from. */
class Line {
  readonly me = signal<Member | null>(ada)
  readonly sent: Extract<ClientEvent, { type: 'chat' }>[] = []
  connected = true
  #hear: (event: ServerEvent) => void = () => undefined

  on(listener: (event: ServerEvent) => void): () => void {
    this.#hear = listener
    return () => undefined
  }

  send(event: ClientEvent): boolean {
    if (this.connected && event.type === 'chat') this.sent.push(event)
    return this.connected
  }

  say(event: ServerEvent): void {
    this.#hear(event)
  }

  welcome(chat: ChatMessage[], epoch = '1'): void {
    this.say({ type: 'welcome', chat, epoch } as unknown as ServerEvent)
  }
}

const message = (id: number, member: string, text: string): ChatMessage => ({ id, member, name: member, color: '#0f766e', text, at: id })

let line: Line
let visible = signal(true)
let chat: ChatLog

beforeEach(() => {
  line = new Line()
  visible = signal(true)
  chat = new ChatLog(line, visible)
})

describe('a message', () => {
  it('is pending until the server says it', () => {
    line.welcome([])
    expect(chat.say('Hello')).toBe(true)
    expect(chat.outgoing.value).toMatchObject([{ text: 'Hello', problem: null }])
    line.say({ type: 'chat', message: message(1, 'ada', 'Hello'), ref: line.sent[0]?.ref ?? null })
    expect(chat.outgoing.value).toEqual([])
    expect(chat.messages.value).toMatchObject([{ text: 'Hello' }])
  })

  it('is forgotten where something was erased from the room, and comes as the server has it', () => {
    line.welcome([message(1, 'lin', 'old secret'), message(2, 'lin', 'secret')])
    line.welcome([message(2, 'lin', '[erased]')], '1.erased')
    expect(chat.messages.value.map(({ text }) => text)).toEqual(['[erased]'])
  })

  it('stays with the writer when there is no connection', () => {
    line.connected = false
    expect(chat.say('Hello')).toBe(false)
    expect(chat.outgoing.value).toEqual([])
  })

  it('that was refused says why, and can be sent again', () => {
    chat.say('Hello')
    const ref = line.sent[0]?.ref ?? ''
    line.say({ type: 'error', code: 'limit_exceeded', message: 'Too many messages. Wait 20 s.', sync: null, ref, retry_after: 20 })
    expect(chat.outgoing.value).toMatchObject([{ problem: 'Too many messages. Wait 20 s.' }])
    chat.again(ref)
    expect(chat.outgoing.value).toMatchObject([{ problem: null }])
    expect(line.sent.map((one) => one.ref)).toEqual([ref, ref])
  })

  it('that was under way when the line broke is found among what was said, or marked as lost', () => {
    line.welcome([])
    chat.say('Arrived')
    chat.say('Lost')
    line.welcome([message(1, 'ada', 'Arrived')])
    expect(chat.outgoing.value).toMatchObject([{ text: 'Lost', problem: expect.stringContaining('Not sent') }])
  })

  it('is shown once, however often it is told', () => {
    line.say({ type: 'chat', message: message(1, 'lin', 'Hi'), ref: null })
    line.welcome([message(1, 'lin', 'Hi')])
    expect(chat.messages.value).toHaveLength(1)
  })
})

describe('the unread mark', () => {
  it('counts what others said while the chat was closed', () => {
    visible.value = false
    line.welcome([message(1, 'lin', 'before I came')])
    expect(chat.unread.value).toBe(0)
    line.say({ type: 'chat', message: message(2, 'lin', 'Hi'), ref: null })
    line.say({ type: 'chat', message: message(3, 'ada', 'mine'), ref: null })
    expect(chat.unread.value).toBe(1)
    visible.value = true
    expect(chat.unread.value).toBe(0)
  })
})
