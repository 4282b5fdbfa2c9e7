// A room that is not open to whoever has its link: a password, a lobby, an end, for a team. What is chosen stands before anybody can come.
import { useEffect, useId, useState } from 'preact/hooks'
import { knownLogin } from '../../api/known-login'
import { newRoom } from '../../api/new-room'
import { sentence } from '../../api/problem'
import { getTeams, type TeamShort } from '../../api/teams'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Problem } from '../../ui/field'
import { endAfter, RoomEnds } from '../../ui/room-ends'
import './opening.css'

export interface OpeningDialogProps {
  onRoom(id: string): void
  onClose(): void
}

export function OpeningDialog({ onRoom, onClose }: OpeningDialogProps) {
  const [title, setTitle] = useState('')
  const [password, setPassword] = useState('')
  const [lobby, setLobby] = useState(false)
  const [hours, setHours] = useState('')
  const [team, setTeam] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const lobbyId = useId()

  const open = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      const id = await newRoom({
        title: title.trim(),
        lobby,
        ...(password === '' ? {} : { password }),
        ...(hours === '' ? {} : { expires_at: endAfter(Number(hours)) }),
        ...(team === '' ? {} : { team }),
      })
      onClose()
      onRoom(id)
    } catch (error) {
      setProblem(sentence(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title="Open a private room" onClose={onClose}>
      <form class="opening" onSubmit={open}>
        <Field label="Title">
          {(control) => (
            <input {...control} autofocus class="input" value={title} maxLength={80} placeholder="May be empty" autocomplete="off" onInput={(event) => setTitle(event.currentTarget.value)} />
          )}
        </Field>
        <Field label="Password" hint="Newcomers are asked for it. Empty: none.">
          {(control) => (
            <input
              {...control}
              class="input"
              type="password"
              value={password}
              maxLength={256}
              autocomplete="new-password"
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="opening-switch">
          <label for={lobbyId}>
            <span>Lobby</span>
            <span class="meta">Newcomers wait until you let them in.</span>
          </label>
          <input id={lobbyId} class="switch" type="checkbox" role="switch" checked={lobby} onChange={(event) => setLobby(event.currentTarget.checked)} />
        </div>
        <Field label="It ends" hint={hours === '' ? undefined : 'Then its text is erased, too.'}>
          {(control) => (
            <select {...control} class="input" value={hours} onChange={(event) => setHours(event.currentTarget.value)}>
              <option value="">When a host ends it</option>
              <RoomEnds />
            </select>
          )}
        </Field>
        {knownLogin.value === null ? null : <TeamField value={team} onChange={setTeam} />}
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <div class="opening-acts">
          <span class="meta">All of it can be changed in the room.</span>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" aria-disabled={busy}>
            {busy ? 'Opening…' : 'Open the room'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Nothing, for whoever is in no team. */
function TeamField({ value, onChange }: { value: string; onChange(team: string): void }) {
  const [teams, setTeams] = useState<TeamShort[]>([])
  useEffect(() => {
    let gone = false
    getTeams().then(
      (found) => gone || setTeams(found),
      () => undefined, // it can be given to a team later
    )
    return () => {
      gone = true
    }
  }, [])
  if (teams.length === 0) return null
  return (
    <Field label="For a team" hint="Its people come in without password and lobby.">
      {(control) => (
        <select {...control} class="input" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">No team</option>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
