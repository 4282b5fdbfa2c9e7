// What of a room is shown: side by side when wide (the code, and a pane that opens and closes), one at a time when
// narrow. Remembered in this browser.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { stored } from '../../ui/stored'

export const split = { least: 30, most: 80, standard: 62 } as const

/** `code` or a pane's id. */
export type View = string

interface Kept {
  share: number
  open: boolean
}

function check(value: unknown): Kept {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<Kept>
  const share = Number(given.share)
  return {
    share: share >= split.least && share <= split.most ? share : split.standard,
    open: given.open !== false,
  }
}

const kept = stored('layout', check)

export class Layout {
  readonly pane: Signal<string> = signal('output')
  readonly view: Signal<View> = signal('code')
  /** The pane whose place to write wants the focus as soon as it is there. */
  readonly focus: Signal<string | null> = signal(null)
  readonly open: ReadonlySignal<boolean> = computed(() => kept.value.open)
  readonly share: ReadonlySignal<number> = computed(() => kept.value.share)
  /** The pane that can be seen now, if any. */
  readonly visible: ReadonlySignal<string | null>
  readonly codeVisible: ReadonlySignal<boolean>

  constructor(readonly narrow: ReadonlySignal<boolean>) {
    this.visible = computed(() => {
      if (!narrow.value) return this.open.value ? this.pane.value : null
      return this.view.value === 'code' ? null : this.view.value
    })
    this.codeVisible = computed(() => !narrow.value || this.view.value === 'code')
  }

  show(id: View): void {
    this.view.value = id
    if (id === 'code') return
    this.pane.value = id
    if (!this.narrow.value) this.setOpen(true)
  }

  /** Shows it, or puts it away if it is what is seen. */
  toggle(id: string): void {
    if (this.visible.value !== id) this.show(id)
    else if (this.narrow.value) this.view.value = 'code'
    else this.setOpen(false)
  }

  setOpen(open: boolean): void {
    kept.value = { ...kept.value, open }
  }

  setShare(share: number): void {
    kept.value = { ...kept.value, share }
  }
}
