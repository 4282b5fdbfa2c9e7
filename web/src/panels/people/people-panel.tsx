// Who is in the room: go to where somebody is, and change one's own name and colour.
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Member } from '../../protocol/events'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Icon } from '../../ui/icon'
import { OwnCard } from './own-card'
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
  onShare(): void
  onOwnData(): void
  onErase(): void
  onEnd(): void
}

const roles = { host: 'Host', editor: 'Can write', viewer: 'Viewing' }

export function PeoplePanel({ members, me, following, focus, online, change, onShare, onOwnData, onErase, onEnd }: PeoplePanelProps) {
  const others = members.value.filter((one) => one.id !== me.value?.id)
  return (
    <div class="people">
      {me.value === null ? null : <OwnCard me={me.value} role={roles[me.value.role]} online={online.value} change={change} focus={focus} />}
      <ul class="people-list" aria-label="Others in the room">
        {others.map((one) => (
          <li key={one.id}>
            <Person
              member={one}
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
        <Button kind="quiet" icon="info" onClick={onOwnData}>
          What this room keeps…
        </Button>
        {me.value?.role === 'host' ? (
          <>
            <Button kind="quiet" icon="eraser" onClick={onErase}>
              Erase something…
            </Button>
            <Button kind="quiet" class="people-end" icon="leave" onClick={onEnd}>
              End the room for everyone…
            </Button>
          </>
        ) : null}
      </div>
    </div>
  )
}

function Person({ member, followed, onFollow }: { member: Member; followed: boolean; onFollow(): void }) {
  return (
    <div class="person">
      <Avatar name={member.name} color={member.color} />
      <div class="person-words">
        <span class="person-name">{member.name}</span>
        <span class="meta">{roles[member.role]}</span>
      </div>
      <button
        type="button"
        class="button"
        aria-pressed={followed}
        aria-label={followed ? `Stop following ${member.name}` : `Follow ${member.name}`}
        onClick={onFollow}
      >
        <Icon name="follow" />
        {followed ? 'Following' : 'Follow'}
      </button>
    </div>
  )
}
