// The pages of those who have an account: log in, register, the account itself, one's rooms.
import { useEffect, useState } from 'preact/hooks'
import { type Account, getMe } from '../../api/accounts'
import { hasAccounts } from '../../api/known-login'
import { ApiError, sentence } from '../../api/problem'
import { goInstead } from '../../api/route'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import { AccountPage } from './account-page'
import { EnterPage } from './enter-page'
import { Frame } from './frame'
import { RoomsPage } from './rooms-page'
import './account.css'

export interface AccountPagesProps {
  page: 'login' | 'register' | 'account' | 'rooms'
  onLanding(): void
  onRoom(id: string): void
}

export function AccountPages({ page, onLanding, onRoom }: AccountPagesProps) {
  if (!hasAccounts()) return <NoAccounts onLanding={onLanding} />
  if (page === 'login' || page === 'register') return <EnterPage key={page} way={page} onLanding={onLanding} />
  return <OwnPages page={page} onLanding={onLanding} onRoom={onRoom} />
}

function NoAccounts({ onLanding }: { onLanding(): void }) {
  useEffect(() => {
    document.title = 'No accounts here · fourhands'
  }, [])
  return (
    <Page title="There are no accounts here" onLanding={onLanding}>
      <p>Whoever runs this server has turned them off. Nobody needs one: open a room, or join with a link and a name.</p>
      <Button kind="primary" class="large" onClick={onLanding}>
        Go to the first page
      </Button>
    </Page>
  )
}

function OwnPages({ page, onLanding, onRoom }: AccountPagesProps & { page: 'account' | 'rooms' }) {
  const [account, setAccount] = useState<Account | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [asked, setAsked] = useState(0)

  useEffect(() => {
    document.title = `${page === 'rooms' ? 'My rooms' : 'Account'} · fourhands`
  }, [page])

  useEffect(() => {
    let gone = false
    setProblem(null)
    getMe().then(
      (found) => gone || setAccount(found),
      (error: unknown) => {
        if (gone) return
        if (error instanceof ApiError && error.status === 401) goInstead(`/login?next=/${page}`)
        else setProblem(sentence(error))
      },
    )
    return () => {
      gone = true
    }
  }, [asked])

  if (problem !== null)
    return (
      <Page title="Your account did not load" onLanding={onLanding}>
        <Problem text={problem} />
        <Button kind="primary" class="large" onClick={() => setAsked(asked + 1)}>
          Try again
        </Button>
      </Page>
    )
  if (account === null)
    return (
      <Frame title={page === 'rooms' ? 'My rooms' : 'Account'} at={page} account={null} onLanding={onLanding}>
        <div aria-busy="true" role="status" aria-label="Loading">
          {[1, 2, 3].map((number) => (
            <div key={number} class="skeleton own-wait" />
          ))}
        </div>
      </Frame>
    )
  if (page === 'rooms') return <RoomsPage account={account} onLanding={onLanding} onRoom={onRoom} />
  return <AccountPage account={account} onChange={setAccount} onLanding={onLanding} />
}
