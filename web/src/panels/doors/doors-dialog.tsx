// The room's own settings, for hosts: who comes in, who edits, who runs, and when it ends. What is touched counts at once, for everybody.
import type { ReadonlySignal } from '@preact/signals'
import { useId, useState } from 'preact/hooks'
import { knownLogin } from '../../api/known-login'
import { sentence } from '../../api/problem'
import { changeRoom } from '../../api/rooms'
import type { Room } from '../../protocol/events'
import { Dialog } from '../../ui/dialog'
import { Problem, Segments } from '../../ui/field'
import type { Change } from './change'
import { Expiry } from './expiry-row'
import { Password } from './password-row'
import { TeamRow } from './team-row'
import './doors.css'

export interface DoorsDialogProps {
  id: string
  room: ReadonlySignal<Room | null>
  onClose(): void
}

const runChoices = [
  { value: 'editor', text: 'Who can write' },
  { value: 'host', text: 'Hosts' },
  { value: 'none', text: 'Nobody' },
] as const

export function DoorsDialog({ id, room, onClose }: DoorsDialogProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const { value: now } = room

  const change: Change = async (wish) => {
    try {
      await changeRoom(id, wish)
      setProblem(null)
      return true
    } catch (error) {
      setProblem(`Nothing was changed. ${sentence(error)}`)
      return false
    }
  }
  return (
    <Dialog title="Room settings" onClose={onClose}>
      {now === null ? (
        <p>These can be changed when the connection is back.</p>
      ) : (
        <div class="doors">
          <Password has={now.password} change={change} />
          <Door label="Lobby" says="Newcomers wait until a host lets them in." on={now.lobby} onChange={(lobby) => void change({ lobby })} />
          <Door label="Lock" says="Nobody new can come in." on={now.locked} onChange={(locked) => void change({ locked })} />
          <Door label="Read-only" says="Only hosts can edit; the others see and chat." on={now.read_only} onChange={(read_only) => void change({ read_only })} />
          <div class="door">
            <span class="door-words" aria-hidden="true">
              <span>Running code</span>
              <span class="meta">Who may press Run.</span>
            </span>
            <Segments label="Who may run code" choices={runChoices} value={now.run_role} onChange={(run_role) => void change({ run_role })} />
          </div>
          <Expiry at={now.expires_at} change={change} />
          {knownLogin.value === null ? null : <TeamRow room={id} change={change} />}
        </div>
      )}
      {problem === null ? null : <Problem text={problem} />}
      <p class="meta">Everyone in the room is told. Whoever has a host's link comes in without password, lobby or lock; who is inside already stays.</p>
    </Dialog>
  )
}

function Door({ label, says, on, onChange }: { label: string; says: string; on: boolean; onChange(on: boolean): void }) {
  const id = useId()
  return (
    <div class="door">
      <label class="door-words" for={id}>
        <span>{label}</span>
        <span class="meta">{says}</span>
      </label>
      <input
        id={id}
        class="switch"
        type="checkbox"
        role="switch"
        checked={on}
        onChange={(event) => {
          const wanted = event.currentTarget.checked
          event.currentTarget.checked = on // it follows when the server says so
          onChange(wanted)
        }}
      />
    </div>
  )
}
