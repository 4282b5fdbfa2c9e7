import { expect, test } from 'vitest'
import { format, inspect } from './inspect'

class Point {
  x = 1
}

const circular: Record<string, unknown> = {}
circular['me'] = circular

test.each([
  ['text', "'text'"],
  ["it's", `"it's"`],
  [-0, '-0'],
  [10n, '10n'],
  [undefined, 'undefined'],
  [[1, [2, 3]], '[ 1, [ 2, 3 ] ]'],
  [{ a: 1, 'b c': null }, "{ a: 1, 'b c': null }"],
  [new Point(), 'Point { x: 1 }'],
  [new Map([['a', 1]]), "Map(1) { 'a' => 1 }"],
  [new Set([1]), 'Set(1) { 1 }'],
  [new Uint8Array([1, 2]), 'Uint8Array(2) [ 1, 2 ]'],
  [Object.create(null), '[Object: null prototype] {}'],
  [() => 1, '[Function (anonymous)]'],
  [Point, '[class Point]'],
  [circular, '{ me: [Circular] }'],
  [{ get now() { return 1 } }, '{ now: [Getter] }'],
  [new Array(2), '[ <empty>, <empty> ]'],
  [/a/g, '/a/g'],
  [{ a: { b: { c: { d: { e: { f: 1 } } } } } }, '{ a: { b: { c: { d: { e: [Object] } } } } }'],
])('shows %s', (value, shown) => {
  expect(inspect(value)).toBe(shown)
})

test('breaks long values into lines', () => {
  const value = { first: 'a'.repeat(40), second: 'b'.repeat(40) }
  expect(inspect(value)).toBe(`{\n  first: '${'a'.repeat(40)}',\n  second: '${'b'.repeat(40)}'\n}`)
})

test('cuts long lists', () => {
  expect(inspect(Array.from({ length: 150 }, () => 0))).toContain('... 50 more')
})

test('survives what throws', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  expect(inspect(proxy)).toMatch(/cannot be shown/)
})

test.each([
  [['a', 1, { b: 2 }], 'a 1 { b: 2 }'],
  [['%s is %d', 'x', '4', 'y'], 'x is 4 y'],
  [['100%'], '100%'],
  [['%c red', 'color: red'], ' red'],
  [['%j %o', { a: 1 }, [1]], '{"a":1} [ 1 ]'],
])('formats %j', (values, text) => {
  expect(format(values)).toBe(text)
})
