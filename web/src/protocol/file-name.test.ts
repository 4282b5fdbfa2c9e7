import { expect, test } from 'vitest'
import { shownFileName } from './file-name'

test.each([
  ['main.py', 'main.py'],
  ['a\u202egnp.exe', 'agnp.exe'],
  ['a\u2067b\u2069\u200f\n.py', 'ab.py'],
  ['מסמך.py', 'מסמך.py'],
  ['می\u200cخواهم.py', 'می\u200cخواهم.py'],
  ['\u202e', ''],
])('the name %j is shown as %j', (name, shown) => {
  expect(shownFileName(name)).toBe(shown)
})
