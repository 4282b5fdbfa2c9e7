import { EditorState } from '@codemirror/state'
import { expect, test } from 'vitest'
import { fromText } from './shared-text'
import { textLimit } from './text-limit'

function editor(limit: number | null, doc = ''): { state: EditorState; refused: number[] } {
  const refused: number[] = []
  return { state: EditorState.create({ doc, extensions: textLimit(() => limit, (bytes) => refused.push(bytes)) }), refused }
}

const insert = (state: EditorState, text: string, theirs = false): string =>
  state.update({ changes: { from: 0, insert: text }, ...(theirs ? { annotations: fromText.of(true) } : {}) }).state.doc.toString()

test.each([
  ['within the limit', 10, 'aaaaaaaaaa', 'aaaaaaaaaa'],
  ['over it', 10, 'aaaaaaaaaaa', ''],
  ['over it in bytes', 10, 'ääääää', ''],
  ['of an unknown limit', null, 'a'.repeat(99), 'a'.repeat(99)],
])('an edit %s', async (_name, limit, text, becomes) => {
  const { state, refused } = editor(limit)
  expect(insert(state, text)).toBe(becomes)
  await Promise.resolve()
  expect(refused).toEqual(becomes === '' ? [limit] : [])
})

test('what others wrote is shown whatever its size, and a text that is too large may shrink', () => {
  const { state } = editor(10)
  expect(insert(state, 'a'.repeat(20), true)).toHaveLength(20)
  const large = editor(10, 'a'.repeat(20)).state
  expect(large.update({ changes: { from: 0, to: 1 } }).state.doc.length).toBe(19)
})
