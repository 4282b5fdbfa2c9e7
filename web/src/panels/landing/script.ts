// What the landing page's example types: steps by two people, and the program that they end with.

export interface Step {
  who: 'Ada' | 'Lin'
  /** Types after the first place where this stands (null: at the end of the text). */
  after: string | null
  text: string
  /** Milliseconds to wait before the first letter. */
  pause: number
}

export const steps: readonly Step[] = [
  { who: 'Ada', after: null, pause: 300, text: 'def two_sum(nums, target):\n' },
  { who: 'Ada', after: null, pause: 100, text: '    seen = {}\n    for i, n in enumerate(nums):\n' },
  { who: 'Lin', after: null, pause: 200, text: '\n\nprint(two_sum([2, 7, 11, 15], 9))\n' },
  { who: 'Ada', after: 'enumerate(nums):\n', pause: 100, text: '        if target - n in seen:\n            return [seen[target - n], i]\n' },
  { who: 'Lin', after: 'def two_sum(nums, target):\n', pause: 300, text: '    """The places of two numbers that add up to target."""\n' },
  { who: 'Ada', after: 'target - n], i]\n', pause: 200, text: '        seen[n] = i\n' },
]

/** Where the step's text goes in `text`. */
export function placeOf(step: Step, text: string): number {
  if (step.after === null) return text.length
  const at = text.indexOf(step.after)
  return at < 0 ? text.length : at + step.after.length
}

export function apply(step: Step, text: string): string {
  const at = placeOf(step, text)
  return text.slice(0, at) + step.text + text.slice(at)
}

export const finishedText = steps.reduce((text, step) => apply(step, text), '')
