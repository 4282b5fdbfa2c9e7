// Keeps the notices over what stands below a page's work (banners, keys, tabs, the keyboard), however high that is.
// The page tells which part is its work; the notices' style sheet reads the height.

const property = '--notices-floor'

/** How much of the page lies below that edge, in pixels; an edge out of sight counts as the page's own. */
export function floorBelow(edge: number, pageHeight: number): number {
  return Math.max(0, Math.round(pageHeight - edge))
}

/** Follows the lower edge of `work` until the returned function is called. */
export function keepNoticesOver(work: HTMLElement): () => void {
  const { style } = document.documentElement
  const look = () => style.setProperty(property, `${floorBelow(work.getBoundingClientRect().bottom, innerHeight)}px`)
  const watch = new ResizeObserver(look)
  watch.observe(work)
  addEventListener('resize', look) // the page may grow while the work keeps its size
  look()
  return () => {
    watch.disconnect()
    removeEventListener('resize', look)
    style.removeProperty(property)
  }
}
