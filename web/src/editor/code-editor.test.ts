// @vitest-environment happy-dom
import { signal } from '@preact/signals-core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fileText } from '../sync/files'
import { RoomSync } from '../sync/room-sync'
import { FakeServer } from '../sync/testing/fake-server'
import { CodeEditor, type EditorSettings } from './code-editor'

const standard: EditorSettings = {
  theme: 'light',
  fontSize: 14,
  tabSize: 4,
  keymap: 'standard',
  wrap: false,
  closeBrackets: true,
  ligatures: false,
}

let server: FakeServer
let sync: RoomSync
let editor: CodeEditor
let parent: HTMLElement
const settings = signal(standard)
const mode = signal('Python')
const readOnly = signal(false)
const run = vi.fn()
const save = vi.fn()
const tooLarge = vi.fn()

beforeEach(async () => {
  settings.value = standard
  readOnly.value = false
  server = new FakeServer()
  server.doc.getText('file:main').insert(0, 'print(1)')
  sync = new RoomSync({ roomId: 'r', root: '', keepOffline: false, openSocket: server.openSocket })
  await vi.waitUntil(() => server.opened.value > 0)
  server.deliverAll()
  parent = document.createElement('div')
  document.body.append(parent)
  const options = { parent, sync, fileId: 'main', settings, mode, readOnly, label: 'Code editor' }
  editor = new CodeEditor({ ...options, onRun: run, onSave: save, onTooLarge: tooLarge })
})

afterEach(() => {
  editor.destroy()
  sync.close()
  parent.remove()
  vi.clearAllMocks()
})

const root = (): ShadowRoot => parent.firstElementChild!.shadowRoot!
const content = (): HTMLElement => root().querySelector<HTMLElement>('.cm-content')!
const text = (): string => fileText(sync.doc, 'main').toString()
const press = (key: string, more: KeyboardEventInit = {}): boolean =>
  content().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))

test('shows the text, labelled, in a shadow root, and says how to leave it', () => {
  expect(content().textContent).toBe('print(1)')
  expect(content().getAttribute('aria-label')).toBe('Code editor')
  expect(root().getElementById(content().getAttribute('aria-describedby')!)?.textContent).toMatch(/Escape, then Tab/)
  expect(root().querySelector('style')).toBeNull()
})

test('what is typed goes to the server, and tells where the cursor is', () => {
  editor.insert('a\nbc')
  expect(text()).toBe('a\nbcprint(1)')
  expect(editor.position.value).toEqual({ line: 2, column: 3, selected: 0 })
  editor.press('ArrowLeft')
  expect(editor.position.value.column).toBe(2)
  server.deliverAll()
  expect(server.text).toBe('a\nbcprint(1)')
})

test('runs and saves by their keys', async () => {
  press('Enter', { ctrlKey: true, keyCode: 13 })
  await vi.waitUntil(() => !press('s', { ctrlKey: true, keyCode: 83 })) // its key map is fetched first
  expect(run).toHaveBeenCalledTimes(1)
  expect(save).toHaveBeenCalled()
})

test('takes nothing from those who may only look on', async () => {
  readOnly.value = true
  await vi.waitUntil(() => content().getAttribute('aria-readonly') === 'true')
  editor.insert('x')
  press('Backspace', { keyCode: 8 })
  expect(text()).toBe('print(1)')
  fileText(server.doc, 'main').insert(0, '# by another\n')
  sync.doc.transact(() => fileText(sync.doc, 'main').insert(0, '# by another\n'), sync)
  expect(content().textContent).toContain('# by another')
})

test('does not let the text grow over what the room takes', async () => {
  editor.insert('x'.repeat(1_000_001))
  await Promise.resolve()
  expect(text()).toBe('print(1)')
  expect(tooLarge).toHaveBeenCalledWith(1_000_000)
})

test('has Vim’s keys and modes when chosen, with undo over the shared text', async () => {
  settings.value = { ...standard, keymap: 'vim' }
  await vi.waitUntil(() => editor.mode.value === 'NORMAL', { timeout: 5_000 })
  for (const key of ['x', 'x']) press(key)
  expect(text()).toBe('int(1)')
  press('i')
  expect(editor.mode.value).toBe('INSERT')
  press('Escape')
  press('u')
  expect(text()).toBe('print(1)')
  settings.value = standard
  await vi.waitUntil(() => editor.mode.value === '')
})

test('takes no letters while Vim’s keys are on their way', async () => {
  const other = document.body.appendChild(document.createElement('div'))
  const options = { sync, fileId: 'main', settings: signal({ ...standard, keymap: 'vim' as const }), mode, readOnly, label: '' }
  const vim = new CodeEditor({ ...options, parent: other, onRun: run, onSave: save })
  vim.insert('dd')
  expect(text()).toBe('print(1)')
  await vi.waitUntil(() => vim.mode.value === 'NORMAL', { timeout: 5_000 })
  await Promise.resolve()
  vim.insert('x')
  expect(text()).toBe('xprint(1)')
  vim.destroy()
  other.remove()
})

test('shows the server’s document when the page’s was dropped', async () => {
  editor.insert('unsaved ')
  server.rebuild('rebuilt')
  await vi.waitUntil(
    () => {
      server.deliverAll()
      return sync.generation.value === 1 && content().textContent === 'rebuilt'
    },
    { timeout: 5_000 }, // it comes back after a pause of up to 2.4 s
  )
  editor.insert('on ')
  server.deliverAll()
  expect(server.text).toBe('on rebuilt')
})

test('leaves nothing behind', () => {
  editor.destroy()
  expect(parent.childElementCount).toBe(0)
  fileText(sync.doc, 'main').insert(0, 'still fine')
})
