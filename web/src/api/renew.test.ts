// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { knownLogin } from './known-login'
import { request } from './request'

const hour = 3_600_000

/** A server whose access cookie is good only after so many refreshes; what it was asked. */
function serve(options: { good?: number; refresh?: number } = {}): string[] {
  const asked: string[] = []
  let refreshed = 0
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    if (url === '/api/refresh') {
      refreshed += 1
      return options.refresh === undefined
        ? new Response('{"account":{"name":"Ada"},"expires_in":900}')
        : new Response('{"detail":"Log in first."}', { status: options.refresh })
    }
    return refreshed >= (options.good ?? 1) ? new Response('{"fine":true}') : new Response('{"detail":"Log in first."}', { status: 401 })
  })
  return asked
}

beforeEach(() => {
  knownLogin.value = { name: 'Ada', until: Date.now() + hour }
})

afterEach(() => {
  vi.unstubAllGlobals()
  knownLogin.value = null
})

describe('a login that runs out', () => {
  it('is renewed after a 401, and the request is made once again', async () => {
    const asked = serve()
    expect(await request('GET', '/api/me')).toEqual({ fine: true })
    expect(asked).toEqual(['/api/me', '/api/refresh', '/api/me'])
    expect(knownLogin.value?.until).toBeGreaterThan(Date.now())
  })

  it('is renewed before the request when it is known to have run out', async () => {
    knownLogin.value = { name: 'Ada', until: Date.now() - 1 }
    const asked = serve()
    await request('GET', '/api/me')
    expect(asked).toEqual(['/api/refresh', '/api/me'])
  })

  it('is renewed once for requests that are made together', async () => {
    const asked = serve()
    await Promise.all([request('GET', '/api/me'), request('GET', '/api/me/tokens')])
    expect(asked.filter((path) => path === '/api/refresh')).toHaveLength(1)
  })

  it('is not renewed again when another tab has done it', async () => {
    const { renew } = await import('./renew')
    const asked = serve()
    localStorage.setItem('fourhands.login', JSON.stringify({ name: 'Ada', until: Date.now() + 2 * hour }))
    expect(await renew(knownLogin.value?.until ?? 0)).toBe(true)
    expect(asked).toEqual([])
  })

  it('is asked for once only, though the answer stays 401', async () => {
    const asked = serve({ good: 9 })
    await expect(request('GET', '/api/me')).rejects.toMatchObject({ status: 401 })
    expect(asked).toEqual(['/api/me', '/api/refresh', '/api/me'])
  })

  it('is forgotten when the server says that it is over', async () => {
    serve({ refresh: 401 })
    await expect(request('GET', '/api/me')).rejects.toMatchObject({ status: 401 })
    expect(knownLogin.value).toBeNull()
  })

  it('is kept while the server cannot say', async () => {
    serve({ refresh: 503 })
    await expect(request('GET', '/api/me')).rejects.toMatchObject({ status: 401 })
    expect(knownLogin.value).not.toBeNull()
  })
})

describe('a 401', () => {
  it('of a wrong password is told as it is', async () => {
    const asked = serve()
    await expect(request('POST', '/api/login', {})).rejects.toMatchObject({ status: 401 })
    expect(asked).toEqual(['/api/login'])
  })

  it('of somebody who was never logged in is told as it is', async () => {
    knownLogin.value = null
    const asked = serve()
    await expect(request('GET', '/api/me')).rejects.toMatchObject({ status: 401 })
    expect(asked).toEqual(['/api/me'])
  })
})
