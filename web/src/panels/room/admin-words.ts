// What administrators of the server say to a room: that it will be ended, and messages. The room page shows it.
import { signal } from '@preact/signals'
import type { Notice, ServerEvent } from '../../protocol/events'
import type { RoomSync } from '../../sync/room-sync'
import { steadyMs } from '../../sync/steady-clock'

const most = 3

export interface Ending {
  /** By the steady clock. */
  at: number
  erases: boolean
}

export class AdminWords {
  /** Null: the room goes on. */
  readonly ending = signal<Ending | null>(null)
  /** Those that nobody has put away, oldest first. */
  readonly notices = signal<readonly Notice[]>([])

  constructor(sync: Pick<RoomSync, 'on'>) {
    sync.on((event) => this.#hear(event))
  }

  putAway(notice: Notice): void {
    this.notices.value = this.notices.value.filter((one) => one !== notice)
  }

  #hear(event: ServerEvent): void {
    if (event.type === 'room.ending') this.ending.value = { at: steadyMs() + event.seconds * 1000, erases: event.erases }
    // a welcome comes after a lost connection: if the room is still to be ended, that is said behind it
    else if (event.type === 'room.ending_cancelled' || event.type === 'welcome') this.ending.value = null
    else if (event.type === 'notice') this.notices.value = [...this.notices.value, event].slice(-most)
  }
}
