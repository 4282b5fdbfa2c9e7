// A figure's last hour as the line of a small chart: 100 wide, 28 high, time to the right.

export interface Point {
  at: number
  value: number | null
}

const hourMs = 3_600_000
const width = 100
const height = 28
const pad = 2
/** A pause in which nothing was sampled is a gap of the line. */
const gapMs = 30_000

/** The path of an SVG, empty where there is nothing to draw. `least`: what the top of the chart stands for at least. */
export function trendPath(points: readonly Point[], now: number, least = 0): string {
  const known = points.filter((point): point is { at: number; value: number } => point.value !== null)
  const top = Math.max(least, ...known.map(({ value }) => value)) || 1
  let path = ''
  let before: number | null = null
  for (const { at, value } of known) {
    const x = width - ((now - at) / hourMs) * width
    const y = height - pad - (value / top) * (height - 2 * pad)
    path += `${before === null || at - before > gapMs ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`
    before = at
  }
  return path
}

/** The known point next to a place in the chart (0 left, 1 right). */
export function pointAt(points: readonly Point[], now: number, place: number): Point | null {
  const at = now - (1 - place) * hourMs
  let found: Point | null = null
  for (const point of points) if (point.value !== null && (found === null || Math.abs(point.at - at) < Math.abs(found.at - at))) found = point
  return found
}
