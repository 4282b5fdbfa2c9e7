// @vitest-environment happy-dom
// Any interleaving of edits, deliveries, disconnects, commits and crashes ends with every page and the journal holding
// the same text; and what a page called "saved" is in the journal at that moment.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { fileText } from './files'
import { RoomSync } from './room-sync'
import { FakeServer } from './testing/fake-server'
import { Random } from './testing/random'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

class Page {
  readonly sync: RoomSync
  readonly written = new Set<string>()
  readonly deleted = new Set<string>()

  constructor(server: FakeServer) {
    this.sync = new RoomSync({ roomId: 'r', root: '', keepOffline: false, openSocket: server.openSocket })
  }

  get text(): Y.Text {
    return fileText(this.sync.doc, 'main')
  }

  write(token: string, random: Random): void {
    const text = this.text.toString()
    const words = text.split(' ').length - 1
    const at = random.below(words + 1)
    this.text.insert(text.split(' ').slice(0, at).join(' ').length + (at > 0 ? 1 : 0), `${token} `)
    this.written.add(token)
  }

  /** Delete a whole token, so that those left stay readable. */
  delete(random: Random): void {
    const tokens = this.text.toString().split(' ').filter(Boolean)
    if (tokens.length === 0) return
    const token = random.pick(tokens)
    this.text.delete(this.text.toString().indexOf(`${token} `), token.length + 1)
    this.deleted.add(token)
  }
}

function checkSaved(page: Page, server: FakeServer, everDeleted: Set<string>): void {
  if (page.sync.saving.value !== 'saved') return
  const kept = new Y.Doc()
  Y.applyUpdate(kept, server.journal)
  const tokens = new Set(kept.getText('file:main').toString().split(' '))
  for (const token of page.written) expect(tokens.has(token) || everDeleted.has(token), `${token} was said to be saved`).toBe(true)
  for (const token of page.deleted) expect(tokens.has(token), `${token} was said to be deleted for good`).toBe(false)
}

async function act(random: Random, server: FakeServer, pages: Page[], step: number): Promise<void> {
  const page = random.pick(pages)
  const live = server.live()
  const chance = random.next()
  if (chance < 0.3) page.write(`t${step}`, random)
  else if (chance < 0.36) page.delete(random)
  else if (chance < 0.44) server.accept()
  else if (chance < 0.8) for (let count = random.below(4); count >= 0 && live.length > 0; count -= 1) server.deliver(random.pick(live), random.pick(['to-server', 'to-page']))
  else if (chance < 0.88) server.commit()
  else if (chance < 0.94) await vi.advanceTimersByTimeAsync(random.below(4_000))
  else if (chance < 0.98 && live.length > 0) random.pick(live).socket.drop(random.pick([1006, 1012, 4503]))
  else if (chance >= 0.98) server.crash()
}

async function finish(server: FakeServer): Promise<void> {
  for (let passed = 0; passed < 30_000; passed += 250) {
    await vi.advanceTimersByTimeAsync(250)
    server.deliverAll()
  }
  server.commit()
  server.deliverAll()
}

test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('seed %i', async (seed) => {
  const random = new Random(seed)
  vi.spyOn(Math, 'random').mockImplementation(() => random.next())
  const server = new FakeServer()
  const pages = Array.from({ length: 3 }, () => new Page(server))
  await vi.advanceTimersByTimeAsync(1)
  const everDeleted = new Set<string>()
  for (let step = 0; step < 250; step += 1) {
    await act(random, server, pages, step)
    for (const page of pages) page.deleted.forEach((token) => everDeleted.add(token))
    for (const page of pages) checkSaved(page, server, everDeleted)
  }
  await finish(server)
  for (const page of pages) expect([page.text.toString(), page.sync.saving.value]).toEqual([server.text, 'saved'])
  const kept = new Y.Doc()
  Y.applyUpdate(kept, server.journal)
  expect(kept.getText('file:main').toString()).toBe(server.text)
  for (const page of pages) for (const token of page.written) expect(everDeleted.has(token) || server.text.includes(`${token} `)).toBe(true)
  pages.forEach((page) => page.sync.close())
})

test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('while people may and may not write, seed %i', async (seed) => {
  const random = new Random(seed)
  vi.spyOn(Math, 'random').mockImplementation(() => random.next())
  const server = new FakeServer()
  const pages = Array.from({ length: 3 }, () => new Page(server))
  await vi.advanceTimersByTimeAsync(1)
  for (let step = 0; step < 200; step += 1) {
    if (random.next() < 0.06) {
      server.role = random.pick(['editor', 'viewer'] as const)
      for (const { member } of server.live()) member.role = random.pick(['editor', 'viewer'] as const)
    } else {
      await act(random, server, pages, step)
    }
  }
  await finish(server)
  const deleted = new Set(pages.flatMap((page) => [...page.deleted]))
  const rescued = pages.map((page) => page.sync.rescued.value ?? '').join('\n')
  for (const page of pages) {
    expect([page.text.toString(), page.sync.saving.value]).toEqual([server.text, 'saved'])
    for (const token of page.written) expect(`${server.text}\n${rescued}`.includes(`${token} `) || deleted.has(token), `${token} is lost`).toBe(true)
  }
  pages.forEach((page) => page.sync.close())
})
