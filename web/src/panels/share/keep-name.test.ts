import { describe, expect, it } from 'vitest'
import type { Member } from '../../protocol/events'
import { keepName } from './keep-name'

const host: Member = { id: 'ada', name: 'Host', color: '#0f766e', role: 'host' }

function given(text: string, { connected = true } = {}) {
  const told: unknown[] = []
  const remembered: unknown[] = []
  const problem = keepName(text, {
    me: host,
    change: (change) => (connected && told.push(change), connected),
    remember: (person) => remembered.push(person),
  })
  return { problem, told, remembered }
}

describe('a name given in the share dialog', () => {
  it('is told to the room and remembered, with the colour that the others see', () => {
    expect(given('  Ada ')).toEqual({ problem: null, told: [{ name: 'Ada' }], remembered: [{ name: 'Ada', color: '#0f766e' }] })
  })

  it.each(['', '   ', 'Host'])('is left alone when it is %j', (text) => {
    expect(given(text)).toEqual({ problem: null, told: [], remembered: [] })
  })

  it('is not remembered when it could not be told', () => {
    expect(given('Ada', { connected: false })).toMatchObject({ problem: expect.stringContaining('Not connected'), told: [], remembered: [] })
  })
})
