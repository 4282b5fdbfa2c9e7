// Whose room it is: of one of one's teams, or of nobody's. Nothing, for whoever is in no team.
import { useEffect, useId, useState } from 'preact/hooks'
import { getRoom } from '../../api/rooms'
import { getTeams, type TeamShort } from '../../api/teams'
import type { Change } from './change'

interface Known {
  teams: readonly TeamShort[]
  /** The room's, '' for none that one is in. */
  team: string
}

export function TeamRow({ room, change }: { room: string; change: Change }) {
  const [known, setKnown] = useState<Known | null>(null)
  const id = useId()
  useEffect(() => {
    let gone = false
    Promise.all([getTeams(), getRoom(room)]).then(
      ([teams, { team }]) => gone || setKnown({ teams, team: team?.id ?? '' }),
      () => undefined, // the login has ended, or the server is away: the other rows stay
    )
    return () => {
      gone = true
    }
  }, [room])
  if (known === null || known.teams.length === 0) return null
  const { teams, team } = known
  const kept = teams.some((one) => one.id === team && one.role !== 'owner')
  const give = async (to: string) => {
    if (await change({ team: to })) setKnown({ teams, team: to })
  }
  return (
    <div class="door">
      <label class="door-words" for={id}>
        <span>Team</span>
        <span class="meta">{kept ? 'Only the team’s owners can take it back.' : 'Its people come in without password and lobby; its owners are hosts.'}</span>
      </label>
      <select
        id={id}
        class="input door-end"
        value={team}
        disabled={kept}
        onChange={(event) => {
          const wanted = event.currentTarget.value
          event.currentTarget.value = team // it follows when the server has taken it
          void give(wanted)
        }}
      >
        <option value="">No team</option>
        {teams.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  )
}
