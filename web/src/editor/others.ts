// Where the others are in this text, kept up to date as it changes: `carets.ts` draws it, CodeEditor goes to it.
// States come from other people's pages, so nothing in them is trusted to have a shape.
import { StateEffect, type Extension } from '@codemirror/state'
import { ViewPlugin, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { sharedTextOf } from './shared-text'

/** How long a name stands at a caret after its owner typed. */
const NAME_MS = 2_500

export interface Other {
  client: number
  member: string
  name: string
  color: string
  /** Null: not in this text, or at a place that has not come yet. */
  anchor: number | null
  head: number | null
  typed: number
  /** Until when the name is shown, as Date.now() counts. */
  nameUntil: number
}

interface Cursor {
  anchor: Y.RelativePosition
  head: Y.RelativePosition
}

const changed = StateEffect.define<null>()

class Others implements PluginValue {
  readonly #view: EditorView
  readonly #awareness: Awareness
  readonly #fileId: string
  readonly #others = new Map<number, Other>()
  readonly #unplaced = new Set<number>()
  readonly #dirty = new Set<number>()
  #frame: number | null = null
  #fading: ReturnType<typeof setTimeout> | null = null

  constructor(view: EditorView, awareness: Awareness, fileId: string) {
    this.#view = view
    this.#awareness = awareness
    this.#fileId = fileId
    awareness.on('change', this.#changed)
    for (const client of awareness.getStates().keys()) this.#dirty.add(client)
    this.#soon()
  }

  get all(): Iterable<Other> {
    return this.#others.values()
  }

  /** The cursor of a member, where one of their pages has it in this text. */
  of(member: string): Other | null {
    return [...this.#others.values()].find((other) => other.member === member && other.head !== null) ?? null
  }

  showName(other: Other): void {
    other.nameUntil = Date.now() + NAME_MS
    this.#soon()
  }

  readonly #changed = ({ added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>): void => {
    for (const client of [...added, ...updated, ...removed]) if (client !== this.#awareness.clientID) this.#dirty.add(client)
    if (this.#dirty.size > 0) this.#soon()
  }

  update(update: ViewUpdate): void {
    if (!update.docChanged) return
    for (const other of this.#others.values()) {
      if (other.anchor !== null) other.anchor = update.changes.mapPos(other.anchor)
      if (other.head !== null) other.head = update.changes.mapPos(other.head)
    }
    for (const client of this.#unplaced) this.#dirty.add(client)
    if (this.#dirty.size > 0) this.#soon()
  }

  /** Once a frame; a hidden page draws nothing. */
  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      const dirty = [...this.#dirty]
      this.#dirty.clear()
      for (const client of dirty) this.#readSafely(client)
      this.#fadeLater()
      this.#view.dispatch({ effects: changed.of(null) })
    })
  }

  /** One person's state must not cost the others their places, whatever it holds. */
  #readSafely(client: number): void {
    try {
      this.#read(client)
    } catch (error) {
      this.#others.delete(client)
      this.#unplaced.delete(client)
      console.warn(`Where client ${client} is cannot be read.`, error)
    }
  }

  #read(client: number): void {
    this.#unplaced.delete(client)
    const state = client === this.#awareness.clientID ? undefined : this.#awareness.getStates().get(client)
    const person = personOf(state?.['user'])
    const cursor = state?.['file'] === undefined || state['file'] === this.#fileId ? cursorOf(state?.['cursor'], this.#fileId) : null
    if (!person || !cursor) {
      this.#others.delete(client)
      return
    }
    const shared = sharedTextOf(this.#view.state)
    const before = this.#others.get(client)
    const anchor = shared.index(cursor.anchor)
    const head = shared.index(cursor.head)
    if (anchor === null || head === null) this.#unplaced.add(client)
    const typed = typeof state?.['typing'] === 'number' ? state['typing'] : 0
    const nameUntil = before && typed === before.typed ? before.nameUntil : Date.now() + NAME_MS
    const place = head === null && before ? { anchor: before.anchor, head: before.head } : { anchor: anchor ?? head, head }
    this.#others.set(client, { client, ...person, ...place, typed, nameUntil })
  }

  #fadeLater(): void {
    if (this.#fading !== null) clearTimeout(this.#fading)
    const now = Date.now()
    const next = Math.min(...[...this.#others.values()].map(({ nameUntil }) => nameUntil).filter((until) => until > now))
    this.#fading = Number.isFinite(next) ? setTimeout(() => this.#soon(), next - now + 20) : null
  }

  destroy(): void {
    this.#awareness.off('change', this.#changed)
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    if (this.#fading !== null) clearTimeout(this.#fading)
  }
}

function personOf(user: unknown): { member: string; name: string; color: string } | null {
  if (typeof user !== 'object' || user === null) return null
  const { id, name, color } = user as Record<string, unknown>
  if (typeof name !== 'string') return null
  const known = typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color)
  return { member: typeof id === 'string' ? id : '', name: name.slice(0, 40), color: known ? color : '#57534e' }
}

function cursorOf(cursor: unknown, fileId: string): Cursor | null {
  if (typeof cursor !== 'object' || cursor === null) return null
  const { anchor, head } = cursor as Record<string, unknown>
  const [from, to] = [positionOf(anchor, fileId), positionOf(head, fileId)]
  return from && to && { anchor: from, head: to }
}

/** Beside a letter of some text, or at the end of this one; Yjs throws at every other shape, or makes a new text of it. */
function positionOf(position: unknown, fileId: string): Y.RelativePosition | null {
  if (typeof position !== 'object' || position === null) return null
  const { item, tname, assoc } = position as Record<string, unknown>
  const side = typeof assoc === 'number' && assoc < 0 ? -1 : 0
  if (item == null) return tname === `file:${fileId}` ? Y.createRelativePositionFromJSON({ tname, assoc: side }) : null
  const { client, clock } = item as Record<string, unknown>
  return isCount(client) && isCount(clock) ? Y.createRelativePositionFromJSON({ item: { client, clock }, assoc: side }) : null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

const plugins = new WeakMap<EditorView, Others>()

/** The others in this editor; null before it is bound. */
export function othersIn(view: EditorView): Pick<Others, 'all' | 'of' | 'showName'> | null {
  return plugins.get(view) ?? null
}

/** Whether this update may have moved, shown or hidden somebody. */
export function othersChanged(update: ViewUpdate): boolean {
  return update.docChanged || update.transactions.some(({ effects }) => effects.some((effect) => effect.is(changed)))
}

export function others(awareness: Awareness, fileId: string): Extension {
  return ViewPlugin.define((view) => {
    const plugin = new Others(view, awareness, fileId)
    plugins.set(view, plugin)
    return plugin
  })
}
