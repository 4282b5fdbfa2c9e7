// The real Yjs as one more copy of a document: reads lines of JSON with hexadecimal updates, in rounds; says for each round
// what threw, and what the document is in the end.
import * as readline from 'node:readline'
import * as Y from 'yjs'

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (data) => Buffer.from(data).toString('hex')

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { updates } = JSON.parse(line)
  const doc = new Y.Doc()
  const thrown = []
  const kept = console.error
  console.error = (...said) => thrown.push(`console: ${said.join(' ')}`)
  const attempt = (what, act) => {
    try {
      return act()
    } catch (error) {
      thrown.push(`${what}: ${error}`)
      return null
    }
  }
  attempt('observe', () => {
    doc.getText('file:main').observe((event) => event.delta)
    doc.getMap('files').observeDeep((events) => events.map((event) => [event.path, event.keys, event.delta]))
  })
  updates.forEach((update, number) => attempt(`update ${number}`, () => Y.applyUpdate(doc, bytes(update), 'peer')))
  const text = attempt('text', () => doc.getText('file:main').toString())
  const vector = attempt('vector', () => hex(Y.encodeStateVector(doc)))
  attempt('json', () => doc.getMap('files').toJSON())
  const state = attempt('state', () => Y.encodeStateAsUpdate(doc))
  const again = attempt('again', () => {
    const other = new Y.Doc()
    Y.applyUpdate(other, state)
    return other.getText('file:main').toString()
  })
  const pending = doc.store.pendingStructs !== null || doc.store.pendingDs !== null
  console.error = kept
  process.stdout.write(`${JSON.stringify({ thrown, text, vector, again, pending, state: state && hex(state) })}\n`)
}
