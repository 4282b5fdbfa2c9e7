// @vitest-environment happy-dom
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { afterEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Random } from '../sync/testing/random'
import { bindText, redo, SharedText, undo } from './shared-text'

const open: Person[] = []

/** Somebody with an editor on a document of their own; `meet` exchanges what two have. */
class Person {
  readonly doc = new Y.Doc()
  readonly shared: SharedText
  readonly view: EditorView

  constructor(start: Uint8Array = new Uint8Array([0, 0]), also: Extension = []) {
    Y.applyUpdate(this.doc, start)
    this.shared = new SharedText(this.doc.getText('file:main'))
    const extensions = [EditorState.lineSeparator.of('\n'), EditorState.allowMultipleSelections.of(true), also, bindText(this.shared)]
    this.view = new EditorView({ state: EditorState.create({ doc: this.shared.toString(), extensions }) })
    open.push(this)
  }

  type(at: number, text: string, to = at): void {
    this.view.dispatch({ changes: { from: at, to, insert: text }, selection: { anchor: at + text.length }, userEvent: 'input.type' })
  }

  get shown(): string {
    return this.view.state.doc.toString()
  }
}

function meet(one: Person, other: Person): void {
  Y.applyUpdate(one.doc, Y.encodeStateAsUpdate(other.doc))
  Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(one.doc))
}

/** A place that is not within a character of two units. */
function whole({ view }: Person, at: number): number {
  return /[\udc00-\udfff]/.test(view.state.doc.sliceString(at, at + 1)) ? at - 1 : at
}

afterEach(() => {
  open.splice(0).forEach(({ view }) => view.destroy())
})

