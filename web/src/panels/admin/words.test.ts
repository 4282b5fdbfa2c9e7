import { expect, it } from 'vitest'
import { ageWords, bytesWords, countdownWords, figureWords, latencyWords } from './words'

it.each([
  [-5, 'now'],
  [1400, 'now'],
  [59_000, '59 s'],
  [60_000, '1 min'],
  [7_300_000, '2 h'],
  [300_000_000, '3 d'],
])('an age of %i ms is %s', (ms, text) => expect(ageWords(ms)).toBe(text))

it.each([
  [30_000, '0:30'],
  [26_100, '0:27'],
  [-4, '0:00'],
  [61_000, '1:01'],
])('%i ms are left: %s', (ms, text) => expect(countdownWords(ms)).toBe(text))

it('figures are short', () => {
  expect([0, 0.42, 9.9, 12.4].map(figureWords)).toEqual(['0', '0.4', '9.9', '12'])
  expect([null, 0.081, 4.21, 120.4].map(latencyWords)).toEqual(['–', '0.08 ms', '4.2 ms', '120 ms'])
  expect([812, 12_300, 3_600_000, 90_000_000, 3_000_000_000].map(bytesWords)).toEqual(['812 B', '12 kB', '3.4 MB', '86 MB', '2.8 GB'])
})
