// One's rooms, those used last first: to find, open, rename, put aside, leave and end.
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Account } from '../../api/accounts'
import { newRoom } from '../../api/new-room'
import { Button, IconButton } from '../../ui/button'
import { Problem, Segments } from '../../ui/field'
import { Frame } from './frame'
import { useActing } from './acting'
import { RoomList } from './room-list'

/** Asks what a private room is to be like, and opens it. */
export type Opening = ComponentType<{ onRoom(id: string): void; onClose(): void }>

export interface RoomsPageProps {
  account: Account
  onLanding(): void
  onRoom(id: string): void
  Opening: Opening
}

const typingMs = 250

export function RoomsPage({ account, onLanding, onRoom, Opening }: RoomsPageProps) {
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const [archived, setArchived] = useState(false)
  const [privately, setPrivately] = useState(false)
  const opening = useActing()
  const open = () => opening.act(async () => onRoom(await newRoom()))

  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), typed === '' ? 0 : typingMs)
    return () => clearTimeout(timer)
  }, [typed])

  return (
    <Frame title="My rooms" at="rooms" account={account} onLanding={onLanding}>
      <div class="own-tools">
        <input
          class="input"
          type="search"
          aria-label="Find a room by title or language"
          placeholder="Find by title or language"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Segments
          label="Which rooms"
          choices={[
            { value: 'now', text: 'Current' },
            { value: 'archived', text: 'Archived' },
          ]}
          value={archived ? 'archived' : 'now'}
          onChange={(value) => setArchived(value === 'archived')}
        />
        <span class="own-open">
          <Button kind="primary" icon="plus" aria-disabled={opening.busy} onClick={open}>
            {opening.busy ? 'Opening…' : 'Open a room'}
          </Button>
          <IconButton icon="more" kind="plain" label="Open a private room…" side="end" onClick={() => setPrivately(true)} />
        </span>
      </div>
      <div aria-live="polite">{opening.problem === null ? null : <Problem text={opening.problem} />}</div>
      <RoomList key={`${archived} ${search}`} search={search} archived={archived} team={null} />
      {privately ? <Opening onRoom={onRoom} onClose={() => setPrivately(false)} /> : null}
    </Frame>
  )
}
