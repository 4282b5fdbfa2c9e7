// Signals kept in localStorage and shared with this browser's other tabs. Where storage is blocked or full they still
// work, for as long as the page is open.
import { type Signal, signal } from '@preact/signals'

const prefix = 'fourhands.'

export function readStored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(prefix + key) ?? 'null')
  } catch {
    return null // blocked, or not ours: the same as never stored
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key)
    else localStorage.setItem(prefix + key, JSON.stringify(value))
  } catch {
    // Blocked or full: the page keeps the value in memory, and there is nothing a person could do about it here.
  }
}

/** A signal whose value is `check` of what is stored; `check` gets anything and must return a usable value. */
export function stored<T>(key: string, check: (value: unknown) => T): Signal<T> {
  const state = signal(check(readStored(key)))
  let known = JSON.stringify(state.value)
  state.subscribe((value) => {
    const text = JSON.stringify(value)
    if (text === known) return
    known = text
    writeStored(key, value)
  })
  addEventListener('storage', (event) => {
    if (event.key !== prefix + key && event.key !== null) return
    const value = check(readStored(key))
    known = JSON.stringify(value)
    state.value = value
  })
  return state
}
