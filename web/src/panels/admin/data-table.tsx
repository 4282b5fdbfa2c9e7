// A table of thousands of rows, of which only those are drawn that are seen; sorts, filters as one types, and opens a row to what can be done.
// One stop for the Tab key: arrows go from row to row.
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../../ui/icon'
import { narrow } from '../../ui/media'
import { sorted, type Value } from './sorted'

export interface Column<Row> {
  id: string
  title: string
  /** A track of the grid. */
  width: string
  value(row: Row): Value
  cell(row: Row): ComponentChildren
  number?: boolean
  /** Left out where there is one column's room only. */
  wide?: boolean
}

export interface DataTableProps<Row> {
  label: string
  /** What one types here. */
  filter: string
  rows: readonly Row[] | null
  columns: readonly Column<Row>[]
  first: { column: string; down: boolean }
  text(row: Row): string
  open(row: Row): ComponentChildren
  /** What stands there when there is nothing at all. */
  empty: string
}

const rowHeight = { wide: 32, narrow: 44 }
const beyond = 8

const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }

export function DataTable<Row extends { id: string }>(props: DataTableProps<Row>) {
  const { rows, label } = props
  const [typed, setTyped] = useState('')
  const [order, setOrder] = useState(props.first)
  const columns = props.columns.filter((column) => !(narrow.value && column.wide))
  const by = props.columns.find((column) => column.id === order.column) ?? props.columns[0]
  const shown = useMemo(
    () => (rows === null || by === undefined ? [] : sorted(rows, typed, props.text, (row) => by.value(row), order.down)),
    [rows, typed, order.column, order.down],
  )
  return (
    <div class="data">
      <div class="data-tools">
        <input class="input" type="search" aria-label={props.filter} placeholder={props.filter} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        <span class="meta" aria-live="polite">
          {rows === null ? '' : typed.trim() === '' ? `${rows.length.toLocaleString()} in all` : `${shown.length.toLocaleString()} of ${rows.length.toLocaleString()}`}
        </span>
      </div>
      {rows === null ? (
        <div class="data-wait" aria-busy="true">
          {[1, 2, 3, 4].map((number) => (
            <div key={number} class="skeleton" />
          ))}
        </div>
      ) : shown.length === 0 ? (
        <p class="data-empty muted">{rows.length === 0 ? props.empty : 'Nothing here is called like that.'}</p>
      ) : (
        <Body {...props} label={label} columns={columns} shown={shown} order={order} onOrder={setOrder} />
      )}
    </div>
  )
}

interface BodyProps<Row> extends DataTableProps<Row> {
  shown: readonly Row[]
  order: { column: string; down: boolean }
  onOrder(order: { column: string; down: boolean }): void
}

