// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { readRoute } from './route'

describe('the route', () => {
  it.each(['', '/'])('of %j is the landing', (path) => {
    expect(readRoute(path, '', '')).toEqual({ page: 'landing' })
  })

  it('of a room names it, with the key of its fragment', () => {
    expect(readRoute('/r/k7f3-9q2m-x4tz', '#key', '')).toEqual({ page: 'room', id: 'k7f3-9q2m-x4tz', key: 'key' })
  })

  it('lies below the root path', () => {
    expect(readRoute('/pad/r/K7F39Q2MX4TZ', '', '/pad')).toEqual({ page: 'room', id: 'k7f3-9q2m-x4tz', key: null })
    expect(readRoute('/pad/', '', '/pad')).toEqual({ page: 'landing' })
  })

  it.each(['admin', 'login', 'register', 'account', 'rooms'])('of /%s is that page', (page) => {
    expect(readRoute(`/pad/${page}`, '', '/pad')).toEqual({ page })
    expect(readRoute(`/pad/${page}/`, '', '/pad')).toEqual({ page })
  })

  it('of teams names the one in its fragment', () => {
    expect(readRoute('/pad/teams', '', '/pad')).toEqual({ page: 'teams', team: null })
    expect(readRoute('/pad/teams/', '#t1', '/pad')).toEqual({ page: 'teams', team: 't1' })
  })

  it('of anything else is unknown', () => {
    expect(readRoute('/nothing', '', '')).toEqual({ page: 'unknown' })
  })
})
