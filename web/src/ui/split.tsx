// The line between two panes: dragged, or moved with the arrow keys. The caller keeps the share (per cent of the first).
import { useRef } from 'preact/hooks'

export interface SplitProps {
  label: string
  share: number
  least: number
  most: number
  standard: number
  onChange(share: number): void
}

const keySteps: Record<string, number> = { ArrowLeft: -2, ArrowRight: 2, Home: -100, End: 100 }

export function Split({ label, share, least, most, standard, onChange }: SplitProps) {
  const line = useRef<HTMLDivElement>(null)
  const set = (next: number) => onChange(Math.round(Math.min(most, Math.max(least, next)) * 10) / 10)

  const drag = (event: PointerEvent) => {
    const box = line.current?.parentElement?.getBoundingClientRect()
    if (box !== undefined && line.current?.hasPointerCapture(event.pointerId)) set(((event.clientX - box.left) / box.width) * 100)
  }
  const grab = (event: PointerEvent) => {
    event.preventDefault() // no text is selected while dragging
    line.current?.setPointerCapture(event.pointerId)
    line.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    const step = keySteps[event.key]
    if (step === undefined) return
    event.preventDefault()
    set(share + step)
  }

  return (
    <div
      ref={line}
      class="split"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={Math.round(share)}
      tabIndex={0}
      onPointerDown={grab}
      onPointerMove={drag}
      onKeyDown={press}
      onDblClick={() => set(standard)}
    />
  )
}
