// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, test } from 'vitest'
import { LocalCopy, type Kept } from './local-copy'
import { dropTaken } from './taken-text'

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  const copy = new LocalCopy('', 'old')
  await copy.load()
  await copy.adopt('epoch', 'rescued text')
  await copy.close()
})

async function kept(): Promise<Kept | null> {
  const copy = new LocalCopy('', 'old')
  const found = await copy.load()
  await copy.close()
  return found
}

test('a rescued text that was taken is dropped, and the room kept', async () => {
  await dropTaken('', 'old', 'rescued', 'rescued text')
  expect(await kept()).toMatchObject({ epoch: 'epoch', rescued: null })
})

test('a text rescued since then stays', async () => {
  await dropTaken('', 'old', 'rescued', 'an earlier text')
  expect(await kept()).toMatchObject({ rescued: 'rescued text' })
})

test('of a room that is no more nothing stays', async () => {
  await dropTaken('', 'old', 'all', 'unsent text')
  expect(await kept()).toBeNull()
})
