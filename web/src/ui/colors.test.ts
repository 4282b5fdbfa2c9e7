import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { freeColor, personColors } from './colors'

function luminance(hex: string): number {
  const channel = (from: number) => {
    const part = Number.parseInt(hex.slice(from, from + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const css = readFileSync(new URL('./styles/colors.css', import.meta.url), 'utf8')
const shades = new Map(
  Array.from(css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g), ([, name = '', light = '', dark = '']) => [name, { light, dark }]),
)

function shade(name: string, theme: 'light' | 'dark'): string {
  const found = shades.get(name)
  if (found === undefined) throw new Error(`colors.css has no --${name}`)
  return found[theme]
}

const grounds = ['paper', 'raised', 'sunken', 'hover']
const texts: [text: string, on: string[]][] = [
  ['ink', [...grounds, 'selection', 'accent-soft', 'warn-soft', 'bad-soft']],
  ['muted', ['paper', 'raised', 'sunken']],
  ['accent', ['paper', 'raised', 'sunken']],
  ['good', ['paper', 'sunken']],
  ['warn', ['paper', 'sunken', 'warn-soft']],
  ['bad', ['paper', 'raised', 'sunken', 'bad-soft']],
  ['accent-ink', ['accent', 'accent-hover']],
  ['bad-ink', ['bad', 'bad-hover']],
]

describe('the colours', () => {
  it.each(personColors.map((color) => [color.name, color.value]))('of people carry white text: %s', (_, value) => {
    expect(contrast(value, '#ffffff')).toBeGreaterThanOrEqual(4.5)
  })

  for (const theme of ['light', 'dark'] as const) {
    it.each(texts)(`of the ${theme} theme are readable: %s`, (text, on) => {
      for (const ground of on) expect(contrast(shade(text, theme), shade(ground, theme)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
    })
    it(`of the ${theme} theme show where a field ends`, () => {
      expect(contrast(shade('line-strong', theme), shade('raised', theme))).toBeGreaterThanOrEqual(3)
    })
  }

  it('given to somebody new are ones that nobody has, while there are any', () => {
    const taken = personColors.slice(1).map((color) => color.value)
    expect(freeColor(taken)).toBe(personColors[0]?.value)
    expect(
      freeColor(
        personColors.map((color) => color.value),
        () => 0.99,
      ),
    ).toBe(personColors.at(-1)?.value)
  })
})
