import { expect, it } from 'vitest'
import { endAfter, roomEnds } from './room-ends'

it('offers ends that lie ahead, the soonest first, within the year that the server takes', () => {
  const ends = roomEnds.map(({ hours }) => endAfter(hours, 1000))
  expect(ends[0]).toBe(3_601_000)
  expect(ends).toEqual([...ends].sort((a, b) => a - b))
  expect(ends.at(-1)).toBeLessThan(366 * 86_400_000)
})
