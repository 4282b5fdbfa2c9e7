// The first page: one button that opens a room at once, one field for those who have a code, and below it an editor
// that types to itself (fetched after the first paint).
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { hasAccounts, knownLogin } from '../../api/known-login'
import { newRoom } from '../../api/new-room'
import { sentence } from '../../api/problem'
import { root } from '../../api/root'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import type { LazyComponent } from '../../ui/lazy'
import { Mark } from '../../ui/mark'
import { HaveCode } from './have-code'
import { Demo } from './demo'
import './landing.css'

export interface LandingPageProps {
  onRoom(id: string, key?: string | null): void
  /** A room is likely to be entered soon: its code may be fetched. */
  onSoon(): void
  /** Asks what a private room is to be like, and opens it. */
  Opening: LazyComponent<{ onRoom(id: string): void; onClose(): void }>
}

const opening = signal(false)
const privately = signal(false)
const problem = signal<string | null>(null)

async function open(onRoom: LandingPageProps['onRoom']): Promise<void> {
  if (opening.value) return
  opening.value = true
  problem.value = null
  try {
    onRoom(await newRoom())
  } catch (error) {
    problem.value = sentence(error)
  } finally {
    opening.value = false
  }
}

export function LandingPage({ onRoom, onSoon, Opening }: LandingPageProps) {
  useEffect(() => {
    problem.value = null
    privately.value = false
  }, [])
  return (
    <main class="landing">
      {hasAccounts() ? <AccountLink /> : null}
      <h1>
        <Mark size={28} /> fourhands
      </h1>
      <p class="landing-line">Write and run code together. Nothing to install.</p>
      <div class="landing-doors">
        <Button kind="primary" class="large" aria-disabled={opening.value} onClick={() => open(onRoom)} onPointerEnter={onSoon} onFocus={onSoon}>
          {opening.value ? 'Opening…' : 'Open a room'}
        </Button>
        <span class="landing-or muted" aria-hidden="true">
          or
        </span>
        <HaveCode onRoom={onRoom} />
      </div>
      <div class="landing-more">
        <Button kind="quiet" class="landing-private" onPointerEnter={Opening.preload} onFocus={Opening.preload} onClick={() => (privately.value = true)}>
          Open a private room…
        </Button>
        <div class="landing-problem" aria-live="polite">
          {problem.value === null ? null : <Problem text={problem.value} />}
        </div>
      </div>
      {privately.value ? <Opening onRoom={onRoom} onClose={() => (privately.value = false)} /> : null}
      <Demo />
    </main>
  )
}

/** From what this browser remembers: the first page asks nothing. */
function AccountLink() {
  const known = knownLogin.value !== null
  return (
    <a class="landing-account" href={`${root()}/${known ? 'rooms' : 'login'}`}>
      {known ? 'My rooms' : 'Log in'}
    </a>
  )
}
