// What the device says about itself, as signals.
import { type ReadonlySignal, signal } from '@preact/signals'

export function mediaSignal(query: string): ReadonlySignal<boolean> {
  if (typeof matchMedia === 'undefined') return signal(false)
  const list = matchMedia(query)
  const state = signal(list.matches)
  list.addEventListener('change', () => {
    state.value = list.matches
  })
  return state
}

/** One column with a tab bar at the bottom, rather than panes side by side. */
export const narrow = mediaSignal('(max-width: 899px)')
export const reducedMotion = mediaSignal('(prefers-reduced-motion: reduce)')
/** Fingers rather than a mouse: an on-screen keyboard is likely. */
export const coarsePointer = mediaSignal('(pointer: coarse)')
