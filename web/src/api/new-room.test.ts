// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dropWaitingText, newRoom, newRoomWith, waitingText } from './new-room'
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

describe('a text that waits for its room', () => {
  const from = { room: 'old', drop: 'rescued' } as const

  it('waits in this browser, for a page that is loaded anew', async () => {
    const id = await newRoomWith({ text: 'print(1)', from, language: 'python', title: '' })
    vi.resetModules()
    const anew = await import('./new-room')
    expect(anew.waitingText(id)).toEqual({ text: 'print(1)', from, placed: false })
    anew.markPlaced(id)
    expect(anew.waitingText(id)?.placed).toBe(true)
    anew.dropWaitingText(id)
    expect(anew.waitingText(id)).toBeNull()
  })

  it('waits in this page where storage is full', async () => {
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    vi.stubGlobal('localStorage', { getItem: () => null, setItem: full, removeItem: () => undefined })
    const id = await newRoomWith({ text: 'print(1)', from, language: '', title: '' })
    expect(waitingText(id)?.text).toBe('print(1)')
    dropWaitingText(id)
    expect(waitingText(id)).toBeNull()
  })

  it.each(['text', { text: 3 }, { text: 'x' }, { text: 'x', from: {} }])('is not %j', (stored) => {
    localStorage.setItem('fourhands.text.other', JSON.stringify(stored))
    expect(waitingText('other')).toBeNull()
  })
})
