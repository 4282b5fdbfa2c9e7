import { expect, it } from 'vitest'
import { pointAt, trendPath } from './trend'

const hour = 3_600_000
const now = 10 * hour

it('draws the last hour from left to right, as high as the most', () => {
  const points = [
    { at: now - hour, value: 0 },
    { at: now - hour + 5000, value: 10 },
  ]
  expect(trendPath(points, now)).toBe('M0.00 26.00L0.14 2.00')
})

it('leaves a gap where nothing was sampled, and nothing where nothing was measured', () => {
  const points = [
    { at: now - 60_000, value: 1 },
    { at: now - 55_000, value: null },
    { at: now - 1000, value: 1 },
  ]
  expect(trendPath(points, now).match(/[ML]/g)).toEqual(['M', 'M'])
  expect(trendPath([], now)).toBe('')
})

it('does not make a mountain of a little', () => {
  expect(trendPath([{ at: now, value: 1 }], now, 100)).toBe('M100.00 25.76')
})

it('knows the point under the pointer', () => {
  const points = [
    { at: now - hour, value: 1 },
    { at: now - hour / 2, value: null },
    { at: now, value: 3 },
  ]
  expect(pointAt(points, now, 0.4)?.value).toBe(1)
  expect(pointAt(points, now, 0.6)?.value).toBe(3)
  expect(pointAt([], now, 0.5)).toBeNull()
})
