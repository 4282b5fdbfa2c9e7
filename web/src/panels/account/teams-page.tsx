// One's teams: to look into, and to make another.
import { useEffect, useState } from 'preact/hooks'
import type { Account } from '../../api/accounts'
import { sentence } from '../../api/problem'
import { root } from '../../api/root'
import { acceptTeam, declineTeam, getTeamsAndInvitations, makeTeam, type TeamInvitation, type TeamShort } from '../../api/teams'
import { Button } from '../../ui/button'
import { Field, Problem } from '../../ui/field'
import { toast } from '../../ui/toasts'
import { counted } from './account-words'
import { Frame } from './frame'
import { useActing } from './acting'

export interface TeamsPageProps {
  account: Account
  onLanding(): void
}

export function TeamsPage({ account, onLanding }: TeamsPageProps) {
  const [teams, setTeams] = useState<TeamShort[] | null>(null)
  const [asked, setAsked] = useState<TeamInvitation[]>([])
  const [problem, setProblem] = useState<string | null>(null)

  const load = () => {
    setProblem(null)
    getTeamsAndInvitations().then(
      (found) => {
        setTeams(found.teams)
        setAsked(found.invitations)
      },
      (error: unknown) => setProblem(`Your teams did not load. ${sentence(error)}`),
    )
  }
  useEffect(load, [])

  return (
    <Frame title="Teams" at="teams" account={account} onLanding={onLanding}>
      <p class="muted">A team shares rooms: everybody in it finds them in their list, and comes in without password or lobby.</p>
      {problem === null ? null : (
        <div role="alert" class="own-again">
          <Problem text={problem} />
          <Button onClick={load}>Try again</Button>
        </div>
      )}
      {asked.length === 0 ? null : (
        <section aria-label="Invitations">
          <ul class="own-list" aria-label="Invitations">
            {asked.map((one) => (
              <InvitationRow key={one.team} invitation={one} onAnswered={load} />
            ))}
          </ul>
        </section>
      )}
      {teams === null ? (
        problem === null ? (
          <div aria-busy="true" aria-label="Loading" role="status">
            <div class="skeleton own-wait" />
          </div>
        ) : null
      ) : teams.length === 0 ? (
        <p class="muted own-empty">You are in no team yet. Make one below, or ask somebody to invite you into theirs.</p>
      ) : (
        <ul class="own-list" aria-label="Teams">
          {teams.map((team) => (
            <TeamRow key={team.id} team={team} />
          ))}
        </ul>
      )}
      <MakeTeam />
    </Frame>
  )
}

function InvitationRow({ invitation, onAnswered }: { invitation: TeamInvitation; onAnswered(): void }) {
  const { busy, problem, act } = useActing()
  const { team, name, role, by } = invitation
  return (
    <li class="own-row">
      <div class="own-row-words">
        <span>
          {by} invites you to <strong>{name}</strong>
        </span>
        <span class="meta">{role === 'owner' ? 'You could change the team, and would be host in its rooms.' : 'You would find its rooms in your list, and write in them.'}</span>
        {problem === null ? null : <Problem text={problem} />}
      </div>
      <Button
        kind="primary"
        aria-label={`Come in: ${name}`}
        aria-disabled={busy}
        onClick={() =>
          act(async () => {
            await acceptTeam(team)
            toast(`You are in “${name}”`, { icon: 'check' })
            onAnswered()
          })
        }
      >
        Come in
      </Button>
      <Button aria-label={`No, thanks: ${name}`} aria-disabled={busy} onClick={() => act(() => declineTeam(team).then(onAnswered))}>
        No, thanks
      </Button>
    </li>
  )
}

function TeamRow({ team }: { team: TeamShort }) {
  return (
    <li class="own-row">
      <div class="own-row-words">
        <a class="own-title" href={`${root()}/teams#${team.id}`}>
          {team.name}
        </a>
        <span class="meta">
          {team.role === 'owner' ? 'yours to change · ' : ''}
          {counted(team.members, 'person', 'people')} · {counted(team.rooms, 'room', 'rooms')}
        </span>
      </div>
    </li>
  )
}

function MakeTeam() {
  const [name, setName] = useState('')
  const { busy, problem, act } = useActing()
  const make = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      const { id } = await makeTeam(name.trim())
      location.hash = id // its page, which one goes back from
    })
  }
  return (
    <section class="own-part" aria-label="Make a team">
      <h2>Make a team</h2>
      <form class="own-form" onSubmit={make}>
        <Field label="Its name" problem={problem}>
          {(control) => (
            <div class="own-line">
              <input
                {...control}
                class="input"
                value={name}
                required
                maxLength={80}
                placeholder="Evening class"
                autocomplete="off"
                onInput={(event) => setName(event.currentTarget.value)}
              />
              <Button type="submit" icon="plus" aria-disabled={busy}>
                {busy ? 'Making it…' : 'Make it'}
              </Button>
            </div>
          )}
        </Field>
      </form>
    </section>
  )
}
