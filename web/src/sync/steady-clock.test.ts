import { afterEach, expect, test, vi } from 'vitest'
import { steadyMs } from './steady-clock'

const HOUR = 3_600_000

afterEach(() => vi.useRealTimers())

test('it goes on, and never goes back, however the device’s clock is set', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const start = steadyMs()
  vi.setSystemTime(Date.now() - HOUR)
  expect(steadyMs()).toBe(start)
  vi.setSystemTime(Date.now() + 500)
  expect(steadyMs()).toBe(start + 500)
  vi.setSystemTime(Date.now() - 2 * HOUR)
  vi.setSystemTime(Date.now() + HOUR)
  expect(steadyMs()).toBe(start + 500)
  vi.setSystemTime(Date.now() + 8 * HOUR) // a night's sleep
  expect(steadyMs()).toBe(start + 500 + 8 * HOUR)
})
