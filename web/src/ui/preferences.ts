// The person's own settings: remembered by this browser, applied as they change, the same in all of its tabs.
import { computed, type ReadonlySignal } from '@preact/signals'
import { mediaSignal } from './media'
import { stored } from './stored'

export const themes = ['system', 'light', 'dark'] as const
export const keymaps = ['standard', 'vim', 'emacs'] as const
export const tabSizes = [2, 4, 8] as const
export const fontSizes = { least: 11, most: 24 } as const

export interface Preferences {
  theme: (typeof themes)[number]
  fontSize: number
  tabSize: number
  keymap: (typeof keymaps)[number]
  wrap: boolean
  ligatures: boolean
  closeBrackets: boolean
}

export const defaultPreferences: Preferences = {
  theme: 'system',
  fontSize: 14,
  tabSize: 4,
  keymap: 'standard',
  wrap: false,
  ligatures: false,
  closeBrackets: true,
}

function oneOf<T>(choices: readonly T[], value: unknown, otherwise: T): T {
  return choices.find((choice) => choice === value) ?? otherwise
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise
}

/** Whatever was stored, as settings: what is missing or out of bounds takes its default. */
export function checkPreferences(value: unknown): Preferences {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof Preferences, unknown>>
  const size = Math.round(Number(given.fontSize ?? Number.NaN))
  return {
    theme: oneOf(themes, given.theme, defaultPreferences.theme),
    fontSize: size >= fontSizes.least && size <= fontSizes.most ? size : defaultPreferences.fontSize,
    tabSize: oneOf<number>(tabSizes, given.tabSize, defaultPreferences.tabSize),
    keymap: oneOf(keymaps, given.keymap, defaultPreferences.keymap),
    wrap: flag(given.wrap, defaultPreferences.wrap),
    ligatures: flag(given.ligatures, defaultPreferences.ligatures),
    closeBrackets: flag(given.closeBrackets, defaultPreferences.closeBrackets),
  }
}

export const preferences = stored('settings', checkPreferences)

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  preferences.value = checkPreferences({ ...preferences.value, [key]: value })
}

const prefersDark = mediaSignal('(prefers-color-scheme: dark)')

/** The theme as it is shown. */
export const shownTheme: ReadonlySignal<'light' | 'dark'> = computed(() => {
  const { theme } = preferences.value
  if (theme !== 'system') return theme
  return prefersDark.value ? 'dark' : 'light'
})

/** Keeps the theme on <html> as it is set; `theme-boot.js` did so before the first paint. */
export function applyTheme(): () => void {
  return preferences.subscribe(({ theme }) => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
  })
}
