// Whether an on-screen keyboard covers part of the page, and the height that is left. Browsers that do not shrink the
// page themselves get the height as a CSS variable.
import { type ReadonlySignal, signal } from '@preact/signals'

const open = signal(false)
export const keyboardOpen: ReadonlySignal<boolean> = open

/** A keyboard takes at least this share of the height; a browser's own bars take less. */
const least = 0.25

/** Follows the visible part of the page until the returned function is called. */
export function watchKeyboard(): () => void {
  const { visualViewport: visible } = window
  if (visible === null) return () => undefined
  let full = { width: 0, height: 0 }
  const look = () => {
    if (visible.scale !== 1) return // zoomed in: the person chose what they see
    if (visible.width !== full.width) full = { width: visible.width, height: 0 }
    full.height = Math.max(full.height, visible.height)
    open.value = visible.height < full.height * (1 - least)
    document.documentElement.style.setProperty('--visible-height', `${visible.height}px`)
    if (open.value && visible.offsetTop > 0) scrollTo(0, 0)
  }
  look()
  visible.addEventListener('resize', look)
  return () => {
    visible.removeEventListener('resize', look)
    document.documentElement.style.removeProperty('--visible-height')
    open.value = false
  }
}
