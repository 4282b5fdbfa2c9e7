import { expect, it } from 'vitest'
import { minutesLeft } from './expiry'

it.each([
  [null, null],
  [600_001, null],
  [600_000, 10],
  [60_001, 2],
  [60_000, 1],
  [-5, 1],
])('with %j ms left it says %j', (left, said) => {
  expect(minutesLeft(left === null ? null : 1000 + left, 1000)).toBe(said)
})
