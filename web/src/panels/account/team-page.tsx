// One team: its rooms, its people, and for its owners its name and its end.
import { useEffect, useState } from 'preact/hooks'
import type { Account } from '../../api/accounts'
import { newRoom } from '../../api/new-room'
import { ApiError, sentence } from '../../api/problem'
import { goInstead } from '../../api/route'
import { root } from '../../api/root'
import { deleteTeam, dropTeamMember, getTeam, renameTeam, type Team } from '../../api/teams'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { toast } from '../../ui/toasts'
import { Frame } from './frame'
import { useActing } from './acting'
import { RenameDialog } from './rename-dialog'
import { RoomList } from './room-list'
import { SureDialog } from './sure-dialog'
import { TeamMembers } from './team-members'

export interface TeamPageProps {
  id: string
  account: Account
  onLanding(): void
  onRoom(id: string): void
}

export function TeamPage({ id, account, onLanding, onRoom }: TeamPageProps) {
  const [team, setTeam] = useState<Team | null>(null)
  const [problem, setProblem] = useState<{ text: string; gone: boolean } | null>(null)

  const load = () => {
    setProblem(null)
    getTeam(id).then(setTeam, (error: unknown) => {
      const gone = error instanceof ApiError && (error.status === 404 || error.status === 403)
      setProblem(gone ? { text: 'There is no such team, or you are not in it.', gone } : { text: `The team did not load. ${sentence(error)}`, gone })
    })
  }
  useEffect(load, [])
  useEffect(() => {
    document.title = `${team?.name ?? 'Team'} · fourhands`
  }, [team?.name])

  return (
    <Frame title={team?.name ?? 'Team'} at="teams" account={account} onLanding={onLanding}>
      {problem !== null ? (
        <div role="alert" class="own-again">
          <Problem text={problem.text} />
          {problem.gone ? (
            <a class="button" href={`${root()}/teams`}>
              Your teams
            </a>
          ) : (
            <Button onClick={load}>Try again</Button>
          )}
        </div>
      ) : team === null ? (
        <div aria-busy="true" aria-label="Loading" role="status">
          <div class="skeleton own-wait" />
          <div class="skeleton own-wait" />
        </div>
      ) : (
        <>
          <TeamRooms id={id} onRoom={onRoom} />
          <TeamMembers team={team} self={account} onChange={(members) => setTeam({ ...team, members })} />
          <TeamActs team={team} self={account} onRenamed={(name) => setTeam({ ...team, name })} />
        </>
      )}
    </Frame>
  )
}

function TeamRooms({ id, onRoom }: { id: string; onRoom(id: string): void }) {
  const { busy, problem, act } = useActing()
  return (
    <section class="own-part" aria-label="Rooms of the team">
      <div class="own-head">
        <h2>Rooms</h2>
        <Button kind="primary" icon="plus" aria-disabled={busy} onClick={() => act(async () => onRoom(await newRoom({ team: id })))}>
          {busy ? 'Opening…' : 'Open a room'}
        </Button>
      </div>
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
      <RoomList search="" archived={false} team={id} />
    </section>
  )
}

interface TeamActsProps {
  team: Team
  self: Account
  onRenamed(name: string): void
}

function TeamActs({ team, self, onRenamed }: TeamActsProps) {
  const [doing, setDoing] = useState<'rename' | 'leave' | 'delete' | null>(null)
  const close = () => setDoing(null)
  const away = (told: string) => {
    goInstead('/teams')
    toast(told, { icon: 'check' })
  }
  const owner = team.role === 'owner'
  const last = owner && team.members.filter(({ role }) => role === 'owner').length < 2
  return (
    <div class="own-acts">
      {owner ? (
        <Button icon="pencil" onClick={() => setDoing('rename')}>
          Rename
        </Button>
      ) : null}
      {last ? null : <Button onClick={() => setDoing('leave')}>Leave the team…</Button>}
      {owner ? <Button onClick={() => setDoing('delete')}>Delete the team…</Button> : null}
      {doing === 'rename' ? (
        <RenameDialog
          title="Rename the team"
          label="Its name"
          value={team.name}
          most={80}
          onClose={close}
          onRename={async (name) => {
            await renameTeam(team.id, name)
            onRenamed(name)
          }}
        />
      ) : null}
      {doing === 'leave' ? (
        <SureDialog
          title={`Leave “${team.name}”?`}
          text="Its rooms are not in your list any more, and you come into them as everybody else does. An owner can take you in again."
          yes="Leave it"
          onClose={close}
          onYes={() => dropTeamMember(team.id, self.login).then(() => away(`You left “${team.name}”`))}
        />
      ) : null}
      {doing === 'delete' ? (
        <SureDialog
          title={`Delete “${team.name}”?`}
          text="Its people are no team any more, and nobody can bring it back. Its rooms stay for those who were in them."
          yes="Delete the team"
          onClose={close}
          onYes={() => deleteTeam(team.id).then(() => away(`“${team.name}” is deleted`))}
        />
      ) : null}
    </div>
  )
}
