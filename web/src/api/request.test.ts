// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, NetworkError } from './problem'
import { request } from './request'

function answer(status: number, body: string): void {
  vi.stubGlobal('fetch', async () => new Response(status === 204 ? null : body, { status }))
}

afterEach(() => {
  vi.unstubAllGlobals()
  document.documentElement.dataset['root'] = ''
})

describe('a request', () => {
  it('asks below the root path and gives the parsed answer', async () => {
    document.documentElement.dataset['root'] = '/pad'
    const asked: string[] = []
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url)
      return new Response('{"id":"k7f3"}')
    })
    expect(await request('GET', '/api/rooms/k7f3')).toEqual({ id: 'k7f3' })
    expect(asked).toEqual(['/pad/api/rooms/k7f3'])
  })

  it('throws the server’s problem', async () => {
    answer(410, '{"detail":"This room ended on Monday.","code":"gone"}')
    await expect(request('GET', '/api/rooms/x')).rejects.toEqual(new ApiError(410, 'gone', 'This room ended on Monday.'))
  })

  it('throws a NetworkError when no answer comes', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(request('GET', '/api/rooms/x')).rejects.toBeInstanceOf(NetworkError)
  })

  it('says so when a proxy answers with a page of its own', async () => {
    answer(200, '<html>Log in</html>')
    await expect(request('GET', '/api/rooms/x')).rejects.toMatchObject({ code: 'not_json' })
  })

  it('gives null for an empty answer', async () => {
    answer(204, '')
    expect(await request('DELETE', '/api/rooms/x')).toBeNull()
  })
})
