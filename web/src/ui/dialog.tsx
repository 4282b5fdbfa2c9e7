// A modal <dialog>: traps focus, closes with Escape or a press outside, gives focus back to where it was.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { IconButton } from './button'

export interface DialogProps {
  title: string
  /** As wide as the page allows, for what is looked at. */
  wide?: boolean
  onClose(): void
  children: ComponentChildren
}

export function Dialog({ title, wide = false, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  useEffect(() => {
    const before = document.activeElement
    box.current?.showModal()
    return () => {
      box.current?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])

  const closeIfOutside = (event: MouseEvent) => {
    if (event.target === box.current) onClose() // the backdrop counts as the dialog itself
  }

  return (
    <dialog ref={box} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby={titleId} onCancel={onClose} onMouseDown={closeIfOutside}>
      <div class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <IconButton icon="close" label="Close" keys="Esc" side="end" onClick={onClose} />
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  )
}
