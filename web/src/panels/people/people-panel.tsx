// Who is in the room: go to where somebody is, change one's own name and colour; hosts let in, change roles and remove.
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Member } from '../../protocol/events'
import { Button } from '../../ui/button'
import { OwnCard } from './own-card'
import { type MoveMember, PersonRow, roleWords } from './person-row'
import { WaitingList } from './waiting-list'
import './people.css'

export interface PeoplePanelProps {
  members: ReadonlySignal<readonly Member[]>
  me: ReadonlySignal<Member | null>
  following: Signal<string | null>
  /** `people`: one's own name is to be changed. */
  focus: Signal<string | null>
  online: ReadonlySignal<boolean>
  /** Changes one's own name or colour; false: not connected. */
  change(change: { name?: string; color?: string }): boolean
  /** Who waits to be let in; hosts alone know. */
  waiting: ReadonlySignal<readonly Member[]>
  moveMember: MoveMember
  onShare(): void
  onOwnData(): void
  onErase(): void
  onEnd(): void
  onDoors(): void
}

export function PeoplePanel({ members, me, following, focus, online, change, waiting, moveMember, onShare, onDoors, ...acts }: PeoplePanelProps) {
  const isHost = me.value?.role === 'host'
  const others = members.value.filter((one) => one.id !== me.value?.id)
  return (
    <div class="people">
      {me.value === null ? null : <OwnCard me={me.value} role={roleWords[me.value.role]} online={online.value} change={change} focus={focus} />}
      {isHost && waiting.value.length > 0 ? <WaitingList waiting={waiting.value} move={moveMember} /> : null}
      <ul class="people-list" aria-label="Others in the room">
        {others.map((one) => (
          <li key={one.id}>
            <PersonRow
              member={one}
              move={isHost ? moveMember : null}
              followed={following.value === one.id}
              onFollow={() => (following.value = following.value === one.id ? null : one.id)}
            />
          </li>
        ))}
      </ul>
      {others.length > 0 ? null : (
        <div class="people-alone">
          <p class="muted">
            {online.value ? 'Nobody else is here yet. Send somebody the link.' : 'Who else is here is seen when the connection is back.'}
          </p>
          {online.value ? (
            <Button icon="share" onClick={onShare}>
              Share
            </Button>
          ) : null}
        </div>
      )}
      <div class="people-acts">
        <Button kind="quiet" icon="info" onClick={acts.onOwnData}>
          What this room keeps…
        </Button>
        {isHost ? (
          <>
            <Button kind="quiet" icon="settings" onClick={onDoors}>
              Room settings…
            </Button>
            <Button kind="quiet" icon="eraser" onClick={acts.onErase}>
              Erase something…
            </Button>
            <Button kind="quiet" class="people-end" icon="leave" onClick={acts.onEnd}>
              End the room for everyone…
            </Button>
          </>
        ) : null}
      </div>
    </div>
  )
}
