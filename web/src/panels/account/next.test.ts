// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { nextPath } from './next'

const origin = 'https://rooms.example'
const next = (path: string) => nextPath(`?next=${encodeURIComponent(path)}`, origin)

describe('after logging in', () => {
  it.each(['/admin', '/account', '/', '/r/k7f3-9q2m-x4tz', '/r/k7f3-9q2m-x4tz#key', '/teams#t1'])('one comes to %s', (path) => {
    expect(next(path)).toBe(path)
  })

  it.each([
    'https://evil.example/',
    '//evil.example/admin',
    '/\\evil.example/admin',
    '/\t/evil.example/admin',
    '/.//evil.example/admin',
    '/.//evil.example/r/k7f3-9q2m-x4tz',
    'javascript:alert(1)',
    'admin',
    '/login',
    '/register',
    '/login?next=/login',
    '/nothing',
    '/api/logout',
    '//',
    '',
  ])('%j leads nowhere but to one’s rooms', (path) => {
    expect(next(path)).toBe('/rooms')
  })

  it('one comes to one’s rooms when nothing else was wanted', () => {
    expect(nextPath('', origin)).toBe('/rooms')
  })
})
