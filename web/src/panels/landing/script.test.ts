import { describe, expect, it } from 'vitest'
import { apply, finishedText, placeOf, steps } from './script'

describe('the example', () => {
  it('finds the place of each of its steps', () => {
    let text = ''
    for (const step of steps) {
      if (step.after !== null) expect(text).toContain(step.after)
      expect(placeOf(step, text)).toBeLessThanOrEqual(text.length)
      text = apply(step, text)
    }
    expect(text).toBe(finishedText)
  })

  it('ends with a whole program', () => {
    expect(finishedText.split('\n').slice(0, 3)).toEqual([
      'def two_sum(nums, target):',
      '    """The places of two numbers that add up to target."""',
      '    seen = {}',
    ])
    expect(finishedText).toContain('        seen[n] = i\n\n\nprint(two_sum([2, 7, 11, 15], 9))\n')
  })
})
