// The pages of those who have an account: log in, register, the account itself, one's rooms and one's teams.
import { useEffect, useState } from 'preact/hooks'
import { type Account, getMe } from '../../api/accounts'
import { hasAccounts } from '../../api/known-login'
import { ApiError, sentence } from '../../api/problem'
import { goInstead, type Route } from '../../api/route'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import { AccountPage } from './account-page'
import { EnterPage } from './enter-page'
import { Frame } from './frame'
import { NoAccounts } from './no-accounts'
import { type Opening, RoomsPage } from './rooms-page'
import { TeamPage } from './team-page'
import { TeamsPage } from './teams-page'
import './account.css'

export interface AccountPagesProps {
  at: Extract<Route, { page: 'login' | 'register' | 'account' | 'rooms' | 'teams' }>
  onLanding(): void
  onRoom(id: string): void
  Opening: Opening
}

export function AccountPages({ at, ...ways }: AccountPagesProps) {
  if (!hasAccounts()) return <NoAccounts onLanding={ways.onLanding} />
  if (at.page === 'login' || at.page === 'register') return <EnterPage key={at.page} way={at.page} onLanding={ways.onLanding} />
  return <OwnPages page={at.page} team={at.page === 'teams' ? at.team : null} {...ways} />
}

const titles = { account: 'Account', rooms: 'My rooms', teams: 'Teams' } as const

interface OwnPagesProps extends Omit<AccountPagesProps, 'at'> {
  page: keyof typeof titles
  team: string | null
}

function OwnPages({ page, team, onLanding, onRoom, Opening }: OwnPagesProps) {
  const [account, setAccount] = useState<Account | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [asked, setAsked] = useState(0)

  useEffect(() => {
    document.title = `${titles[page]} · fourhands`
  }, [page])

  useEffect(() => {
    let gone = false
    setProblem(null)
    getMe().then(
      (found) => gone || setAccount(found),
      (error: unknown) => {
        if (gone) return
        if (error instanceof ApiError && error.status === 401) goInstead(`/login?next=${encodeURIComponent(`/${page}${team === null ? '' : `#${team}`}`)}`)
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
      <Frame title={titles[page]} at={page} account={null} onLanding={onLanding}>
        <div aria-busy="true" role="status" aria-label="Loading">
          {[1, 2, 3].map((number) => (
            <div key={number} class="skeleton own-wait" />
          ))}
        </div>
      </Frame>
    )
  if (page === 'rooms') return <RoomsPage account={account} onLanding={onLanding} onRoom={onRoom} Opening={Opening} />
  if (page === 'teams' && team !== null) return <TeamPage key={team} id={team} account={account} onLanding={onLanding} onRoom={onRoom} />
  if (page === 'teams') return <TeamsPage account={account} onLanding={onLanding} />
  return <AccountPage account={account} onChange={setAccount} onLanding={onLanding} />
}
