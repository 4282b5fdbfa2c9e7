// What the server says of the room and the people in it, as signals. RoomSync feeds it every event.
import { signal } from '@preact/signals-core'
import type { Limits, Member, Room, ServerEvent } from '../protocol/events'

/** What somebody who waits for a host knows of the room. */
export interface Lobby {
  title: string
  me: Member
}

export class RoomState {
  readonly me = signal<Member | null>(null)
  /** Who is connected now, oneself included. */
  readonly members = signal<Member[]>([])
  readonly room = signal<Room | null>(null)
  /** Who waits in the lobby, as hosts are told. */
  readonly waiting = signal<Member[]>([])
  /** This page waits in the lobby itself. */
  readonly lobby = signal<Lobby | null>(null)
  readonly limits = signal<Limits | null>(null)
  /** What the server said of a journal that cannot be written; null: all is well. */
  readonly storageMessage = signal<string | null>(null)
  /** What the server said of people elsewhere who are not reached; null: all are. */
  readonly reachMessage = signal<string | null>(null)
  /** Why the server cannot have this page for now, where it said so. */
  readonly awayMessage = signal<string | null>(null)

  take(event: ServerEvent): void {
    switch (event.type) {
      case 'welcome':
        this.awayMessage.value = null
        this.me.value = event.me
        this.members.value = event.members
        this.room.value = event.room
        this.limits.value = event.limits
        this.waiting.value = event.waiting
        this.lobby.value = null
        break
      case 'lobby.wait':
        this.lobby.value = { title: event.title, me: event.me }
        break
      case 'lobby.knock':
        this.waiting.value = [...this.waiting.value.filter(({ id }) => id !== event.member.id), event.member]
        break
      case 'lobby.left':
        this.waiting.value = this.waiting.value.filter(({ id }) => id !== event.member)
        break
      case 'member.joined':
      case 'member.changed':
        this.#put(event.member, event.type === 'member.joined')
        break
      case 'member.left':
        this.members.value = this.members.value.filter((member) => member.id !== event.member)
        break
      case 'room.changed':
        this.room.value = event.room
        break
      case 'room.language':
        if (event.file === 'main' && this.room.value) this.room.value = { ...this.room.value, language: event.language }
        break
      case 'room.storage':
        this.storageMessage.value = event.ok ? null : event.message
        break
      case 'room.reach':
        this.reachMessage.value = event.ok ? null : event.message
    }
  }

  /** The connection is gone: nobody else is known to be here, and nothing is known of the journal. */
  lost(message: string | null): void {
    this.awayMessage.value = message
    const me = this.me.value
    this.members.value = me ? [me] : []
    this.storageMessage.value = this.reachMessage.value = null
    this.waiting.value = []
  }

  #put(member: Member, add: boolean): void {
    if (member.id === this.me.value?.id) {
      this.me.value = member
      if (member.role !== 'host') this.waiting.value = []
    }
    const known = this.members.value.some(({ id }) => id === member.id)
    if (known) this.members.value = this.members.value.map((other) => (other.id === member.id ? member : other))
    else if (add) this.members.value = [...this.members.value, member]
  }
}