function Body<Row extends { id: string }>({ label, columns, shown, order, onOrder, open }: BodyProps<Row>) {
  const high = narrow.value ? rowHeight.narrow : rowHeight.wide
  const [opened, setOpened] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const [extra, setExtra] = useState(0)
  const { box, part } = useSeen(high)
  const openedAt = opened === null ? -1 : shown.findIndex((row) => row.id === opened)
  const current = Math.min(at, shown.length - 1)
  const from = Math.max(0, Math.floor(part.top / high) - beyond - Math.ceil(openedAt >= 0 ? extra / high : 0))
  const to = Math.min(shown.length, Math.ceil((part.top + part.height) / high) + beyond)
  const seen = shown.slice(from, to).map((row, index) => ({ row, index: from + index }))
  for (const kept of [current, openedAt]) {
    const row = shown[kept]
    if (row !== undefined && (kept < from || kept >= to)) seen.push({ row, index: kept })
  }
  const place = (index: number) => index * high + (openedAt >= 0 && index > openedAt ? extra : 0)
  const tracks = columns.map((column) => column.width).join(' ')

  const move = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (step === undefined || !(event.target instanceof HTMLElement) || event.target.dataset['row'] === undefined) return
    event.preventDefault()
    const next = Math.min(shown.length - 1, Math.max(0, Number.isFinite(step) ? current + step : step > 0 ? shown.length - 1 : 0))
    setAt(next)
    const area = box.current
    if (area === null) return
    const top = place(next)
    if (top < area.scrollTop) area.scrollTop = top
    else if (top + 2 * high > area.scrollTop + area.clientHeight) area.scrollTop = top + 2 * high - area.clientHeight
    requestAnimationFrame(() => area.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus())
  }

  return (
    <div ref={box} class="data-scroll" role="table" aria-label={label} aria-rowcount={shown.length + 1} onKeyDown={move}>
      <div class="data-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
        {columns.map((column) => (
          <Head key={column.id} column={column} order={order} onOrder={onOrder} />
        ))}
      </div>
      <div class="data-rows" role="rowgroup" style={{ height: `${shown.length * high + (openedAt >= 0 ? extra : 0)}px` }}>
        {seen.map(({ row, index }) => (
          <div key={row.id} class="data-place" role="presentation" style={{ transform: `translateY(${place(index)}px)` }}>
            <div class={index === openedAt ? 'data-row opened' : 'data-row'} role="row" aria-rowindex={index + 2} style={{ gridTemplateColumns: tracks, height: `${high}px` }}>
              {columns.map((column, number) => (
                <div key={column.id} class={column.number ? 'cell number' : 'cell'} role="cell">
                  {number > 0 ? (
                    column.cell(row)
                  ) : (
                    <button
                      type="button"
                      class="row-opener"
                      data-row={index}
                      tabIndex={index === current ? 0 : -1}
                      aria-expanded={index === openedAt}
                      onFocus={() => setAt(index)}
                      onClick={() => setOpened(index === openedAt ? null : row.id)}
                    >
                      <Icon name={index === openedAt ? 'chevron-down' : 'chevron-right'} />
                      {column.cell(row)}
                      <span class="unseen">: what can be done</span>
                    </button>
                  )}
                </div>
              ))}
            </div>
            {index === openedAt ? <Opened onHeight={setExtra}>{open(row)}</Opened> : null}
          </div>
        ))}
      </div>
    </div>
  )
}

function Head<Row>({ column, order, onOrder }: { column: Column<Row>; order: { column: string; down: boolean }; onOrder(order: { column: string; down: boolean }): void }) {
  const chosen = order.column === column.id
  const next = { column: column.id, down: chosen ? !order.down : (column.number ?? false) }
  return (
    <div class={column.number ? 'cell number' : 'cell'} role="columnheader" aria-sort={chosen ? (order.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="sorter" onClick={() => onOrder(next)}>
        {column.title}
        {chosen ? <Icon name={order.down ? 'arrow-down' : 'arrow-up'} /> : null}
      </button>
    </div>
  )
}

/** What a row opens to; says how high it is, so that those below stand below. */
function Opened({ onHeight, children }: { onHeight(height: number): void; children: ComponentChildren }) {
  const part = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = part.current
    if (element === null) return
    const measure = new ResizeObserver(() => onHeight(element.offsetHeight))
    onHeight(element.offsetHeight)
    measure.observe(element)
    return () => measure.disconnect()
  }, [])
  return (
    <div ref={part} class="data-opened" role="row">
      <div role="cell" class="data-opened-cell">
        {children}
      </div>
    </div>
  )
}

/** Which part of a scrolled box is seen. */
function useSeen(high: number) {
  const box = useRef<HTMLDivElement>(null)
  const [part, setPart] = useState({ top: 0, height: 40 * high })
  useEffect(() => {
    const element = box.current
    if (element === null) return
    let frame = 0
    const look = () => {
      frame = 0
      setPart((before) => (before.top === element.scrollTop && before.height === element.clientHeight ? before : { top: element.scrollTop, height: element.clientHeight }))
    }
    const soon = () => {
      if (frame === 0) frame = requestAnimationFrame(look)
    }
    const sizes = new ResizeObserver(soon)
    sizes.observe(element)
    element.addEventListener('scroll', soon, { passive: true })
    look()
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', soon)
      cancelAnimationFrame(frame)
    }
  }, [])
  return { box, part }
}
