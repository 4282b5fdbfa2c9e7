import { describe, expect, it } from 'vitest'
import { durationWords, initials, listNames, timeWords, unreadWords } from './words'

describe('words', () => {
  it.each([
    [0, ''],
    [1, '1 unread'],
    [9, '9 unread'],
    [10, '9+ unread'],
  ])('count %d not seen as %j', (count, words) => {
    expect(unreadWords(count)).toBe(words)
  })

  it.each([
    ['Ada', 'A'],
    ['Ada Lovelace', 'AL'],
    ['  ada  king  lovelace ', 'AL'],
    ['李 明', '李明'],
    ['👩🏽‍💻', '👩🏽‍💻'],
    ['', '?'],
  ])('make initials of %j', (name, letters) => {
    expect(initials(name)).toBe(letters)
  })

  it('list names', () => {
    expect(listNames([])).toBe('')
    expect(listNames(['Ada'])).toBe('Ada')
    expect(listNames(['Ada', 'Lin'])).toBe('Ada and Lin')
    expect(listNames(['Ada', 'Lin', 'Ada', 'Lin'])).toBe('Ada, Lin and 2 others')
  })

  it.each([
    [0, '0 ms'],
    [41.4, '41 ms'],
    [999.4, '999 ms'],
    [2440, '2.4 s'],
    [12_600, '13 s'],
    [72_000, '1 min 12 s'],
    [59_960, '1 min 0 s'],
  ])('say %d ms as %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words)
  })

  it('say the date only of another day', () => {
    const noon = new Date(2026, 4, 5, 12, 0).getTime()
    expect(timeWords(noon, noon + 1000)).not.toContain(',')
    expect(timeWords(noon, noon + 48 * 3600_000)).toContain('5')
    expect(timeWords(noon, noon + 48 * 3600_000)).toContain(',')
  })
})
