import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { fileText } from './files'
import { ErasedFrom, joined } from './unsent'

test('two texts are put below each other, one alone stays', () => {
  expect([joined('a', 'b'), joined('a', 'a'), joined(null, 'b'), joined('a', null), joined(null, null)]).toEqual(['a\n\nb', 'a', 'b', 'a', null])
})

test('what the server has deleted goes, what it never had stays', () => {
  const [page, server] = [new Y.Doc(), new Y.Doc()]
  fileText(page, 'main').insert(0, 'key=secret;')
  Y.applyUpdate(server, Y.encodeStateAsUpdate(page))
  fileText(page, 'main').insert(11, ' unsent')
  fileText(server, 'main').delete(4, 6)
  const dropped = ErasedFrom.where('abc', 'abc.1', page)
  page.destroy()
  expect(dropped?.textWith(Y.encodeStateAsUpdate(server))).toBe('key=; unsent')
})

test('epochs of two documents have nothing to do with each other', () => {
  expect(ErasedFrom.where('abc.1', 'abd.1', new Y.Doc())).toBeNull()
  expect(ErasedFrom.where('abc.1', 'abc.2', new Y.Doc())).not.toBeNull()
})
