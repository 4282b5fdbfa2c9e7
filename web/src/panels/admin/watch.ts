// What an open desk knows of the server: asked for every two seconds while the page is seen, only what changed since.
//
//   asking --answer--> fresh --2 s--> asking ...      --no answer--> stale, asked again after a longer while
//      └--401, 403--> shut: somebody else has to log in
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { type Executions, getExecutions, getPeople, getRooms, getStats, type PersonRow, type RoomRow, type Sample, type Server } from '../../api/admin'
import { ApiError, sentence } from '../../api/problem'
import { RowTable } from './row-table'

const everyMs = 2000
const slowestMs = 15_000
const hourMs = 3_600_000

export type Seen = 'rooms' | 'people' | 'programs' | 'audit' | 'bans' | 'server'
export type Door = 'opening' | 'open' | 'login' | 'refused'

export class Watch {
  readonly door = signal<Door>('opening')
  /** Why what stands there is not of now; null: it is. */
  readonly problem = signal<string | null>(null)
  readonly server = signal<Server | null>(null)
  readonly samples = signal<Sample[]>([])
  readonly rooms = new RowTable<RoomRow>(getRooms)
  readonly people = new RowTable<PersonRow>(getPeople)
  readonly executions = signal<Executions | null>(null)
  readonly seen = signal<Seen>('rooms')
  readonly latest: ReadonlySignal<Sample | null>
  /** Add it to this device's time, and it is the server's. */
  readonly ahead = signal(0)
  #timer: ReturnType<typeof setTimeout> | null = null
  #wait = everyMs
  #asking = false
  #closed = false

  constructor() {
    this.latest = computed(() => this.samples.value.at(-1) ?? null)
    document.addEventListener('visibilitychange', this.#look)
  }

  /** Ask now, and go on asking. */
  start(): void {
    void this.now()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    document.removeEventListener('visibilitychange', this.#look)
  }

  /** The part of the desk that is looked at: it alone is kept up to date. */
  show(seen: Seen): void {
    this.seen.value = seen
    void this.now()
  }

  /** Ask at once: something was done, or another part is looked at. */
  async now(): Promise<void> {
    if (this.#closed || this.#asking) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#asking = true
    const asked = this.seen.value
    try {
      await this.#ask(asked)
      this.door.value = 'open'
      this.problem.value = null
      this.#wait = everyMs
    } catch (error) {
      this.#failed(error)
    }
    this.#asking = false
    if (this.seen.value !== asked) return this.now()
    this.#later()
  }

  async #ask(seen: Seen): Promise<void> {
    const stats = await getStats(this.samples.value.at(-1)?.at ?? 0)
    this.ahead.value = stats.now - Date.now()
    this.server.value = stats.server
    if (stats.samples.length > 0) this.samples.value = [...this.samples.value, ...stats.samples].filter(({ at }) => at > stats.now - hourMs)
    if (seen === 'rooms') await this.rooms.refresh()
    if (seen === 'people') await this.people.refresh()
    if (seen === 'programs') this.executions.value = await getExecutions()
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      this.door.value = error.status === 401 ? 'login' : 'refused'
      this.close()
      return
    }
    this.problem.value = sentence(error)
    this.#wait = Math.min(slowestMs, this.#wait * 2)
  }

  #later(): void {
    if (!this.#closed && !document.hidden) this.#timer = setTimeout(() => void this.now(), this.#wait)
  }

  readonly #look = (): void => {
    if (!document.hidden) void this.now()
  }
}