describe('the same text in editor and document', () => {
  test.each(Array.from({ length: 25 }, (_, seed) => seed + 1))('whatever is typed, seed %i', (seed) => {
    const random = new Random(seed)
    const people = [new Person(), new Person()] as const
    for (let step = 0; step < 120; step += 1) {
      const person = random.pick(people)
      const { length } = person.view.state.doc
      const from = whole(person, random.below(length + 1))
      const to = Math.max(from, whole(person, Math.min(length, from + random.below(4))))
      const chance = random.next()
      if (chance < 0.5) person.type(from, random.pick(['a', '\n', 'xyz', 'ä', '\r\n', '👋', '']), to)
      else if (chance < 0.6) person.view.dispatch({ changes: [{ from: 0, insert: '>' }, { from: length, insert: '<' }] })
      else if (chance < 0.7) undo({ state: person.view.state, dispatch: () => undefined })
      else if (chance < 0.75) redo({ state: person.view.state, dispatch: () => undefined })
      else meet(...people)
      for (const { shown, shared } of people) expect(shown).toBe(shared.toString())
    }
    meet(...people)
    expect(people[0].shown).toBe(people[1].shown)
  })

  test('half of a character is never replaced', () => {
    const ada = new Person()
    ada.type(0, 'a👋b')
    ada.type(2, '\udc4d', 3)
    expect([ada.shown, ada.shared.toString()]).toEqual(['a👍b', 'a👍b'])
    ada.type(1, '\ud83c', 2)
    expect(ada.shared.toString()).toBe(ada.shown)
  })

  test('lines that end in CR LF stay in step', () => {
    const ada = new Person()
    ada.doc.getText('file:main').insert(0, 'one\r\ntwo\r\n')
    expect(ada.shown).toBe('one\r\ntwo\r\n')
    ada.type(5, 'X')
    expect(ada.shared.toString()).toBe('one\r\nXtwo\r\n')
  })

  test('something embedded stands as one character', () => {
    const writer = new Y.Doc()
    const text = writer.getText('file:main')
    text.insert(0, 'ab')
    text.insertEmbed(1, { image: 'x' })
    const before = new Person(Y.encodeStateAsUpdate(writer))
    expect(before.shown).toBe('a\ufffcb')
    text.insertEmbed(0, { image: 'y' })
    Y.applyUpdate(before.doc, Y.encodeStateAsUpdate(writer))
    expect(before.shown).toBe('\ufffca\ufffcb')
    before.type(4, '!')
    expect(before.shared.toString()).toBe('\ufffca\ufffcb!')
  })

  test('values that Yjs counts in a text and does not show are taken out, and move nothing', async () => {
    const writer = new Y.Doc({ gc: false })
    writer.clientID = 7
    const text = writer.getText('file:main')
    text.insert(0, 'abcd')
    const here = new Person(Y.encodeStateAsUpdate(writer))
    const values = Uint8Array.of(1, 1, 5, 0, 0xc8, 7, 1, 7, 2, 2, 0x7d, 5, 0x7d, 6, 0) // client 5: [5, 6] between b and c
    for (const doc of [here.doc, writer]) Y.applyUpdate(doc, values)
    expect(here.shown).toBe('ab\ufffc\ufffccd')
    text.insert(6, '!')
    text.insert(1, '?')
    const later = new Person(Y.encodeStateAsUpdate(writer))
    Y.applyUpdate(here.doc, Y.encodeStateAsUpdate(writer))
    expect([here.shown, later.shown]).toEqual(['a?b\ufffc\ufffccd!', 'a?b\ufffc\ufffccd!'])
    await Promise.resolve()
    meet(here, later)
    expect([here.shown, later.shown]).toEqual(['a?bcd!', 'a?bcd!'])
    here.view.dispatch({ changes: { from: 2, to: 4, insert: 'X' } })
    later.type(6, 'Y')
    meet(here, later)
    expect([here.shown, later.shown, here.shared.text.toString()]).toEqual(['a?Xd!Y', 'a?Xd!Y', 'a?Xd!Y'])
    undo(here.view)
    expect(here.shown).toBe('a?bcd!Y')
  })

  test('whoever may not write sees such a value, and everything at its place', async () => {
    const writer = new Y.Doc({ gc: false })
    writer.clientID = 7
    writer.getText('file:main').insert(0, 'abcd')
    const reader = new Person(Y.encodeStateAsUpdate(writer), [EditorState.readOnly.of(true)])
    for (const doc of [reader.doc, writer]) Y.applyUpdate(doc, Uint8Array.of(1, 1, 5, 0, 0xc8, 7, 1, 7, 2, 1, 0x7d, 5, 0))
    await Promise.resolve()
    writer.getText('file:main').insert(5, '!')
    Y.applyUpdate(reader.doc, Y.encodeStateAsUpdate(writer))
    expect(reader.shown).toBe('ab\ufffccd!')
  })
})

describe('undo', () => {
  test('takes back one’s own edits alone', () => {
    const ada = new Person()
    ada.type(0, 'hello world')
    const lin = new Person(Y.encodeStateAsUpdate(ada.doc))
    lin.type(5, ' there')
    meet(ada, lin)
    undo(ada.view)
    expect(ada.shown).toBe(' there')
    redo(ada.view)
    expect(ada.shown).toBe('hello there world')
    meet(ada, lin)
    undo(lin.view)
    expect(lin.shown).toBe('hello world')
  })

  test('puts the cursor back to where it was', () => {
    const ada = new Person()
    ada.type(0, 'one two')
    ada.shared.history.stopCapturing()
    ada.view.dispatch({ selection: { anchor: 3 } })
    ada.type(3, '!')
    ada.view.dispatch({ selection: { anchor: 0 } })
    undo(ada.view)
    expect([ada.shown, ada.view.state.selection.main.head]).toEqual(['one two', 3])
  })

  test('does nothing while one may not write', () => {
    const ada = new Person()
    ada.type(0, 'text')
    const state = EditorState.create({ extensions: [EditorState.readOnly.of(true), bindText(ada.shared)] })
    undo({ state, dispatch: () => undefined })
    expect(ada.shown).toBe('text')
  })
})
