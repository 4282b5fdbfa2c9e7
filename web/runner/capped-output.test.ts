import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Chunk } from '../src/run/messages'
import { CappedOutput } from './capped-output'

let sent: Chunk[][]
beforeEach(() => {
  vi.useFakeTimers()
  sent = []
})
afterEach(() => vi.useRealTimers())

const output = (limit: number): CappedOutput => new CappedOutput(limit, (chunks) => sent.push(chunks))

test('is sent in batches of 16 ms, in order', () => {
  const capped = output(100)
  capped.write('stdout', 'a')
  capped.write('stderr', 'b')
  capped.write('stderr', 'c')
  capped.write('stdout', 'd')
  vi.advanceTimersByTime(15)
  expect(sent).toEqual([])
  vi.advanceTimersByTime(1)
  expect(sent).toEqual([[['stdout', 'a'], ['stderr', 'bc'], ['stdout', 'd']]])
})

test.each([
  ['abc', 3, true, 'abc'],
  ['abcd', 3, false, 'abc'],
  ['ä', 2, true, 'ä'],
  ['aä', 2, false, 'a'],
  ['😀😀', 7, false, '😀'],
  ['😀', 3, false, ''],
  ['a\ud83d', 10, true, 'a\ufffd'],
])('%j within %i bytes: %s', (text, limit, fits, kept) => {
  const capped = output(limit)
  expect(capped.write('stdout', text)).toBe(fits)
  capped.flush()
  expect(sent.flat().map(([, piece]) => piece).join('')).toBe(kept)
})

test('takes nothing more once it was cut', () => {
  const capped = output(3)
  capped.write('stdout', 'aää')
  expect(capped.write('stdout', 'b')).toBe(false)
  capped.flush()
  expect(sent.flat()).toEqual([['stdout', 'aä']])
})
