// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { LocalCopy, type Kept } from './local-copy'

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  localStorage.clear()
})

async function opened(room = 'r'): Promise<[LocalCopy, Kept | null]> {
  const copy = new LocalCopy('/pad', room)
  return [copy, await copy.load()]
}

async function keptOf(room = 'r'): Promise<Kept | null> {
  const [copy, kept] = await opened(room)
  await copy.close()
  return kept
}

function updates(count: number): { doc: Y.Doc; list: Uint8Array[] } {
  const doc = new Y.Doc()
  const list: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => list.push(update))
  for (let edit = 0; edit < count; edit += 1) doc.getText('t').insert(0, 'x')
  return { doc, list }
}

test('nothing is kept before an epoch is known', async () => {
  const [copy, kept] = await opened()
  expect(kept).toBeNull()
  copy.keep(new Uint8Array([0, 0]), true)
  await copy.close()
  expect(await keptOf()).toBeNull()
})

test('rooms are kept apart', async () => {
  const [copy] = await opened()
  await copy.adopt('one', null)
  copy.keep(new Uint8Array([1]), true)
  await copy.close()
  expect(await keptOf('other')).toBeNull()
  expect(await keptOf()).toEqual({ epoch: 'one', updates: [new Uint8Array([1])], unsaved: true, rescued: null })
})

test('a tab that is behind does not write into a newer epoch', async () => {
  const [behind] = await opened()
  await behind.adopt('one', null)
  const [ahead] = await opened()
  await ahead.adopt('two', 'rescued')
  behind.keep(new Uint8Array([1]), true)
  await behind.close()
  await ahead.close()
  expect(await keptOf()).toEqual({ epoch: 'two', updates: [], unsaved: false, rescued: 'rescued' })
})

test('a mark goes only when what it marks is saved', async () => {
  const [copy] = await opened()
  await copy.adopt('one', null)
  copy.keep(new Uint8Array([1]), true)
  void copy.markSaved()
  copy.keep(new Uint8Array([2]), true)
  await copy.close()
  expect((await keptOf())?.unsaved).toBe(true)
  const [later] = await opened()
  await later.markSaved()
  await later.close()
  expect((await keptOf())?.unsaved).toBe(false)
})

test('many updates become one that holds the same', async () => {
  const [copy] = await opened()
  await copy.adopt('one', null)
  const { doc, list } = updates(450)
  for (const update of list) copy.keep(update, false)
  await copy.close()
  const kept = await keptOf()
  expect(kept?.updates.length).toBeLessThan(20)
  const again = new Y.Doc()
  kept?.updates.forEach((update) => Y.applyUpdate(again, update))
  expect(again.getText('t').toString()).toBe(doc.getText('t').toString())
})

test('what is asked for happens in the order asked', async () => {
  const [copy] = await opened()
  await copy.adopt('one', null)
  copy.keep(new Uint8Array([1]), true)
  void copy.restart('text')
  copy.keep(new Uint8Array([2]), false)
  await copy.close()
  expect(await keptOf()).toEqual({ epoch: 'one', updates: [new Uint8Array([2])], unsaved: false, rescued: 'text' })
})

test('forgets all of a room, and keeps no more of it', async () => {
  const [copy] = await opened()
  await copy.adopt('one', 'rescued')
  copy.keep(new Uint8Array([1]), true)
  void copy.forget()
  copy.keep(new Uint8Array([2]), true)
  await copy.close()
  expect(await keptOf()).toBeNull()
})

test('edits that were not written when the page went away are there for the next one, as unsaved', async () => {
  const [copy] = await opened()
  await copy.adopt('epoch', null)
  const { doc, list } = updates(3)
  list.forEach((update) => copy.keep(update, true))
  dispatchEvent(new Event('pagehide'))
  globalThis.indexedDB = await frozenBefore(copy)
  const [next, kept] = await opened()
  const read = new Y.Doc()
  kept?.updates.forEach((update) => Y.applyUpdate(read, update))
  expect([read.getText('t').toString(), kept?.unsaved]).toEqual([doc.getText('t').toString(), true])
  await next.markSaved()
  expect(localStorage.length).toBe(0)
  await next.close()
  expect((await keptOf())?.unsaved).toBe(false)
})

/** A browser's storage as if the writes of that page had never ended: its epoch, and no updates. */
async function frozenBefore(page: LocalCopy): Promise<IDBFactory> {
  await page.close()
  globalThis.indexedDB = new IDBFactory()
  const left = { ...localStorage }
  localStorage.clear()
  const [room] = await opened()
  await room.adopt('epoch', null)
  await room.close()
  for (const [key, value] of Object.entries(left)) localStorage.setItem(key, String(value))
  return globalThis.indexedDB
}

test('a browser whose storage hangs keeps nothing, but offline nobody else has the text and it is waited for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(indexedDB, 'open').mockReturnValue({} as IDBOpenDBRequest)
  try {
    const copy = new LocalCopy('/pad', 'r')
    let kept: Kept | null | undefined
    const loading = copy.load().then((found) => (kept = found))
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(kept).toBeUndefined()
    online.mockReturnValue(true)
    dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await loading).toBeNull()
    expect(copy.working.value).toBe(false)
  } finally {
    vi.restoreAllMocks()
    vi.useRealTimers()
  }
})
