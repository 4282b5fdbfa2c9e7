// @vitest-environment happy-dom
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { others, othersIn, type Other } from './others'
import { ownCursor } from './own-cursor'
import { bindText, SharedText } from './shared-text'

class Person {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly view: EditorView

  constructor(name: string, text: Uint8Array = new Uint8Array([0, 0])) {
    Y.applyUpdate(this.doc, text)
    const shared = new SharedText(this.doc.getText('file:main'))
    const extensions = [bindText(shared), others(this.awareness, 'main'), ownCursor(this.awareness, 'main')]
    this.view = new EditorView({ state: EditorState.create({ doc: shared.toString(), extensions }) })
    this.awareness.setLocalState({ user: { id: `id-${name}`, name, color: '#1d4ed8' } })
  }

  get seen(): Other[] {
    return [...(othersIn(this.view)?.all ?? [])]
  }

  update(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc)
  }
}

let ada: Person
let lin: Person

beforeEach(() => {
  vi.useFakeTimers()
  ada = new Person('Ada')
  ada.view.dispatch({ changes: { from: 0, insert: 'one two three' } })
  lin = new Person('Lin', ada.update())
})

afterEach(() => {
  for (const { view, awareness } of [ada, lin]) {
    view.destroy()
    awareness.destroy()
  }
  vi.useRealTimers()
})

/** A state that somebody made up, with that position as their cursor. */
function hostile(position: object): object {
  return { user: { name: 'Eve' }, cursor: { anchor: position, head: position } }
}

function frame(): void {
  vi.advanceTimersByTime(20)
}

/** What Lin says of herself reaches Ada. */
function tellAda(): void {
  frame()
  applyAwarenessUpdate(ada.awareness, encodeAwarenessUpdate(lin.awareness, [lin.awareness.clientID]), 'test')
  frame()
}

test('a cursor is where its owner has it, and moves with the text', () => {
  lin.view.dispatch({ selection: { anchor: 4, head: 7 } })
  tellAda()
  expect(ada.seen).toMatchObject([{ name: 'Lin', member: 'id-Lin', anchor: 4, head: 7 }])
  ada.view.dispatch({ changes: { from: 0, insert: '>> ' } })
  expect(ada.seen).toMatchObject([{ anchor: 7, head: 10 }])
  expect(othersIn(ada.view)?.of('id-Lin')?.head).toBe(10)
})

test('a cursor in text that has not come yet is placed when it comes', () => {
  lin.view.dispatch({ selection: { anchor: 3 } })
  tellAda()
  lin.view.dispatch({ changes: { from: 13, insert: ' four' }, selection: { anchor: 16 } })
  tellAda()
  expect(ada.seen).toMatchObject([{ head: 3 }])
  Y.applyUpdate(ada.doc, lin.update())
  frame()
  expect(ada.seen).toMatchObject([{ head: 16 }])
})

test('a name is shown while its owner types, then fades', () => {
  lin.view.dispatch({ selection: { anchor: 1 } })
  tellAda()
  vi.advanceTimersByTime(4_000)
  expect(ada.seen[0]!.nameUntil).toBeLessThan(Date.now())
  lin.view.dispatch({ changes: { from: 1, insert: 'x' }, selection: { anchor: 2 } })
  tellAda()
  expect(ada.seen[0]!.nameUntil).toBeGreaterThan(Date.now())
})

test('who leaves is gone', () => {
  lin.view.dispatch({ selection: { anchor: 1 } })
  tellAda()
  lin.awareness.setLocalState(null)
  tellAda()
  expect(ada.seen).toEqual([])
})

test.each([
  ['nothing', {}],
  ['no name', { user: { id: 'x' }, cursor: { anchor: {}, head: {} } }],
  ['a cursor that is a word', { user: { name: 'Eve' }, cursor: 'here' }],
  ['a cursor with a hole', { user: { name: 'Eve' }, cursor: { anchor: null, head: 3 } }],
  ['a clock below zero', hostile({ item: { client: 1, clock: -1 } })],
  ['a clock that is half a letter', hostile({ item: { client: 1, clock: 0.5 } })],
  ['a client that is a word', hostile({ item: { client: 'x', clock: 0 } })],
  ['an item that is a number', hostile({ item: 3 })],
  ['a type that is a number', hostile({ type: 5 })],
  ['a type of nobody', hostile({ type: { client: 1, clock: -1 } })],
  ['a text that nobody has', hostile({ tname: 'file:new' })],
  ['another file', { user: { name: 'Eve' }, file: 'other', cursor: { anchor: {}, head: {} } }],
])('a state that holds %s shows nobody', (_name, state) => {
  lin.awareness.setLocalState(state)
  tellAda()
  expect(ada.seen).toEqual([])
  expect([...ada.doc.share.keys()]).toEqual(['file:main'])
})

test('a state that Yjs throws at costs nobody else their place', () => {
  const eve = new Person('Eve', ada.update())
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  vi.spyOn(SharedText.prototype, 'index').mockImplementationOnce(() => {
    throw new Error('Unexpected case')
  })
  eve.view.dispatch({ selection: { anchor: 2 } })
  lin.view.dispatch({ selection: { anchor: 4 } })
  frame()
  for (const { awareness } of [eve, lin]) applyAwarenessUpdate(ada.awareness, encodeAwarenessUpdate(awareness, [awareness.clientID]), 'test')
  frame()
  expect(ada.seen).toMatchObject([{ name: 'Lin', head: 4 }])
  expect(warned).toHaveBeenCalledOnce()
  eve.view.destroy()
  eve.awareness.destroy()
})

test('a colour that is none is grey, and a long name is cut', () => {
  lin.view.dispatch({ selection: { anchor: 1 } })
  frame()
  const cursor: unknown = lin.awareness.getLocalState()!['cursor']
  lin.awareness.setLocalState({ user: { name: 'x'.repeat(99), color: 'url(//evil)' }, cursor })
  tellAda()
  expect(ada.seen).toMatchObject([{ color: '#57534e', name: 'x'.repeat(40), member: '' }])
})
