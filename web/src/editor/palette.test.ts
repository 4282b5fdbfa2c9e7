import { expect, test } from 'vitest'
import { inkOn } from './carets'
import { grounds, palette } from './palette'
import { personColors } from '../ui/colors'

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const themes = ['light', 'dark'] as const
const cases = themes.flatMap((theme) =>
  Object.entries(palette).flatMap(([name, shade]) =>
    Object.entries(grounds[theme]).map(([ground, color]) => [name, ground, theme, shade[theme], color] as const),
  ),
)

test.each(cases)('%s on the %s is readable, %s', (_name, _ground, _theme, color, ground) => {
  expect(contrast(color, ground)).toBeGreaterThanOrEqual(4.5)
})

test.each(personColors.map(({ name, value }) => [name, value]))('a name on %s is readable', (_name, color) => {
  expect(contrast(inkOn(color), color)).toBeGreaterThanOrEqual(4.5)
})
