import { describe, expect, it } from 'vitest'
import { blocksOf, partsOf } from './output-text'

describe('what a program wrote', () => {
  it('stands in parts of one stream each', () => {
    expect(
      partsOf([
        ['stdout', 'a'],
        ['stdout', 'b'],
        ['stderr', 'c'],
        ['stdout', 'd'],
      ]),
    ).toEqual([
      { stream: 'stdout', text: 'ab' },
      { stream: 'stderr', text: 'c' },
      { stream: 'stdout', text: 'd' },
    ])
  })

  it('is one block while it is short', () => {
    expect(blocksOf('[0, 1]\n')).toEqual(['[0, 1]\n'])
  })

  it('is cut into blocks of whole lines, between lines that are not empty', () => {
    const text = `${'x'.repeat(9000)}\n\n${'y'.repeat(10)}\n${'z'.repeat(9000)}\n`
    const blocks = blocksOf(text)
    expect(blocks.join('\n')).toBe(text)
    expect(blocks).toEqual([`${'x'.repeat(9000)}\n\n${'y'.repeat(10)}`, `${'z'.repeat(9000)}\n`])
  })

  it('keeps its blocks as more is written', () => {
    const lines = Array.from({ length: 5000 }, (_, line) => `line ${line}\n`)
    const early = blocksOf(lines.slice(0, 3000).join(''))
    const late = blocksOf(lines.join(''))
    expect(late.slice(0, early.length - 1)).toEqual(early.slice(0, -1))
    expect(late.join('\n')).toBe(lines.join(''))
  })
})
