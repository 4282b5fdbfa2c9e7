// The twelve colours of people: all carry white text at 4.5:1 or more. The server's list (model/people.py) is the same.

export interface PersonColor {
  value: string
  name: string
}

export const personColors: readonly PersonColor[] = [
  { value: '#c2410c', name: 'Orange' },
  { value: '#a16207', name: 'Ochre' },
  { value: '#4d7c0f', name: 'Olive' },
  { value: '#15803d', name: 'Green' },
  { value: '#0f766e', name: 'Teal' },
  { value: '#0e7490', name: 'Cyan' },
  { value: '#1d4ed8', name: 'Blue' },
  { value: '#6d28d9', name: 'Violet' },
  { value: '#a21caf', name: 'Magenta' },
  { value: '#be185d', name: 'Pink' },
  { value: '#b91c1c', name: 'Red' },
  { value: '#57534e', name: 'Grey' },
]

export function isColor(value: unknown): value is string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value)
}

/** A colour for somebody who has not chosen one: one that nobody in `taken` has, if there is any. */
export function freeColor(taken: readonly string[], random: () => number = Math.random): string {
  const free = personColors.filter((color) => !taken.includes(color.value))
  const from = free.length > 0 ? free : personColors
  return (from[Math.floor(random() * from.length)] ?? from[0])?.value ?? '#1d4ed8'
}
