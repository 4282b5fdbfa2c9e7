import { expect, it } from 'vitest'
import { piecesOf } from './terminal-input'

it.each([
  ['', 4, []],
  ['abcdef', 4, ['abcd', 'ef']],
  ['abcd', 4, ['abcd']],
  ['abc🚀d', 4, ['abc', '🚀d']],
])('what is typed, %j, goes in pieces of at most %i units', (text, units, pieces) => {
  expect(piecesOf(text, units)).toEqual(pieces)
})
