// What this browser remembers of its login, so that no page has to ask before it needs to know. The tokens themselves are cookies that no script can read.
import { stored } from '../ui/stored'

export interface KnownLogin {
  /** What others see. */
  name: string
  /** Until when the access cookie is good, in milliseconds since the epoch by this device's clock. */
  until: number
}

export function checkLogin(value: unknown): KnownLogin | null {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<KnownLogin>
  return typeof given.name === 'string' && typeof given.until === 'number' ? { name: given.name, until: given.until } : null
}

export const knownLoginKey = 'login'

export const knownLogin = stored(knownLoginKey, checkLogin)

/** Whether the server that gave this page has accounts: it writes that on <html>. */
export function hasAccounts(): boolean {
  return document.documentElement.dataset['accounts'] !== 'off'
}
