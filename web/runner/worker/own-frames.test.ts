import { expect, test } from 'vitest'
import { ownStack } from './own-frames'

const errorWith = (stack: string): Error => Object.assign(new TypeError('bad'), { stack })

test("keeps the program's frames and mends the first line's columns", () => {
  const stack = `TypeError: bad
    at f (main.js:1:121)
    at Array.map (<anonymous>)
    at async self.x.program (main.js:3:5)
    at main.js:9:1
    at blob:null/1-2:1:99`
  expect(ownStack(errorWith(stack), new Set(['main.js']), 100)).toBe('TypeError: bad\n    at f (main.js:1:21)\n    at main.js:3:5\n    at main.js:9:1')
})

test('reads the stacks of other browsers', () => {
  const stack = 'f@main.js:2:3\nself.x.program@main.js:3:5\n@blob:null/1:1:1\n'
  expect(ownStack(errorWith(stack), new Set(['main.js']), 100)).toBe('TypeError: bad\n    at f (main.js:2:3)\n    at main.js:3:5')
})
