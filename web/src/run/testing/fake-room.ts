// A room for tests of running: remembers what it was sent, and says what a test wants it to say.

import { signal } from '@preact/signals-core'
import type { ClientEvent, Limits, Member, Run, ServerEvent } from '../../protocol/events'
import type { RoomLink } from '../room-link'
import { IN_BROWSER } from '../run-view'

export const ada: Member = { id: 'ada', name: 'Ada', color: '#2f5fd0', role: 'editor' }
export const lin: Member = { id: 'lin', name: 'Lin', color: '#b0552f', role: 'editor' }

const openDoors = { password: false, lobby: false, locked: false, read_only: false, run_role: 'editor', expires_at: null } as const

export class FakeRoom implements RoomLink {
  readonly me = signal<Member | null>(ada)
  readonly members = signal<Member[]>([ada, lin])
  readonly limits = signal<Limits | null>({ chat_characters: 2000, text_bytes: 1e6, message_bytes: 8e6, output_bytes: 1_048_576, run_seconds: 30 })
  readonly sent: ClientEvent[] = []
  connected = true
  readonly #listeners = new Set<(event: ServerEvent) => void>()

  on(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  send(event: ClientEvent): boolean {
    if (this.connected) this.sent.push(event)
    return this.connected
  }

  say(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  welcome(runs: Run[], epoch = '1'): void {
    const room = { id: 'k7f3-9q2m-x4tz', title: '', language: 'python', guest_role: 'editor', ephemeral: false, created_at: 0, run_where: null, ...openDoors } as const
    this.connected = true
    this.say({ type: 'welcome', me: ada, members: [ada, lin], room, epoch, chat: [], runs, limits: this.limits.value as Limits, version: '0', waiting: [] })
  }

  sentOf<T extends ClientEvent['type']>(type: T): Extract<ClientEvent, { type: T }>[] {
    return this.sent.filter((event): event is Extract<ClientEvent, { type: T }> => event.type === type)
  }
}

export function runOf(id: string, more: Partial<Run> = {}): Run {
  return {
    id,
    member: 'lin',
    name: 'Lin',
    language: 'python',
    file: 'main.py',
    where: 'browser',
    at: 1,
    status: 'running',
    code: null,
    ms: null,
    output: [],
    truncated: false,
    page: null,
    pictures: [],
    ...IN_BROWSER,
    ...more,
  }
}
