// The people of a team: seen by all of them, changed by its owners.
import { useState } from 'preact/hooks'
import type { Account } from '../../api/accounts'
import { dropTeamMember, inviteToTeam, setTeamMember, type Team, type TeamMember, type TeamRole } from '../../api/teams'
import { Avatar } from '../../ui/avatar'
import { Button, IconButton } from '../../ui/button'
import { Field, Problem } from '../../ui/field'
import { useQuestion } from '../../ui/question'
import { toast } from '../../ui/toasts'
import { useActing } from './acting'

const roleWords: Record<TeamRole, string> = { owner: 'Owner', member: 'Member' }

export interface TeamMembersProps {
  team: Team
  self: Account
  onChange(members: TeamMember[]): void
}

export function TeamMembers({ team, self, onChange }: TeamMembersProps) {
  const { members, role } = team
  const put = (one: TeamMember) => onChange([...members.filter(({ account }) => account !== one.account), one].sort(byName))
  return (
    <section class="own-part" aria-label="People of the team">
      <h2>People</h2>
      <ul class="own-list">
        {[...members].sort(byName).map((one) => (
          <MemberRow
            key={one.account}
            team={team.id}
            member={one}
            self={one.account === self.id}
            mayChange={role === 'owner'}
            onChange={put}
            onDropped={() => {
              onChange(members.filter(({ account }) => account !== one.account))
              toast(`${one.name} is not in the team any more`, { icon: 'check' })
            }}
          />
        ))}
      </ul>
      {role === 'owner' ? <InviteMember team={team.id} /> : <p class="meta">Owners take people in, and change who may what.</p>}
    </section>
  )
}

const byName = (one: TeamMember, other: TeamMember) => one.name.localeCompare(other.name) || one.login.localeCompare(other.login)

interface MemberRowProps {
  team: string
  member: TeamMember
  self: boolean
  mayChange: boolean
  onChange(member: TeamMember): void
  onDropped(): void
}

function MemberRow({ team, member, self, mayChange, onChange, onDropped }: MemberRowProps) {
  const { busy, problem, act } = useActing()
  const { asking, setAsking, opener, answer, onKeyDown } = useQuestion()
  return (
    <li class="own-row">
      <Avatar name={member.name} color={member.color} />
      <div class="own-row-words">
        <span>
          <strong>{member.name}</strong> {self ? <span class="muted">(you)</span> : null}
        </span>
        <span class="meta">
          {member.login}
          {mayChange && !self ? null : ` · ${roleWords[member.role].toLowerCase()}`}
        </span>
        {problem === null ? null : <Problem text={problem} />}
      </div>
      {!mayChange || self ? null : asking ? (
        <div class="own-acts" role="group" aria-label={`Remove ${member.name}?`} onKeyDown={onKeyDown}>
          <Button kind="danger" ref={answer} aria-disabled={busy} onClick={() => act(() => dropTeamMember(team, member.login).then(onDropped))}>
            {busy ? 'Removing…' : 'Remove'}
          </Button>
          <Button kind="quiet" onClick={() => setAsking(false)}>
            Keep
          </Button>
        </div>
      ) : (
        <>
          <select
            class="input own-role"
            aria-label={`Role of ${member.name}`}
            value={member.role}
            onChange={(event) => {
              const role = event.currentTarget.value as TeamRole
              event.currentTarget.value = member.role // it follows when the server has said so
              void act(async () => onChange(await setTeamMember(team, member.login, role)))
            }}
          >
            {(Object.keys(roleWords) as TeamRole[]).map((role) => (
              <option key={role} value={role}>
                {roleWords[role]}
              </option>
            ))}
          </select>
          <IconButton ref={opener} icon="close" label={`Remove ${member.name}…`} side="end" onClick={() => setAsking(true)} />
        </>
      )}
    </li>
  )
}

function InviteMember({ team }: { team: string }) {
  const [login, setLogin] = useState('')
  const [asked, setAsked] = useState<string | null>(null)
  const { busy, problem, act } = useActing()
  const invite = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      const name = login.trim()
      await inviteToTeam(team, name)
      setAsked(name)
      setLogin('')
    })
  }
  return (
    <form class="own-form" onSubmit={invite}>
      <Field label="Invite somebody" hint="By the name they log in with. They are in the team once they say yes." problem={problem}>
        {(control) => (
          <div class="own-line">
            <input
              {...control}
              class="input"
              value={login}
              required
              maxLength={64}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              onInput={(event) => setLogin(event.currentTarget.value)}
            />
            <Button type="submit" icon="plus" aria-disabled={busy}>
              {busy ? 'Inviting…' : 'Invite'}
            </Button>
          </div>
        )}
      </Field>
      <p class="meta" aria-live="polite">
        {asked === null ? null : `If somebody logs in as “${asked}” here, they find the invitation under Teams.`}
      </p>
    </form>
  )
}
