import { describe, expect, it } from 'vitest'
import { awayWords } from './away-words'

describe('without a connection', () => {
  it('one line says that the text is safe where the browser keeps it', () => {
    expect(awayWords({ kept: true, reloads: false, message: null }).line).toBe('Reconnecting… your text is safe')
  })

  it('one line asks to keep the page open where it alone has the text', () => {
    expect(awayWords({ kept: false, reloads: true, message: null }).line).toBe('Reconnecting… keep this page open')
  })

  it.each([
    [true, true, false],
    [true, false, true],
    [false, true, true],
  ])('kept %j, reloads %j: warns of a reload %j', (kept, reloads, warns) => {
    expect(awayWords({ kept, reloads, message: null }).rest.includes('Do not reload')).toBe(warns)
  })

  it('gives the reason that the server gave, and says that the page goes on trying', () => {
    const words = awayWords({ kept: true, reloads: true, message: 'This room is full: 500 people are in it.' })
    expect(words.line).toBe('This room is full: 500 people are in it')
    expect(words.rest).toMatch(/^This page goes on trying/)
  })
})
