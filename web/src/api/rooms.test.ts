// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest'
import { renewPlace } from './rooms'

afterEach(() => vi.unstubAllGlobals())

const answering = (status: number, body: object) => vi.stubGlobal('fetch', async () => new Response(JSON.stringify(body), { status }))

it.each([
  [200, { me: { id: 'm1' } }, true],
  [200, { me: null }, false],
  [200, { me: { id: 'm1', state: 'waiting' } }, true],
  [200, { me: { id: 'm1', state: 'removed' } }, false],
  [404, {}, false],
  [410, {}, false],
])('%i with %j: one has a place in the room still: %j', async (status, body, has) => {
  answering(status, body)
  expect(await renewPlace('k7f3-9q2m-x4tz')).toBe(has)
})

it('a server that is busy does not say that the place is lost', async () => {
  answering(503, {})
  await expect(renewPlace('k7f3-9q2m-x4tz')).rejects.toThrow('busy')
})
