// Links that hosts make beside the three that stand: for somebody, for one person, until a time; and revoking them.
import { useEffect, useId, useState } from 'preact/hooks'
import { sentence } from '../../api/problem'
import { getInvites, type Invite, makeInvite, revokeInvite } from '../../api/rooms'
import type { Role } from '../../protocol/events'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { LinkRow } from './link-row'

const dayMs = 86_400_000
const roleWords: Record<Role, string> = { viewer: 'View', editor: 'Write', host: 'Host' }

export function Invites({ id }: { id: string }) {
  const [invites, setInvites] = useState<Invite[]>([])
  const [problem, setProblem] = useState<string | null>(null)

  const load = async () => {
    try {
      setInvites((await getInvites(id)).filter((one) => one.good && one.id !== one.role))
      setProblem(null)
    } catch (error) {
      setProblem(sentence(error))
    }
  }
  useEffect(() => void load(), [id])

  const doing = async (work: Promise<unknown>) => {
    try {
      await work
    } catch (error) {
      return setProblem(sentence(error))
    }
    await load()
  }
  return (
    <section class="invites" aria-label="More invitation links">
      <p class="invites-title">More invitation links</p>
      {invites.map((one) => (
        <div key={one.id} class="invite">
          <LinkRow title={one.label === '' ? `To ${roleWords[one.role].toLowerCase()}` : one.label} says={inviteWords(one)} link={one.link} />
          <Button kind="quiet" aria-label={`Revoke the link ${one.label}`} onClick={() => void doing(revokeInvite(id, one.id))}>
            Revoke
          </Button>
        </div>
      ))}
      <NewInvite onMake={(wish) => doing(makeInvite(id, wish))} />
      {problem === null ? null : <Problem text={problem} />}
    </section>
  )
}

export function inviteWords({ role, single_use, expires_at }: Pick<Invite, 'role' | 'single_use' | 'expires_at'>): string {
  const parts = [roleWords[role], single_use ? 'for one person' : 'for many']
  if (expires_at !== null) parts.push(`until ${new Date(expires_at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}`)
  return parts.join(', ')
}

function NewInvite({ onMake }: { onMake(wish: { role: Role; label: string; single_use: boolean; expires_at: number | null }): Promise<void> }) {
  const [label, setLabel] = useState('')
  const [role, setRole] = useState<Role>('editor')
  const [once, setOnce] = useState(true)
  const [days, setDays] = useState(7)
  const ids = useId()

  const make = (event: Event) => {
    event.preventDefault()
    void onMake({ role, label, single_use: once, expires_at: days === 0 ? null : Date.now() + days * dayMs }).then(() => setLabel(''))
  }
  return (
    <form class="invite-new" onSubmit={make}>
      <label for={`${ids}-label`} class="unseen">
        For whom
      </label>
      <input id={`${ids}-label`} class="input" placeholder="For whom (you alone see it)" value={label} maxLength={80} onInput={(event) => setLabel(event.currentTarget.value)} />
      <select class="input" aria-label="What the link gives" value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
        {(Object.keys(roleWords) as Role[]).map((one) => (
          <option key={one} value={one}>
            {roleWords[one]}
          </option>
        ))}
      </select>
      <select class="input" aria-label="Until when the link is good" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
        <option value={1}>a day</option>
        <option value={7}>a week</option>
        <option value={30}>30 days</option>
        <option value={0}>no end</option>
      </select>
      <label class="invite-once">
        <input type="checkbox" checked={once} onChange={(event) => setOnce(event.currentTarget.checked)} /> for one person
      </label>
      <Button type="submit" icon="plus">
        Make a link
      </Button>
    </form>
  )
}
