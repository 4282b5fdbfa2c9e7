// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { applyTheme, checkPreferences, defaultPreferences, preferences, setPreference, shownTheme } from './preferences'

beforeEach(() => {
  preferences.value = defaultPreferences
})

describe('settings', () => {
  it.each([null, 'x', 7, [], { theme: 'pink', fontSize: 400, tabSize: 3, keymap: 'ed', wrap: 'yes' }])('take their defaults for %j', (value) => {
    expect(checkPreferences(value)).toEqual(defaultPreferences)
  })

  it('keep what is good among what is not', () => {
    expect(checkPreferences({ theme: 'dark', tabSize: 2, fontSize: '16', wrap: true, keymap: 'nano' })).toEqual({
      ...defaultPreferences,
      theme: 'dark',
      tabSize: 2,
      fontSize: 16,
      wrap: true,
    })
  })

  it('are remembered', () => {
    setPreference('keymap', 'vim')
    expect(JSON.parse(localStorage.getItem('fourhands.settings') ?? '')).toMatchObject({ keymap: 'vim' })
  })

  it('follow another tab', () => {
    localStorage.setItem('fourhands.settings', JSON.stringify({ theme: 'dark' }))
    dispatchEvent(Object.assign(new Event('storage'), { key: 'fourhands.settings' }))
    expect(preferences.value.theme).toBe('dark')
    expect(shownTheme.value).toBe('dark')
  })

  it('put the theme on the page only when it was chosen', () => {
    const end = applyTheme()
    setPreference('theme', 'dark')
    expect(document.documentElement.dataset['theme']).toBe('dark')
    setPreference('theme', 'system')
    expect(document.documentElement.dataset['theme']).toBeUndefined()
    end()
  })
})
