// Who is here, as a few faces in the bar; more of them as +N. It opens the people panel.
import type { Member } from '../../protocol/events'
import { Avatar } from '../../ui/avatar'
import type { OpenRoom } from './open-room'

const namedUpTo = 3
const facesUpTo = 5

/** Others first as they came, oneself last: "Ada, Lin (you)". */
export function inOrder(members: readonly Member[], me: Member | null): Member[] {
  return [...members.filter((one) => one.id !== me?.id), ...members.filter((one) => one.id === me?.id)]
}

export function PeopleStrip({ room }: { room: OpenRoom }) {
  const { value: me } = room.sync.me
  const people = inOrder(room.sync.members.value, me)
  const named = people.length <= namedUpTo
  const shown = people.length <= facesUpTo ? people : [...people.slice(0, facesUpTo - 1), ...people.slice(-1)]
  const hidden = people.length - shown.length
  return (
    <button type="button" class="people-strip" aria-pressed={room.layout.visible.value === 'people'} onClick={() => room.layout.toggle('people')}>
      <span class="unseen">People here: </span>
      {shown.map((one) => (
        <span key={one.id} class="people-one">
          <Avatar name={one.name} color={one.color} />
          <span class={named ? 'people-name' : 'unseen'}>
            {one.name}
            {one.id === me?.id ? <span class="muted"> (you)</span> : null}
          </span>
        </span>
      ))}
      {hidden > 0 ? <span class="people-more">+{hidden}</span> : null}
    </button>
  )
}
