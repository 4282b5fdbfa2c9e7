// Somebody else in the room: follow them; for hosts their role, and a way to remove them that asks once.
import { useState } from 'preact/hooks'
import { sentence } from '../../api/problem'
import type { Member, Role } from '../../protocol/events'
import { Avatar } from '../../ui/avatar'
import { Button, IconButton } from '../../ui/button'
import { Problem } from '../../ui/field'
import { useQuestion } from '../../ui/question'

export const roleWords: Record<Role, string> = { host: 'Host', editor: 'Can write', viewer: 'Viewing' }

export type MoveMember = (member: string, change: { role?: Role; state?: 'in' | 'removed' }) => Promise<unknown>

export interface PersonRowProps {
  member: Member
  followed: boolean
  /** Null: one may not. */
  move: MoveMember | null
  onFollow(): void
}

export function PersonRow({ member, followed, move, onFollow }: PersonRowProps) {
  const { asking, setAsking, opener, answer, onKeyDown } = useQuestion()
  const [problem, setProblem] = useState<string | null>(null)
  const { name } = member

  const change = async (wish: { role?: Role; state?: 'removed' }) => {
    try {
      setProblem(null)
      await move?.(member.id, wish)
    } catch (error) {
      setProblem(sentence(error))
    }
  }
  return (
    <>
      <div class="person">
        <Avatar name={name} color={member.color} />
        <div class="person-words">
          <span class="person-name">{name}</span>
          {move === null ? (
            <span class="meta">{roleWords[member.role]}</span>
          ) : (
            <RolePicker member={member} onChange={(role) => void change({ role })} />
          )}
        </div>
        <IconButton
          icon="follow"
          label={followed ? `Stop following ${name}` : `Follow ${name}`}
          side="end"
          aria-pressed={followed}
          onClick={onFollow}
        />
        {move === null ? null : (
          <IconButton ref={opener} icon="close" label={`Remove ${name}`} side="end" aria-expanded={asking} onClick={() => setAsking(!asking)} />
        )}
      </div>
      {asking ? (
        <div class="person-ask" role="group" aria-label={`Remove ${name}?`} onKeyDown={onKeyDown}>
          <p>Remove {name}? They are away at once. A link that they know lets them ask again as somebody new: lock the room to keep it closed.</p>
          <div class="own-ends">
            <Button kind="danger" ref={answer} onClick={() => void change({ state: 'removed' })}>
              Remove
            </Button>
            <Button kind="quiet" onClick={() => setAsking(false)}>
              Keep
            </Button>
          </div>
        </div>
      ) : null}
      {problem === null ? null : <Problem text={problem} />}
    </>
  )
}

function RolePicker({ member, onChange }: { member: Member; onChange(role: Role): void }) {
  return (
    <select
      class="person-role"
      aria-label={`Role of ${member.name}`}
      value={member.role}
      onChange={(event) => {
        const role = event.currentTarget.value as Role
        event.currentTarget.value = member.role // it follows when the server says so
        onChange(role)
      }}
    >
      {(Object.keys(roleWords) as Role[]).map((role) => (
        <option key={role} value={role}>
          {roleWords[role]}
        </option>
      ))}
    </select>
  )
}
