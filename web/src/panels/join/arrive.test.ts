// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { knownRoom, rememberRoom } from '../../api/person'
import { arrive } from './arrive'

const id = 'k7f3-9q2m-x4tz'
const lin = { id: 'lin', name: 'Lin', color: '#a21caf', role: 'editor' }
const room = {
  id,
  title: 'Two-sum',
  language: 'python',
  guest_role: 'editor',
  ephemeral: false,
  created_at: 0,
  people: [],
  state: 'open',
  password: false,
  lobby: false,
  locked: false,
  me: null,
  links: null,
  room_link: '',
  team: null,
}

/** What the server answers, in order; null: no answer comes. */
function server(...answers: ([status: number, body: object] | null)[]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push(`${init.method} ${url} ${String(init.body ?? '')}`.trim())
    const answer = answers.shift()
    if (answer == null) throw new TypeError('offline')
    return new Response(JSON.stringify(answer[1]), { status: answer[0] })
  })
  return asked
}

beforeEach(() => localStorage.clear())
afterEach(() => vi.unstubAllGlobals())

describe('arriving at a room', () => {
  it('says so to whom a host removed, and where the room is locked to those without a key', async () => {
    server([200, { ...room, me: { ...lin, state: 'removed' } }], [200, { ...room, locked: true }], [200, { ...room, locked: true }])
    expect(await arrive(id, null)).toMatchObject({ kind: 'removed' })
    expect(await arrive(id, null)).toMatchObject({ kind: 'locked' })
    expect(await arrive(id, 'a key')).toMatchObject({ kind: 'name', key: 'a key' })
  })

  it('asks a newcomer for a name', async () => {
    server([200, room])
    expect(await arrive(id, null)).toMatchObject({ kind: 'name', key: null })
  })

  it('lets a member straight in', async () => {
    server([200, { ...room, me: lin }])
    expect(await arrive(id, null)).toEqual({ kind: 'in', notice: null })
  })

  it('gives a member what another link gives, and remembers its key', async () => {
    const asked = server([200, { ...room, me: lin }], [200, { token: 't', member: 'lin', role: 'host' }])
    expect(await arrive(id, 'hostkey')).toEqual({ kind: 'in', notice: null })
    expect(asked[1]).toBe(`POST /api/rooms/${id}/join {"name":"Lin","color":"#a21caf","key":"hostkey"}`)
    expect(knownRoom(id)?.key).toBe('hostkey')
  })

  it('does not forget a host’s key for a viewer’s link', async () => {
    rememberRoom(id, { key: 'hostkey' })
    server([200, { ...room, me: { ...lin, role: 'host' } }], [200, { token: 't', member: 'lin', role: 'host' }])
    await arrive(id, 'viewerkey')
    expect(knownRoom(id)?.key).toBe('hostkey')
  })

  it('comes back by the key it came by', async () => {
    rememberRoom(id, { key: 'hostkey' })
    server([200, room])
    expect(await arrive(id, null)).toMatchObject({ kind: 'name', key: 'hostkey' })
  })

  it('needs an invitation where guests are not let in', async () => {
    server([200, { ...room, guest_role: 'none' }])
    expect(await arrive(id, null)).toMatchObject({ kind: 'needs-invite' })
  })

  it('finds a closed door where there is no room', async () => {
    server([404, { detail: 'There is no such room.' }])
    expect(await arrive(id, null)).toEqual({ kind: 'closed', why: 'unknown', message: 'There is no such room.' })
    server([410, { detail: 'It ended.' }])
    expect(await arrive(id, null)).toMatchObject({ kind: 'closed', why: 'ended' })
  })

  it('tells whoever is banned so, and does not speak of the network', async () => {
    server([403, { detail: 'You are banned from this server.' }])
    expect(await arrive(id, null)).toEqual({ kind: 'refused', message: 'You are banned from this server.' })
  })

  it('goes on to a room it was in, so that text left here is rescued', async () => {
    rememberRoom(id, { title: 'Two-sum' })
    server([410, {}])
    expect(await arrive(id, null)).toMatchObject({ kind: 'in' })
  })

  it('opens the copy in this browser without a network', async () => {
    server(null)
    expect(await arrive(id, null)).toMatchObject({ kind: 'away' })
    rememberRoom(id, { title: 'Two-sum' })
    server(null)
    expect(await arrive(id, null)).toMatchObject({ kind: 'in' })
  })
})
