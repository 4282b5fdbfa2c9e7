import { expect, it } from 'vitest'
import type { Erased } from '../../api/erasures'
import { foundIn, piecesLeft, standsNow } from './erase-words'

const nothing: Erased = { dry_run: true, times: 0, texts: {}, now: 0, values: 0, named: 0, chat: 0, runs: 0, names: 0, title: 0, pieces: 0, clean: null }
const nameOf = (file: string) => `${file}.py`

it('says nothing of places in which it is not', () => {
  expect(foundIn(nothing, nameOf)).toEqual([])
  expect(standsNow(nothing)).toBeNull()
  expect(piecesLeft(nothing)).toBeNull()
})

it('has a line for each kind of place', () => {
  const found = { ...nothing, texts: { main: 2, '': 1 }, values: 1, named: 1, chat: 13, runs: 1, names: 2, title: 1 }
  expect(foundIn(found, nameOf)).toEqual([
    'Two places in main.py, now or earlier',
    'One place where it was written and gone again before anybody saw it',
    'One place in names of files, formats or values',
    'In the id of one file, which goes whole',
    '13 places in the chat',
    'One place in what was run: output, arguments, pages',
    'Two places in names of people or invitations',
    'In the room’s title',
  ])
})

it('says whether it stands there now', () => {
  expect(standsNow({ ...nothing, texts: { main: 3 } })).toContain('not stand in the text any more')
  expect(standsNow({ ...nothing, texts: { main: 3 }, now: 1 })).toBe('It stands in the text now, once.')
  expect(standsNow({ ...nothing, texts: { main: 3 }, now: 2 })).toBe('It stands in the text now, in two places.')
})

it('names parts that stay', () => {
  expect(piecesLeft({ ...nothing, pieces: 1 })).toMatch(/^A longer part of it was also written without the rest, and stays\. Erase it next/)
  expect(piecesLeft({ ...nothing, pieces: 2 })).toMatch(/^Two longer parts of it were .* stay\. Erase them next/)
})
