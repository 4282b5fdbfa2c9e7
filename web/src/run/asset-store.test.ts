import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadAssets } from './asset-store'

const table = { 'a.js': { file: 'runner/assets/a-1.js', bytes: 3 }, 'b.wasm': { file: 'runner/assets/b-1.wasm', bytes: 5 } }
const bodies: Record<string, string> = { '/pad/runner/assets/a-1.js': 'abc', '/pad/runner/assets/b-1.wasm': 'hello' }
const text = (buffer: ArrayBuffer | undefined): string => new TextDecoder().decode(buffer)

class FakeCache {
  readonly kept = new Map<string, Response>()
  full = false
  match = async (url: string): Promise<Response | undefined> => this.kept.get(url)?.clone()
  put = async (url: string, response: Response): Promise<void> => {
    if (this.full) throw new DOMException('full', 'QuotaExceededError')
    this.kept.set(url, response)
  }
  keys = async (): Promise<{ url: string }[]> => [...this.kept.keys()].map((url) => ({ url: new URL(url, 'https://site').href }))
  delete = async ({ url }: { url: string }): Promise<boolean> => this.kept.delete(new URL(url).pathname)
}

let cache: FakeCache
let fetched: string[]
beforeEach(() => {
  cache = new FakeCache()
  fetched = []
  vi.stubGlobal('location', { href: 'https://site/pad/r/x' })
  vi.stubGlobal('caches', { open: async () => cache })
  vi.stubGlobal('fetch', async (url: string) => {
    fetched.push(url)
    return new Response(bodies[url] ?? 'no', { status: url in bodies ? 200 : 404 })
  })
})
afterEach(() => vi.unstubAllGlobals())

const load = (progress: (share: number) => void = () => {}): Promise<Record<string, ArrayBuffer>> => loadAssets('/pad', ['a.js', 'b.wasm'], progress, table)

test('fetches once, tells its progress, and then takes the kept ones', async () => {
  const shares: number[] = []
  const first = await load((share) => shares.push(share))
  expect([text(first['a.js']), text(first['b.wasm'])]).toEqual(['abc', 'hello'])
  expect(shares.at(-1)).toBe(1)
  expect(shares).toEqual([...shares].sort())
  const second = await load()
  expect(text(second['b.wasm'])).toBe('hello')
  expect(fetched).toHaveLength(2)
})

test('forgets other versions', async () => {
  cache.kept.set('/pad/runner/assets/a-0.js', new Response('old'))
  await load()
  expect([...cache.kept.keys()].sort()).toEqual(Object.keys(bodies))
})

test('fetches anew what was kept damaged', async () => {
  cache.kept.set('/pad/runner/assets/a-1.js', new Response('a'))
  expect(text((await load())['a.js'])).toBe('abc')
})

describe('works', () => {
  test('where there is no Cache storage', async () => {
    vi.stubGlobal('caches', undefined)
    Reflect.deleteProperty(globalThis, 'caches')
    expect(text((await load())['a.js'])).toBe('abc')
  })
  test('where storage is refused', async () => {
    vi.stubGlobal('caches', { open: () => Promise.reject(new DOMException('denied', 'SecurityError')) })
    expect(text((await load())['a.js'])).toBe('abc')
  })
  test('where it is full', async () => {
    cache.full = true
    expect(text((await load())['a.js'])).toBe('abc')
    expect(cache.kept.size).toBe(0)
  })
})

describe('refuses', () => {
  test.each([
    ['an answer cut short', 'ab', /cut short/],
    ['one too long', 'abcd', /longer/],
  ])('%s, and keeps it not', async (_, body, message) => {
    vi.stubGlobal('fetch', async () => new Response(body))
    await expect(loadAssets('/pad', ['a.js'], () => {}, table)).rejects.toThrow(message)
    expect(cache.kept.size).toBe(0)
  })
  test('an error', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 503 }))
    await expect(load()).rejects.toThrow('The server answered 503.')
  })
  test('a name that was not built', async () => {
    await expect(loadAssets('/pad', ['c.js'], () => {}, table)).rejects.toThrow('This site was built without c.js.')
  })
})
