// What the server keeps of an account: to take along, and to delete.
import { useState } from 'preact/hooks'
import { type Account, deleteMe, exportAddress, getMe } from '../../api/accounts'
import { goInstead } from '../../api/route'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Problem } from '../../ui/field'
import { toast } from '../../ui/toasts'
import { enterProblem } from './account-words'
import { useActing } from './acting'
import { HiddenLogin } from './login-field'
import { PasswordField } from './password-field'

export function DataPart({ account }: { account: Account }) {
  const [deleting, setDeleting] = useState(false)
  const { busy, problem, act } = useActing()

  const download = () =>
    act(async () => {
      await getMe() // a download tells nobody that its login has run out
      const link = document.createElement('a')
      link.href = exportAddress()
      link.download = ''
      link.click()
    })

  return (
    <section class="own-part" aria-label="Your data">
      <h2>Your data</h2>
      <p class="meta">Your edits, messages and runs in all your rooms, as lines of JSON.</p>
      <div class="own-acts">
        <Button icon="download" aria-disabled={busy} onClick={download}>
          Download what is yours
        </Button>
        <Button onClick={() => setDeleting(true)}>Delete the account…</Button>
      </div>
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
      {deleting ? <DeleteDialog account={account} onClose={() => setDeleting(false)} /> : null}
    </section>
  )
}

function DeleteDialog({ account, onClose }: { account: Account; onClose(): void }) {
  const [password, setPassword] = useState('')
  const { busy, problem, act } = useActing(enterProblem)

  const remove = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      await deleteMe(account.password ? password : null)
      goInstead('/')
      toast('Your account is deleted', { icon: 'check' })
    })
  }

  return (
    <Dialog title={`Delete the account “${account.login}”?`} onClose={onClose}>
      <form class="own-form" onSubmit={remove}>
        <p>Your logins, your tokens and your list of rooms are gone at once, and nobody can bring them back. What you wrote in rooms stays there.</p>
        {account.password ? (
          <>
            <HiddenLogin login={account.login} />
            <PasswordField label="Your password, to show that it is you" autofocus value={password} complete="current-password" onInput={setPassword} />
          </>
        ) : null}
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <div class="own-acts end">
          <Button kind="quiet" onClick={onClose}>
            Keep it
          </Button>
          <Button type="submit" kind="danger" aria-disabled={busy}>
            {busy ? 'Deleting…' : 'Delete the account'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
