// Trades the refresh cookie for new cookies: one tab at a time, and none that another tab has just traded.
import { readStored } from '../ui/stored'
import { checkLogin, knownLogin, knownLoginKey } from './known-login'
import { root } from './root'

const earlyMs = 30_000

let inThisTab: Promise<boolean> | null = null

interface LoggedIn {
  account: { name: string }
  expires_in: number
}

export function rememberLogin({ account, expires_in }: LoggedIn): void {
  knownLogin.value = { name: account.name, until: Date.now() + Math.max(0, expires_in * 1000 - earlyMs) }
}

/** Whether the cookie is another than the one which was good until `until`. Never throws: what comes next will tell. */
export function renew(until: number): Promise<boolean> {
  inThisTab ??= alone(() => trade(until)).finally(() => {
    inThisTab = null
  })
  return inThisTab
}

function alone(act: () => Promise<boolean>): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager | null } // none outside secure contexts; there the server forgives two at once
  return locks ? locks.request('fourhands.refresh', act) : act()
}

async function trade(until: number): Promise<boolean> {
  const held = checkLogin(readStored(knownLoginKey)) ?? knownLogin.value
  if (held !== null && held.until !== until) {
    knownLogin.value = held
    return true
  }
  try {
    const answer = await fetch(`${root()}/api/refresh`, { method: 'POST', credentials: 'same-origin', headers: { accept: 'application/json' } })
    if (answer.ok) rememberLogin((await answer.json()) as LoggedIn)
    else if (answer.status === 401) knownLogin.value = null
    return answer.ok
  } catch {
    return false // offline, or a proxy's page
  }
}
