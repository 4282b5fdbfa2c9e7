// For how long somebody is refused everywhere on this server, or a guest in one room, and why.
import { useState } from 'preact/hooks'
import { addBan, type Ban } from '../../api/admin'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Problem, Segments } from '../../ui/field'

export interface BanFormProps {
  kind: Ban['kind']
  /** Empty: it is typed here. */
  subject: string
  /** Whom that is, where it is known. */
  who: string
  onDone(): void
  onClose(): void
}

const says: Record<Ban['kind'], string> = {
  address: 'Everybody at this address is sent away at once and refused everywhere here; a school or an office may share one.',
  account: 'This account is sent away at once and refused everywhere here.',
  member: 'They are sent away at once and refused in this room, not in others; then they are who they were. Without an account they could come as somebody new from another browser: ban the address against that.',
}
const labels: Record<Ban['kind'], string> = { address: 'Address or network', account: 'Account', member: 'Room and person' }
const hour = 3600
const choices = [
  { value: hour, text: 'An hour' },
  { value: 24 * hour, text: 'A day' },
  { value: 168 * hour, text: 'A week' },
  { value: 0, text: 'For good' },
] as const

export function BanForm({ kind, subject, who, onDone, onClose }: BanFormProps) {
  const [typed, setTyped] = useState(subject)
  const [seconds, setSeconds] = useState<number>(24 * hour)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const ban = async (event: SubmitEvent) => {
    event.preventDefault()
    if (typed.trim() === '') return
    try {
      await addBan({ kind, subject: typed.trim(), seconds: seconds === 0 ? null : seconds, reason })
      onDone()
    } catch (error) {
      setProblem(`Nobody was banned. ${sentence(error)}`)
    }
  }
  return (
    <Dialog title={who === '' ? 'Ban an address' : `Ban ${who}?`} onClose={onClose}>
      <form class="ban-form" onSubmit={ban}>
        <p>
          {says[kind]}
        </p>
        <Field label={labels[kind]}>
          {(control) => (
            <input
              {...control}
              class="input"
              value={typed}
              readOnly={subject !== '' && kind !== 'address'}
              placeholder="192.0.2.7 or 192.0.2.0/24"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
        <Segments label="For how long" choices={choices} value={seconds} onChange={(value) => setSeconds(value)} />
        <Field label="Why" hint="Only administrators read it.">
          {(control) => <input {...control} class="input" value={reason} maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} />}
        </Field>
        {problem === null ? null : <Problem text={problem} />}
        <div class="desk-acts end">
          <Button kind="quiet" onClick={onClose}>
            Do not ban
          </Button>
          <Button kind="danger" type="submit">
            Ban
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
