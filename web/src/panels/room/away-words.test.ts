import { describe, expect, it } from 'vitest'
import { awayWords } from './away-words'

describe('without a connection', () => {
  it('one line says that the text is safe where the browser keeps it', () => {
    expect(awayWords({ kept: true, reloads: false }).line).toBe('Reconnecting… your text is safe')
  })

  it('one line asks to keep the page open where it alone has the text', () => {
    expect(awayWords({ kept: false, reloads: true }).line).toBe('Reconnecting… keep this page open')
  })

  it.each([
    [true, true, false],
    [true, false, true],
    [false, true, true],
  ])('kept %j, reloads %j: warns of a reload %j', (kept, reloads, warns) => {
    expect(awayWords({ kept, reloads }).rest.includes('Do not reload')).toBe(warns)
  })
})
