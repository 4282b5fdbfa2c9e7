// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newRoom } from './new-room'
import { knownRoom, rememberPerson } from './person'

const opened = { id: 'k7f3-9q2m-x4tz', host_url: 'http://localhost/r/k7f3-9q2m-x4tz#secret-key' }
let sent: object[]

beforeEach(() => {
  localStorage.clear()
  rememberPerson({ name: '' })
  sent = []
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)))
    return new Response(JSON.stringify(opened), { status: 201 })
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('opening a room', () => {
  it('gives the name that this browser remembers, so that nobody meets a nameless host', async () => {
    rememberPerson({ name: 'Ada', color: '#0f766e' })
    await newRoom({ title: 'Two-sum' })
    expect(sent).toEqual([{ title: 'Two-sum', name: 'Ada', color: '#0f766e' }])
  })

  it('gives none that was never said, and remembers the key of the host', async () => {
    expect(await newRoom()).toBe(opened.id)
    expect(sent).toEqual([{}])
    expect(knownRoom(opened.id)?.key).toBe('secret-key')
  })
})
