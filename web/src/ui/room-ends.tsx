// The times after which a room may end by itself, as they are offered where it is opened and in its settings.
const hourMs = 3_600_000

export const roomEnds = [
  { hours: 1, text: 'In an hour' },
  { hours: 4, text: 'In 4 hours' },
  { hours: 24, text: 'In a day' },
  { hours: 24 * 7, text: 'In a week' },
  { hours: 24 * 30, text: 'In 30 days' },
] as const

/** So many hours after `now`; both in milliseconds since the epoch. */
export const endAfter = (hours: number, now: number = Date.now()): number => now + hours * hourMs

/** To be chosen from, in a <select> whose values are hours. */
export function RoomEnds() {
  return roomEnds.map(({ hours, text }) => (
    <option key={hours} value={hours}>
      {text}
    </option>
  ))
}
