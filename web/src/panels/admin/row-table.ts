// The rows of one table as this page knows them, followed by what has changed of them.
import { signal } from '@preact/signals'
import type { Changes } from '../../api/admin'

export class RowTable<Row extends { id: string }> {
  /** Null until the server has answered. */
  readonly rows = signal<readonly Row[] | null>(null)
  readonly #byId = new Map<string, Row>()
  #tick = 0

  constructor(private readonly ask: (since: number) => Promise<Changes<Row>>) {}

  async refresh(): Promise<void> {
    this.take(await this.ask(this.#tick))
  }

  take(changes: Changes<Row>): void {
    this.#tick = changes.tick
    if (changes.whole) this.#byId.clear()
    for (const id of changes.gone) this.#byId.delete(id)
    for (const row of changes.rows) this.#byId.set(row.id, row)
    if (changes.whole || changes.gone.length > 0 || changes.rows.length > 0) this.rows.value = [...this.#byId.values()]
  }
}
