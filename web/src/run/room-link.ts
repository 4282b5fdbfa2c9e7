// What running needs of the room; RoomSync has it, and a test needs no more than this.

import type { ReadonlySignal } from '@preact/signals-core'
import type { ClientEvent, Limits, Member, ServerEvent } from '../protocol/events'

export interface RoomLink {
  readonly me: ReadonlySignal<Member | null>
  readonly members: ReadonlySignal<Member[]>
  readonly limits: ReadonlySignal<Limits | null>
  on(listener: (event: ServerEvent) => void): () => void
  /** False: not connected; nothing is queued. */
  send(event: ClientEvent): boolean
}
