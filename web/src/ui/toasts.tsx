// Short words about what others did, bottom-left for four seconds, and what is only announced to screen readers.
import { signal } from '@preact/signals'
import { Icon } from './icon'
import type { IconName } from './icons'

interface Toast {
  id: number
  text: string
  icon: IconName
  bad: boolean
}

const shownMs = 4000
const most = 4

const toasts = signal<Toast[]>([])
const announced = signal('')
let next = 1

export function toast(text: string, options: { icon?: IconName; bad?: boolean } = {}): void {
  const id = next++
  const others = toasts.value.filter((one) => one.text !== text) // said again: moves down rather than standing twice
  toasts.value = [...others, { id, text, icon: options.icon ?? 'info', bad: options.bad ?? false }].slice(-most)
  setTimeout(() => {
    toasts.value = toasts.value.filter((one) => one.id !== id)
  }, shownMs)
}

/** Says it to screen readers alone, politely. */
export function announce(text: string): void {
  announced.value = announced.value === text ? `${text}\u00a0` : text // the same words again are read only if they differ
}

export function Toasts() {
  return (
    <>
      <div class="toasts" role="status" aria-live="polite" aria-label="Notices">
        {toasts.value.map((one) => (
          <div key={one.id} class={one.bad ? 'toast bad' : 'toast'}>
            <Icon name={one.bad ? 'warning' : one.icon} />
            <span>{one.text}</span>
          </div>
        ))}
      </div>
      <div class="unseen" aria-live="polite" data-testid="announcer">
        {announced.value}
      </div>
    </>
  )
}
