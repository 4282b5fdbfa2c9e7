// @vitest-environment happy-dom
import { signal } from '@preact/signals'
import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Connection } from '../../sync/room-sync'
import { useSaidAway } from './away'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What is said after each step: a state of the connection that was held for so long. */
async function said(steps: readonly (readonly [Connection, number])[], message: string | null = null): Promise<boolean[]> {
  const sync = { connection: signal<Connection>('connected'), synced: signal(true), awayMessage: signal(message) }
  const parent = document.createElement('div')
  const Away = () => <p>{useSaidAway(sync) ? 'away' : ''}</p>
  await act(() => render(<Away />, parent))
  const seen: boolean[] = []
  for (const [state, milliseconds] of steps) {
    await act(() => void (sync.connection.value = state))
    await act(() => void vi.advanceTimersByTime(milliseconds))
    seen.push(parent.textContent === 'away')
  }
  return seen
}

it('says nothing of the pause after which everybody comes back to a server that stops', async () => {
  expect(await said([['connecting', 3_000], ['connected', 0]])).toEqual([false, false])
})

it('says soon that there is no connection when it cannot be had', async () => {
  expect(await said([['connecting', 300], ['offline', 700], ['offline', 200], ['connected', 0]])).toEqual([false, false, true, false])
})

it('says that nobody answers, and soon what the server said of it', async () => {
  expect(await said([['connecting', 4_000]])).toEqual([true])
  expect(await said([['connecting', 900]], 'This server is full.')).toEqual([true])
})
