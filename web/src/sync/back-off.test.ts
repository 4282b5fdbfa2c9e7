import { afterEach, expect, test, vi } from 'vitest'
import { BackOff } from './back-off'
import { Random } from './testing/random'

afterEach(() => vi.restoreAllMocks())

/** The longest pause there may be. */
function bound(backOff: BackOff): number {
  vi.spyOn(Math, 'random').mockReturnValueOnce(1)
  return backOff.pauseMs()
}

test('the bound doubles with each failure, up to ten seconds, and starts anew after a steady connection', () => {
  const backOff = new BackOff()
  const bounds = [bound(backOff)]
  for (let failures = 1; failures < 9; failures += 1) {
    backOff.lost(false, false)
    bounds.push(bound(backOff))
  }
  expect(bounds).toEqual([300, 600, 1200, 2400, 4800, 9600, 10_000, 10_000, 10_000])
  for (let failures = 0; failures < 2000; failures += 1) backOff.lost(false, false)
  expect(bound(backOff)).toBe(10_000)
  backOff.lost(true, false)
  expect(bound(backOff)).toBe(300)
})

test('a restart spreads even the first return', () => {
  const backOff = new BackOff()
  backOff.lost(true, true)
  expect(bound(backOff)).toBe(2400)
  backOff.lost(false, false)
  expect(bound(backOff)).toBe(4800)
  backOff.lost(false, true)
  expect(bound(backOff)).toBe(9600)
})

test('five thousand pages that a restart sends away come back evenly', () => {
  const random = new Random(11)
  vi.spyOn(Math, 'random').mockImplementation(() => random.next())
  const perTenth = new Array<number>(10).fill(0)
  for (let page = 0; page < 5000; page += 1) {
    const backOff = new BackOff()
    backOff.lost(true, true)
    perTenth[Math.floor(backOff.pauseMs() / 240)]! += 1
  }
  expect(Math.min(...perTenth)).toBeGreaterThan(430)
  expect(Math.max(...perTenth)).toBeLessThan(570)
})
