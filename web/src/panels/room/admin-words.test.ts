import { expect, it } from 'vitest'
import type { ServerEvent } from '../../protocol/events'
import { steadyMs } from '../../sync/steady-clock'
import { AdminWords } from './admin-words'

function room() {
  let say: (event: ServerEvent) => void = () => undefined
  const words = new AdminWords({
    on: (listener) => {
      say = listener
      return () => undefined
    },
  })
  return { words, say: (event: object) => say(event as ServerEvent) }
}

it('knows how long the room goes on, whatever time the server has', () => {
  const { words, say } = room()
  say({ type: 'room.ending', at: 5, seconds: 30, erases: true, by: null })
  const left = (words.ending.value?.at ?? 0) - steadyMs()
  expect(left).toBeGreaterThan(25_000)
  expect(left).toBeLessThanOrEqual(30_000)
})

it.each(['room.ending_cancelled', 'welcome'])('after %s it goes on', (type) => {
  const { words, say } = room()
  say({ type: 'room.ending', at: 5, seconds: 30, erases: true, by: null })
  say({ type })
  expect(words.ending.value).toBeNull()
})

it('keeps the newest messages until they are put away', () => {
  const { words, say } = room()
  for (const text of ['1', '2', '3', '4']) say({ type: 'notice', text, at: 1 })
  expect(words.notices.value.map(({ text }) => text)).toEqual(['2', '3', '4'])
  const second = words.notices.value[1]
  if (second !== undefined) words.putAway(second)
  expect(words.notices.value.map(({ text }) => text)).toEqual(['2', '4'])
})
