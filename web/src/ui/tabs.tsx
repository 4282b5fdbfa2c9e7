// A row of tabs: one stop for the Tab key, arrows move within. The panel they show is the caller's.
import { useRef } from 'preact/hooks'
import { unreadWords } from './words'

export interface TabItem {
  id: string
  label: string
  /** How much in it was not seen yet. */
  unread?: number
}

export interface TabsProps {
  label: string
  items: readonly TabItem[]
  chosen: string
  onChoose(id: string): void
}

const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }

export function Tabs({ label, items, chosen, onChoose }: TabsProps) {
  const row = useRef<HTMLDivElement>(null)

  const move = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = items.findIndex((item) => item.id === chosen)
    const to = Number.isFinite(step) ? (at + step + items.length) % items.length : step > 0 ? items.length - 1 : 0
    const item = items[to]
    if (item === undefined) return
    onChoose(item.id)
    row.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus()
  }

  return (
    <div ref={row} class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          role="tab"
          class="tab"
          id={`tab-${item.id}`}
          aria-selected={item.id === chosen}
          aria-controls={item.id === chosen ? `pane-${item.id}` : undefined}
          tabIndex={item.id === chosen ? 0 : -1}
          onClick={() => onChoose(item.id)}
        >
          {item.label}
          <Unread count={item.unread ?? 0} />
        </button>
      ))}
    </div>
  )
}

export function Unread({ count }: { count: number }) {
  const [shown, rest] = unreadWords(count).split(' ')
  if (rest === undefined) return null
  return (
    <span class="count">
      {shown}
      <span class="unseen"> {rest}</span>
    </span>
  )
}
