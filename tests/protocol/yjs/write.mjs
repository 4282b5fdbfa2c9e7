// Writes updates.json beside it: updates as the real Yjs makes them, for tests/protocol/test_structs.py.
// Run from web/, where Yjs is: node ../tests/protocol/yjs/write.mjs
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const Y = createRequire(join(process.cwd(), 'package.json'))('yjs')
const updates = {}
const hex = (bytes) => Buffer.from(bytes).toString('hex')

function page(client) {
  const doc = new Y.Doc()
  doc.clientID = client
  const sent = []
  doc.on('update', (update) => sent.push(update))
  return { doc, sent, text: doc.getText('t') }
}

// one of everything
const every = page(4_294_967_295)
every.text.insert(0, 'plain, ünïcode, 林 and 👩‍💻')
every.text.format(0, 5, { bold: true, link: 'https://example.org' })
every.text.insertEmbed(3, { image: 'x.png' })
every.text.applyDelta([{ retain: 2 }, { insert: 'delta', attributes: { italic: true } }])
const array = every.doc.getArray('a')
array.push([1, -70_000, 2 ** 40, 1.5, -0, 1e300, NaN, 's', true, false, null, { nothing: undefined, k: [1, { deep: null }] }, new Uint8Array([0, 255]), { big: 123n }])
array.push([new Uint8Array([1, 2, 3]), new Y.Text('inner'), new Y.Array(), new Y.Map()])
array.delete(1, 3)
const map = every.doc.getMap('m')
map.set('nested', new Y.Map([['array', Y.Array.from(['x'])]]))
map.set('nested', 'replaced')
map.delete('nested')
map.set('sub', new Y.Doc({ guid: 'inside', meta: { a: 1 } }))
const xml = every.doc.getXmlFragment('x')
const element = new Y.XmlElement('p')
element.setAttribute('class', 'c')
xml.insert(0, [element, new Y.XmlText('hi')])
every.text.delete(0, 10)
every.sent.forEach((update, number) => (updates[`everything, edit ${number}`] = hex(update)))
updates['everything, whole'] = hex(Y.encodeStateAsUpdate(every.doc))
updates['everything, collected'] = hex(Y.encodeStateAsUpdate((() => { const copy = new Y.Doc(); Y.applyUpdate(copy, Y.encodeStateAsUpdate(every.doc)); copy.getMap('m').clear(); copy.getArray('a').delete(0, 5); return copy })()))
updates['nothing'] = hex(Y.encodeStateAsUpdate(new Y.Doc()))
updates['step 2 with nothing new'] = hex(Y.encodeStateAsUpdate(every.doc, Y.encodeStateVector(every.doc)))

// gaps: merged without the middle, and the state of somebody to whom it has not come
const typing = page(7)
for (const letter of 'abcdef') typing.text.insert(typing.text.length, letter)
const gapped = typing.sent.filter((_, number) => number !== 2)
updates['merged with a gap'] = hex(Y.mergeUpdates(gapped))
updates['merged in disorder'] = hex(Y.mergeUpdates([...typing.sent].reverse()))
const waiting = page(8)
gapped.forEach((update) => Y.applyUpdate(waiting.doc, update))
waiting.text.insert(0, 'own ')
updates['state with something pending'] = hex(Y.encodeStateAsUpdate(waiting.doc))
updates['step 2 with something pending'] = hex(Y.encodeStateAsUpdate(waiting.doc, new Uint8Array([1, 7, 1])))
const deletes = page(9)
Y.applyUpdate(deletes.doc, Y.encodeStateAsUpdate(typing.doc))
deletes.text.delete(1, 3)
const early = page(10)
Y.applyUpdate(early.doc, deletes.sent.at(-1))
early.text.insert(0, 'x')
updates['state with a deletion pending'] = hex(Y.encodeStateAsUpdate(early.doc))

// undo, and two who write at one place
const undoer = page(11)
const undo = new Y.UndoManager(undoer.text, { captureTimeout: 0 })
undoer.text.insert(0, 'one')
undoer.text.insert(3, 'two')
undo.undo()
undo.redo()
const other = page(12)
Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(undoer.doc))
other.text.insert(3, '!')
undoer.text.insert(3, '?')
Y.applyUpdate(undoer.doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(undoer.doc)))
undoer.sent.forEach((update, number) => (updates[`undo, edit ${number}`] = hex(update)))
updates['undo, whole'] = hex(Y.encodeStateAsUpdate(undoer.doc))
updates['difference of an update'] = hex(Y.diffUpdate(Y.encodeStateAsUpdate(undoer.doc), new Uint8Array([1, 11, 4])))

writeFileSync(new URL('updates.json', import.meta.url), JSON.stringify(updates, null, 1) + '\n')
