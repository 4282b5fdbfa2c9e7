// The frame of the pages of an account: where one is, and the way to the others.
import type { ComponentChildren } from 'preact'
import type { Account } from '../../api/accounts'
import { root } from '../../api/root'
import { Avatar } from '../../ui/avatar'
import { Mark } from '../../ui/mark'

export interface FrameProps {
  title: string
  at: 'account' | 'rooms' | 'teams'
  /** Null while it loads. */
  account: Account | null
  onLanding(): void
  children: ComponentChildren
}

export function Frame({ title, at, account, onLanding, children }: FrameProps) {
  return (
    <div class="own-page">
      <header class="own-bar">
        <button type="button" class="brand" onClick={onLanding} aria-label="fourhands, first page">
          <Mark /> <span class="own-brand">fourhands</span>
        </button>
        <nav class="own-nav" aria-label="Account">
          <a href={`${root()}/rooms`} aria-current={at === 'rooms' ? 'page' : undefined}>
            My rooms
          </a>
          <a href={`${root()}/teams`} aria-current={at === 'teams' ? 'page' : undefined}>
            Teams
          </a>
          {account?.admin === true ? <a href={`${root()}/admin`}>Desk</a> : null}
          {account === null ? null : (
            <a href={`${root()}/account`} aria-current={at === 'account' ? 'page' : undefined}>
              <Avatar name={account.name} color={account.color} /> <span class="own-name">{account.name}</span>
              <span class="unseen">, account</span>
            </a>
          )}
        </nav>
      </header>
      <main class="page-body own-body">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}
