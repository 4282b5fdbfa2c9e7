// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { signal } from '@preact/signals'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { newRoomWith, waitingText } from '../../api/new-room'
import { knownRoom, rememberRoom } from '../../api/person'
import type { Member } from '../../protocol/events'
import { fileText } from '../../sync/files'
import { LocalCopy } from '../../sync/local-copy'
import type { Saving } from '../../sync/room-sync'
import { placeWaitingText } from './waiting-text'

const ada: Member = { id: 'm1', name: 'Ada', color: '#112233', role: 'host' }
let id: string
let end: () => void

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  localStorage.clear()
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ id: 'new', host_url: 'http://localhost/r/new#key' }), { status: 201 }))
  rememberRoom('old', { title: 'Old' })
  const copy = new LocalCopy('', 'old')
  await copy.load()
  await copy.adopt('epoch', 'mine')
  await copy.close()
  id = await newRoomWith({ text: 'mine', from: { room: 'old', drop: 'all' }, language: '', title: '' })
})

afterEach(() => {
  end()
  vi.unstubAllGlobals()
})

async function isKept(): Promise<boolean> {
  const copy = new LocalCopy('', 'old')
  const kept = await copy.load()
  await copy.close()
  return kept !== null
}

function enter(before = '') {
  const doc = new Y.Doc()
  fileText(doc, 'main').insert(0, before)
  const sync = { doc, synced: signal(false), me: signal(ada), saving: signal<Saving>('saving'), rescued: signal<string | null>(null) }
  end = placeWaitingText({ id, sync, mayEdit: signal(true) })
  return { ...sync, text: () => fileText(doc, 'main').toString() }
}

it('is put in once, and the old copy goes when the new one is saved, not before', async () => {
  const room = enter()
  expect(room.text()).toBe('')
  room.synced.value = true
  expect(room.text()).toBe('mine')
  room.saving.value = 'not-saved'
  expect([waitingText(id)?.placed, knownRoom('old') !== null, await isKept()]).toEqual([true, true, true])
  room.saving.value = 'saved'
  expect([waitingText(id), knownRoom('old')]).toEqual([null, null])
  await vi.waitFor(async () => expect(await isKept()).toBe(false), 20_000)
  expect(room.text()).toBe('mine')
})

it('after a reload it is put in again only if it is not there', () => {
  enter().synced.value = true
  end()
  const there = enter('mine, and more')
  there.synced.value = true
  expect(there.text()).toBe('mine, and more')
  end()
  const gone = enter()
  gone.synced.value = true
  expect(gone.text()).toBe('mine')
})

it('stays deleted when its owner deletes it at once', () => {
  const room = enter()
  room.synced.value = true
  fileText(room.doc, 'main').delete(0, 4)
  room.saving.value = 'saved'
  expect(room.text()).toBe('')
})

it('goes above what somebody wrote in the new room meanwhile', () => {
  const room = enter('theirs')
  room.synced.value = true
  expect(room.text()).toBe('mine\n\ntheirs')
})

it('stays with the old room while the new one refuses it', async () => {
  const room = enter()
  room.synced.value = true
  room.rescued.value = 'mine'
  room.saving.value = 'saved'
  expect([waitingText(id)?.text, await isKept()]).toEqual(['mine', true])
})
