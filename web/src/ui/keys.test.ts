// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { isKey, keyName, writesText } from './keys'

const press = (key: string, held: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...held })

describe('keys', () => {
  it('are named as the machine does', () => {
    expect(keyName('Mod+Enter', false)).toBe('Ctrl+Enter')
    expect(keyName('Mod+Enter', true)).toBe('⌘Enter')
  })

  it('are met exactly', () => {
    expect(isKey(press('j', { ctrlKey: true }), 'Mod+J', false)).toBe(true)
    expect(isKey(press('j', { metaKey: true }), 'Mod+J', true)).toBe(true)
    expect(isKey(press('j', { ctrlKey: true }), 'Mod+J', true)).toBe(false)
    expect(isKey(press('j', { ctrlKey: true, shiftKey: true }), 'Mod+J', false)).toBe(false)
    expect(isKey(press('F6', { shiftKey: true }), 'Shift+F6', false)).toBe(true)
  })

  it('are text in fields and editors', () => {
    expect(writesText(document.createElement('textarea'))).toBe(true)
    expect(writesText(document.createElement('button'))).toBe(false)
    expect(writesText(undefined)).toBe(false)
  })
})
