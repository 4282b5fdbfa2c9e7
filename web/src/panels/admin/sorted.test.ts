import { expect, it } from 'vitest'
import { keyOf, sorted } from './sorted'

const rows = [
  { id: '1', name: 'Two sum', people: 3 },
  { id: '2', name: '', people: 10 },
  { id: '3', name: 'árbol', people: 3 },
  { id: '4', name: 'Zebra', people: null },
]
type Row = (typeof rows)[number]
const text = (row: Row) => `${row.id} ${row.name}`
const ids = (found: readonly Row[]) => found.map(({ id }) => id).join('')

it('sorts by numbers and by words, and what is empty stands last', () => {
  expect(ids(sorted(rows, '', text, (row) => row.people, true))).toBe('2134')
  expect(ids(sorted(rows, '', text, (row) => row.people, false))).toBe('1324')
  expect(ids(sorted(rows, '', text, (row) => row.name, false))).toBe('3142')
  expect(ids(sorted(rows, '', text, (row) => row.name, true))).toBe('4132')
})

it('shows those in which every word stands, in any case', () => {
  expect(ids(sorted(rows, ' SUM two ', text, (row) => row.id, false))).toBe('1')
  expect(ids(sorted(rows, 'nothing', text, (row) => row.id, false))).toBe('')
})

it('knows words in any case and with any marks as the same, and numbers in them by their order', () => {
  expect(keyOf('ÁRBOL')).toBe(keyOf('arbol'))
  expect(keyOf('Straße') === keyOf('strasse')).toBe(false) // letters are not exchanged
  const names = ['room 10', 'Room 9', 'room 9b', 'Ärzte', 'Zeta'].map((name) => ({ id: name, name }))
  expect(sorted(names, '', (row) => row.name, (row) => row.name, false).map(({ name }) => name)).toEqual(['Ärzte', 'Room 9', 'room 9b', 'room 10', 'Zeta'])
})

it('leaves what it was given as it was', () => {
  const given = [...rows]
  sorted(given, '', text, (row) => row.people, true)
  expect(given).toEqual(rows)
})
