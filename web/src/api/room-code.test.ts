import { describe, expect, it } from 'vitest'
import { readRoomCode, roomFromLink, roomIdFrom } from './room-code'

describe('a room code', () => {
  it.each(['k7f3-9q2m-x4tz', 'K7F3-9Q2M-X4TZ', 'k7f39q2mx4tz', ' K7F3 9Q2M X4TZ '])('is read in any case, with or without dashes: %s', (text) => {
    expect(readRoomCode(text)).toEqual({ id: 'k7f3-9q2m-x4tz', key: null })
  })

  it('takes letters that look like digits for them', () => {
    expect(roomIdFrom('OIL0-aaaa-bbbb')).toBe('0110-aaaa-bbbb')
  })

  it.each(['', 'k7f3', 'k7f3-9q2m-x4t', 'k7f3-9q2m-x4tzz', 'u7f3-9q2m-x4tz', 'hello there, all'])('is not found in %j', (text) => {
    expect(readRoomCode(text)).toBeNull()
  })

  it('is read from a whole link, with its key', () => {
    const address = { id: 'k7f3-9q2m-x4tz', key: 'abc123' }
    expect(readRoomCode('https://pad.example.org/r/k7f3-9q2m-x4tz#abc123')).toEqual(address)
    expect(readRoomCode('example.org/deep/path/r/K7F39Q2MX4TZ/?x=1#abc123')).toEqual(address)
  })

  it('keeps the name of a room that was named by hand', () => {
    expect(roomFromLink('http://localhost:8000/r/Team_Room')).toEqual({ id: 'Team_Room', key: null })
  })

  it('is not read from another address', () => {
    expect(readRoomCode('https://example.org/k7f3')).toBeNull()
    expect(readRoomCode('https://example.org/r/bad%20name')).toBeNull()
  })
})
