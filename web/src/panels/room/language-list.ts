// The room's list of languages, and what runs each of them now. Asked for at the start, at every new connection, when
// somebody wants to know, and for a while when the server says that it does not run the room's language: a server that
// was just started still tries its sandbox.
import { effect, type ReadonlySignal, type Signal } from '@preact/signals'
import { getLanguages, type LanguageInfo } from '../../api/languages'
import type { RoomSync } from '../../sync/room-sync'

const AGAIN_MS = [3_000, 6_000, 9_000, 12_000, 15_000, 15_000, 15_000, 15_000, 30_000]

export class LanguageList {
  readonly #languages: Signal<LanguageInfo[]>
  readonly #language: ReadonlySignal<LanguageInfo | null>
  readonly #end: () => void
  #tries = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(sync: Pick<RoomSync, 'connection' | 'on'>, languages: Signal<LanguageInfo[]>, language: ReadonlySignal<LanguageInfo | null>) {
    this.#languages = languages
    this.#language = language
    const leave = sync.on((event) => {
      if (event.type === 'error' && event.code === 'unavailable' && event.ref !== null) this.look()
    })
    const stop = effect(() => {
      if (sync.connection.value === 'connected') this.look()
    })
    this.#end = () => (leave(), stop())
    if (sync.connection.peek() !== 'connected') this.look()
  }

  look(): void {
    this.#tries = 0
    void this.#ask()
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer)
    const languages = await getLanguages().catch(() => null) // null: never loaded in this browser, and the server did not answer
    if (this.#closed) return
    if (languages !== null) this.#languages.value = languages
    clearTimeout(this.#timer) // two may have been asked at once
    const wait = AGAIN_MS[this.#tries++]
    const { value: language } = this.#language
    const mayCome = language === null || (language.server === null && language.why !== '') // null: the room has not said its language yet
    if (mayCome && wait !== undefined) this.#timer = setTimeout(() => void this.#ask(), wait)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#end()
  }
}
