// The menu beside Run, fetched when it is first wanted: the other ways to start the program, and for hosts where it runs from
// now on. As the ARIA practices have it: arrow keys move, Escape closes.
import { useEffect, useRef } from 'preact/hooks'
import type { RunWhere } from '../../protocol/events'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icons'
import { keyName } from '../../ui/keys'
import { coarsePointer } from '../../ui/media'
import type { OpenRoom } from './open-room'

const items = (menu: HTMLElement | null) => Array.from(menu?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])

export function RunWays({ room, close }: { room: OpenRoom; close(back?: boolean): void }) {
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => items(menu.current)[0]?.focus(), [])
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && menu.current?.parentElement?.contains(event.target) === false) close(false)
    }
    addEventListener('pointerdown', outside)
    return () => removeEventListener('pointerdown', outside)
  }, [])
  const press = (event: KeyboardEvent) => {
    const all = items(menu.current)
    const at = all.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault()
      event.stopPropagation()
      close()
    } else if (to !== undefined) {
      event.preventDefault()
      all[to % all.length]?.focus()
    }
  }
  return (
    <div ref={menu} class="menu" role="menu" aria-label="Ways to start" onKeyDown={press}>
      <Ways room={room} close={close} />
      {room.running.isHost.value && room.running.places.value.length > 1 ? <Usually room={room} close={close} /> : null}
    </div>
  )
}

function Ways({ room, close }: { room: OpenRoom; close(back?: boolean): void }) {
  const { running } = room
  const language = room.language.value
  const server = language?.server ?? null
  const why = running.whyNot.value
  const act = (how: () => void) => () => {
    close(false)
    how()
  }
  const keysOf = (where: RunWhere) => (running.where.value === where ? keyName('Mod+Enter') : null)
  return (
    <div role="group" aria-label="Start">
      <Item
        icon="server"
        label="Run on the server"
        says={server === null ? why || `${language?.name ?? 'This language'} is only written here.` : `${server.name} ${server.version}`}
        keys={keysOf('server')}
        act={server === null ? null : act(() => running.run({ where: 'server' }))}
      />
      {server === null ? null : (
        <Item icon="keyboard" label="Run in a terminal" says="on the server, for everyone to type into" act={act(() => running.run({ where: 'server', terminal: true }))} />
      )}
      {running.hasPrompt.value ? (
        <Item icon="terminal" label={`Open a ${language?.name ?? ''} prompt`} says="line by line, shared" act={act(() => running.openPrompt())} />
      ) : null}
      <Item
        icon="page"
        label="Run in your browser"
        says={language?.runtime == null ? `No browser runs ${language?.name ?? 'this'}.` : 'on this device; the others see the output'}
        keys={keysOf('browser')}
        act={running.here.value === null ? null : act(running.here.value)}
      />
    </div>
  )
}

function Usually({ room, close }: { room: OpenRoom; close(back?: boolean): void }) {
  const { running } = room
  const choose = (where: RunWhere) => () => {
    close()
    void running.keepFor(where)
  }
  return (
    <div role="group" aria-label="Run uses, for everyone" class="menu-group">
      <p class="meta" aria-hidden="true">
        Run uses, for everyone here
      </p>
      {(['server', 'browser'] as const).map((where) => (
        <button key={where} type="button" class="menu-item" role="menuitemradio" aria-checked={running.where.value === where} tabIndex={-1} onClick={choose(where)}>
          <Icon name="check" />
          <span>{where === 'server' ? 'The server' : 'Everyone’s own browser'}</span>
        </button>
      ))}
    </div>
  )
}

interface ItemProps {
  icon: IconName
  label: string
  says: string
  keys?: string | null
  /** Null: it cannot be chosen, and `says` tells why. */
  act: (() => void) | null
}

function Item({ icon, label, says, keys = null, act }: ItemProps) {
  return (
    <button type="button" class="menu-item" role="menuitem" tabIndex={-1} aria-disabled={act === null} onClick={() => act?.()}>
      <Icon name={icon} />
      <span class="menu-words">
        <span>{label}</span>
        <span class="meta">{says}</span>
      </span>
      {keys === null || coarsePointer.value ? null : <kbd aria-hidden="true">{keys}</kbd>}
    </button>
  )
}
