// One figure: its name, what it is now, and its last hour as a small chart that tells what stands under the pointer.
import { useState } from 'preact/hooks'
import { timeWords } from '../../ui/words'
import { type Point, pointAt, trendPath } from './trend'

export interface TrendTileProps {
  name: string
  value: string
  /** A word or two beside it. */
  beside?: string
  points: readonly Point[]
  now: number
  write(value: number): string
  /** What the top of the chart stands for at least, so that a little does not look like much. */
  least?: number
  bad?: boolean
}

export function TrendTile({ name, value, beside = '', points, now, write, least = 0, bad = false }: TrendTileProps) {
  const [under, setUnder] = useState<Point | null>(null)
  const look = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect()
    setUnder(pointAt(points, now, (event.clientX - box.left) / box.width))
  }
  const most = Math.max(0, ...points.map((point) => point.value ?? 0))
  const path = trendPath(points, now, least)
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class="tile-now">
          <span class={bad ? 'tile-value bad' : 'tile-value'}>{under?.value == null ? value : write(under.value)}</span>
          <span class="meta">{under === null ? beside : timeWords(under.at)}</span>
        </span>
        <svg
          class="trend"
          viewBox="0 0 100 28"
          preserveAspectRatio="none"
          role="img"
          aria-label={path === '' ? `${name}: nothing was measured yet` : `${name} in the last hour: at most ${write(most)}`}
          onPointerMove={look}
          onPointerLeave={() => setUnder(null)}
        >
          <path class="trend-ground" d="M0 27.5H100" />
          <path class="trend-line" d={path} />
        </svg>
      </dd>
    </div>
  )
}
