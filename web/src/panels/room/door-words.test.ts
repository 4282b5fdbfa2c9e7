import { expect, it } from 'vitest'
import { theRoom } from '../../sync/testing/fake-server'
import { doorWords } from './door-words'

it('says what changed and nothing else', () => {
  expect(doorWords(theRoom, theRoom)).toEqual([])
  expect(doorWords(null, { ...theRoom, locked: true })).toEqual([])
  expect(doorWords(theRoom, { ...theRoom, read_only: true, run_role: 'host' })).toEqual(['Only hosts can edit now.', 'Only hosts can run code now.'])
  expect(doorWords({ ...theRoom, lobby: true, password: true }, theRoom)).toHaveLength(2)
})
