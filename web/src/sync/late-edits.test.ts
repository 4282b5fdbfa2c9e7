// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { leaveBehind, leftBehind } from './late-edits'

beforeEach(() => localStorage.clear())

test('what a page leaves behind is there for the next one until the database has it', () => {
  const edits = [new Uint8Array([0, 255, 128]), new Uint8Array(70_000).fill(7)]
  leaveBehind('/room', 'tab1', 'epoch', edits)
  leaveBehind('/room', 'tab2', 'epoch', [new Uint8Array([1])])
  expect(leftBehind('/room', 'epoch').updates).toHaveLength(3)
  const late = leftBehind('/room', 'epoch')
  expect(late.updates).toEqual(expect.arrayContaining(edits))
  late.taken()
  expect(leftBehind('/room', 'epoch').updates).toEqual([])
})

test('edits of another room or epoch are not handed out', () => {
  leaveBehind('/room', 'tab', 'old', [new Uint8Array([1])])
  leaveBehind('/room2', 'tab', 'epoch', [new Uint8Array([2])])
  const late = leftBehind('/room', 'epoch')
  expect(late.updates).toEqual([])
  late.taken()
  expect(localStorage.length).toBe(1)
})

test('nothing is kept where there is nothing', () => {
  leaveBehind('/room', 'tab', 'epoch', [])
  expect(localStorage.length).toBe(0)
})

test('one that cannot be read does not cost the others', () => {
  vi.spyOn(console, 'warn').mockImplementationOnce(() => undefined)
  localStorage.setItem('fourhands:late:/room:broken', '{"epoch":')
  leaveBehind('/room', 'tab', 'epoch', [new Uint8Array([1])])
  const late = leftBehind('/room', 'epoch')
  expect(late.updates).toEqual([new Uint8Array([1])])
  late.taken()
  expect(localStorage.length).toBe(0)
})
