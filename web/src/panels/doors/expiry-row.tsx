// When the room ends by itself.
import { useId } from 'preact/hooks'
import { endAfter, RoomEnds } from '../../ui/room-ends'
import type { Change } from './change'

export function Expiry({ at, change }: { at: number | null; change: Change }) {
  const id = useId()
  const choose = (value: string) => void change({ expires_at: value === 'never' ? 0 : endAfter(Number(value)) })
  return (
    <div class="door">
      <label class="door-words" for={id}>
        <span>End of the room</span>
        <span class="meta">{at === null ? 'A host ends it.' : `It ends, and its text is erased, on ${new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}.`}</span>
      </label>
      <select id={id} class="input door-end" value={at === null ? 'never' : 'set'} onChange={(event) => choose(event.currentTarget.value)}>
        {at === null ? null : (
          <option value="set" disabled>
            At that time
          </option>
        )}
        <option value="never">By a host</option>
        <RoomEnds />
      </select>
    </div>
  )
}
