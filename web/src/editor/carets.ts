// Draws the others' carets, names and selections in layers over and under the text, never in it: lines do not move, a
// composition is not disturbed, and every style is set through CSSOM, which a strict policy allows.
import { EditorSelection, type Extension } from '@codemirror/state'
import { EditorView, layer, RectangleMarker, type LayerMarker } from '@codemirror/view'
import { othersChanged, othersIn, type Other } from './others'

/** Room that a name needs above its line; without it the name goes below. */
const NAME_HEIGHT = 16
const NAME_WIDTH = 120

class CaretMarker implements LayerMarker {
  readonly #place: RectangleMarker
  readonly #other: Other
  readonly #names: string

  constructor(place: RectangleMarker, other: Other, width: number) {
    this.#place = place
    this.#other = other
    const shown = other.nameUntil > Date.now() ? ' fh-named' : ''
    const below = place.top < NAME_HEIGHT ? ' fh-below' : ''
    const left = place.left > NAME_WIDTH && place.left > width - NAME_WIDTH ? ' fh-left' : ''
    this.#names = `fh-caret${shown}${below}${left}`
  }

  eq(marker: LayerMarker): boolean {
    return marker instanceof CaretMarker && this.#place.eq(marker.#place) && this.#names === marker.#names && this.#isSame(marker)
  }

  #isSame(marker: CaretMarker): boolean {
    const [one, other] = [this.#other, marker.#other]
    return one.client === other.client && one.name === other.name && one.color === other.color
  }

  draw(): HTMLElement {
    const caret = document.createElement('div')
    const name = caret.appendChild(document.createElement('span'))
    name.className = 'fh-name'
    name.textContent = this.#other.name
    caret.style.setProperty('--person', this.#other.color)
    caret.style.setProperty('--person-ink', inkOn(this.#other.color))
    this.#adjust(caret)
    return caret
  }

  update(dom: HTMLElement, before: LayerMarker): boolean {
    if (!(before instanceof CaretMarker) || !this.#isSame(before)) return false
    this.#adjust(dom)
    return true
  }

  #adjust(dom: HTMLElement): void {
    const { left, top, height } = this.#place
    dom.className = this.#names
    dom.style.left = `${left}px`
    dom.style.top = `${top}px`
    dom.style.height = `${height}px`
  }
}

class SelectionMarker implements LayerMarker {
  readonly #place: RectangleMarker
  readonly #color: string

  constructor(place: RectangleMarker, color: string) {
    this.#place = place
    this.#color = color
  }

  eq(marker: LayerMarker): boolean {
    return marker instanceof SelectionMarker && this.#color === marker.#color && this.#place.eq(marker.#place)
  }

  draw(): HTMLElement {
    const dom = this.#place.draw()
    dom.style.setProperty('--person', this.#color)
    return dom
  }
}

/** Black or white, whichever reads better on `color` (#rrggbb). */
export function inkOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
  const linear = (part = 0): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  return luminance > 0.179 ? '#000000' : '#ffffff'
}

function carets(view: EditorView): CaretMarker[] {
  const { from, to } = view.viewport
  const width = view.scrollDOM.clientWidth + view.scrollDOM.scrollLeft
  const markers: CaretMarker[] = []
  for (const other of othersIn(view)?.all ?? []) {
    if (other.head === null || other.head < from || other.head > to) continue
    const [place] = RectangleMarker.forRange(view, 'fh-caret', EditorSelection.cursor(other.head))
    if (place) markers.push(new CaretMarker(place, other, width))
  }
  return markers
}

function selections(view: EditorView): SelectionMarker[] {
  const { length } = view.state.doc
  const markers: SelectionMarker[] = []
  for (const { anchor, head, color } of othersIn(view)?.all ?? []) {
    if (anchor === null || head === null || anchor === head) continue
    const range = EditorSelection.range(Math.min(anchor, length), Math.min(head, length))
    for (const place of RectangleMarker.forRange(view, 'fh-selected', range)) markers.push(new SelectionMarker(place, color))
  }
  return markers
}

const looks = EditorView.baseTheme({
  '.fh-carets, .fh-selections': { pointerEvents: 'none' },
  '.fh-caret': { width: '2px', marginLeft: '-1px', background: 'light-dark(var(--person), color-mix(in oklab, var(--person), white 35%))' },
  '.fh-name': {
    position: 'absolute',
    bottom: '100%',
    left: '0',
    maxWidth: '16ch',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    padding: '0 5px',
    borderRadius: '4px 4px 4px 0',
    font: '600 11px/16px var(--font-ui, system-ui, sans-serif)',
    color: 'var(--person-ink)',
    background: 'var(--person)',
    opacity: '0',
    transition: 'opacity 140ms',
  },
  '.fh-named > .fh-name': { opacity: '1' },
  '.fh-below > .fh-name': { bottom: 'auto', top: '100%', borderRadius: '0 4px 4px 4px' },
  '.fh-left > .fh-name': { left: 'auto', right: '0', borderRadius: '4px 4px 0 4px' },
  '.fh-below.fh-left > .fh-name': { borderRadius: '4px 0 4px 4px' },
  '.fh-selected': { background: 'color-mix(in srgb, var(--person), transparent 76%)' },
  '@media (prefers-reduced-motion: reduce)': { '.fh-name': { transition: 'none' } },
})

export const drawOthers: Extension = [
  looks,
  layer({ above: true, class: 'fh-carets', update: othersChanged, markers: carets }),
  layer({ above: false, class: 'fh-selections', update: othersChanged, markers: selections }),
]
