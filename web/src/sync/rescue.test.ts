import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { fileText, MAIN_FILE } from './files'
import { Rescue } from './rescue'

function docOf(text: string): Y.Doc {
  const doc = new Y.Doc()
  fileText(doc, MAIN_FILE).insert(0, text)
  return doc
}

const nothing = Y.encodeStateAsUpdate(new Y.Doc())

describe('text of a dropped document', () => {
  it('is offered below what was offered before, once the server’s is another', () => {
    const rescue = new Rescue()
    rescue.offer('of yesterday')
    rescue.hold(docOf('mine'))
    expect([rescue.offered.value, rescue.all, rescue.heldWith('more')]).toEqual(['of yesterday', 'of yesterday\n\nmine', 'mine\n\nmore'])
    expect(rescue.settle(nothing, 'theirs')).toBe(true)
    expect([rescue.offered.value, rescue.heldWith(null)]).toEqual(['of yesterday\n\nmine', null])
  })

  it.each(['mine', '  '])('is not offered where the server has it, or there is none (%j)', (text) => {
    const rescue = new Rescue()
    rescue.hold(docOf(text))
    rescue.settle(nothing, 'mine')
    expect(rescue.offered.value).toBeNull()
  })

  it('is offered without what was erased from the document meanwhile', () => {
    const server = docOf('a secret')
    const page = new Y.Doc()
    Y.applyUpdate(page, Y.encodeStateAsUpdate(server))
    fileText(page, MAIN_FILE).insert(0, 'mine ')
    const rescue = new Rescue()
    rescue.hold(page)
    rescue.epochChanged('e.1', 'e.2', page)
    fileText(server, MAIN_FILE).delete(2, 6)
    rescue.settle(Y.encodeStateAsUpdate(server), 'a ')
    expect(rescue.offered.value).toBe('mine a ')
  })

  it('leaves what is offered alone where nothing was dropped', () => {
    expect(new Rescue().settle(nothing, 'theirs')).toBe(false)
  })
})
