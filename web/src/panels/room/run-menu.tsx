// What stands beside Run: a button that opens the menu of other ways to start the program, and has the focus again after it.
import { useRef, useState } from 'preact/hooks'
import { Icon } from '../../ui/icon'
import { lazy } from '../../ui/lazy'
import type { OpenRoom } from './open-room'

export const RunWays = lazy(async () => (await import('./run-ways')).RunWays)

export function RunMenu({ room }: { room: OpenRoom }) {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const close = (back = true) => {
    setOpen(false)
    if (back) button.current?.focus()
  }
  const show = () => {
    room.lookForLanguages() // what runs on the server may have changed since the page was opened
    setOpen(true)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' || open) return
    event.preventDefault()
    show()
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class="button primary run-more"
        aria-label="Other ways to start"
        aria-haspopup="menu"
        aria-expanded={open}
        data-tip={open ? undefined : 'Other ways to start'}
        data-side="end"
        onPointerEnter={RunWays.preload}
        onFocus={RunWays.preload}
        onClick={() => (open ? close() : show())}
        onKeyDown={press}
      >
        <Icon name="chevron-down" />
      </button>
      {open ? <RunWays room={room} close={close} /> : null}
    </>
  )
}
