import { expect, test } from 'vitest'
import { type Cell, cellText, TextTable, textWidth } from './sql-table'

function tableOf(columns: string[], rows: Cell[][]): string {
  let text = ''
  const table = new TextTable(columns, (piece) => {
    text += piece
  })
  for (const row of rows) table.add(row)
  table.end()
  return text
}

test('aligns text left and numbers right', () => {
  expect(tableOf(['id', 'name'], [[1, 'Ada'], [10, null]])).toBe('id  name\n────────\n 1  Ada\n10  NULL\n(2 rows)\n')
})

test('shows the columns of an empty result', () => {
  expect(tableOf(['id'], [])).toBe('id\n──\n(0 rows)\n')
})

test('streams after the first rows, with their widths', () => {
  const pieces: string[] = []
  const table = new TextTable(['n'], (piece) => pieces.push(piece))
  for (let at = 0; at < 199; at++) table.add([1])
  expect(pieces).toEqual([])
  table.add([1])
  table.add(['longer'])
  expect(pieces.at(-1)).toBe('longer\n')
})

test.each([
  [null, 'NULL'],
  [new Uint8Array([0, 255]), "x'00ff'"],
  [12345678901234567890n, '12345678901234567890'],
  ['a\nb', 'a⏎b'],
] as [Cell, string][])('writes %s', (cell, text) => {
  expect(cellText(cell)).toBe(text)
})

test('counts columns of wide and combining characters', () => {
  expect([textWidth('日本'), textWidth('é'), textWidth('e\u0301'), textWidth('😀')]).toEqual([4, 1, 1, 2])
})
