// When the room ends by itself.
import { useId } from 'preact/hooks'
import type { Change } from './change'

const hourMs = 3_600_000
const choices = [
  { hours: 1, text: 'In an hour' },
  { hours: 4, text: 'In 4 hours' },
  { hours: 24, text: 'In a day' },
  { hours: 24 * 7, text: 'In a week' },
  { hours: 24 * 30, text: 'In 30 days' },
]

export function Expiry({ at, change }: { at: number | null; change: Change }) {
  const id = useId()
  const choose = (value: string) => void change({ expires_at: value === 'never' ? 0 : Date.now() + Number(value) * hourMs })
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
        {choices.map(({ hours, text }) => (
          <option key={hours} value={hours}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}
