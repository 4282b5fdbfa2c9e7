// One's own account: what others see, the password, tokens for programs, logins, what is kept, and its end.
import { useId, useState } from 'preact/hooks'
import { type Account, changeMe, changePassword, logOut } from '../../api/accounts'
import { nameCharacters, rememberPerson } from '../../api/person'
import { goInstead } from '../../api/route'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Field, Problem } from '../../ui/field'
import { ColorSwatches } from '../../ui/swatches'
import { toast } from '../../ui/toasts'
import { enterProblem } from './account-words'
import { DataPart } from './data-part'
import { Frame } from './frame'
import { HiddenLogin } from './login-field'
import { PasswordField } from './password-field'
import { ProvidersPart } from './providers-part'
import { TokensPart } from './tokens-part'
import { useActing } from './acting'

export interface AccountPageProps {
  account: Account
  onChange(account: Account): void
  onLanding(): void
}

export function AccountPage({ account, onChange, onLanding }: AccountPageProps) {
  return (
    <Frame title="Account" at="account" account={account} onLanding={onLanding}>
      <ProfilePart account={account} onChange={onChange} />
      <PasswordPart account={account} onChange={onChange} />
      <ProvidersPart account={account} onChange={onChange} />
      <TokensPart admin={account.admin} />
      <LoginsPart />
      <DataPart account={account} />
    </Frame>
  )
}

function ProfilePart({ account, onChange }: { account: Account; onChange(account: Account): void }) {
  const [name, setName] = useState(account.name)
  const [color, setColor] = useState(account.color)
  const { busy, problem, act } = useActing()
  const colors = useId()
  const same = name.trim() === account.name && color === account.color

  const save = (event: Event) => {
    event.preventDefault()
    if (same) return
    void act(async () => {
      const changed = await changeMe({ name: name.trim(), color })
      rememberPerson({ name: changed.name, color: changed.color })
      onChange(changed)
      setName(changed.name)
      toast('Profile saved', { icon: 'check' })
    })
  }

  return (
    <section class="own-part" aria-label="Profile">
      <h2>Profile</h2>
      <form class="own-form" onSubmit={save}>
        <p class="meta">
          You log in as <strong>{account.login}</strong>
          {account.admin ? ', and are an administrator' : ''}. Rooms you join from now on show the name and colour below.
        </p>
        <Field label="Your name">
          {(control) => (
            <div class="own-picture-row">
              <Avatar name={name} color={color} />
              <input
                {...control}
                class="input"
                value={name}
                required
                maxLength={nameCharacters}
                autocomplete="nickname"
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </div>
          )}
        </Field>
        <div class="field">
          <span id={colors} class="field-label">
            Your colour
          </span>
          <ColorSwatches labelledBy={colors} value={color} onChange={setColor} />
        </div>
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <Button type="submit" kind={same ? 'plain' : 'primary'} class="own-start" aria-disabled={busy || same}>
          {busy ? 'Saving…' : 'Save'}
        </Button>
      </form>
    </section>
  )
}

/** Whoever came by a provider has none until they set one. */
function PasswordPart({ account, onChange }: { account: Account; onChange(account: Account): void }) {
  const { login, password: has } = account
  const [old, setOld] = useState('')
  const [next, setNext] = useState('')
  const { busy, problem, act } = useActing(enterProblem)

  const change = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      await changePassword(has ? old : null, next)
      setOld('')
      setNext('')
      toast(has ? 'Password changed' : 'Password set', { icon: 'check' })
      if (!has) onChange({ ...account, password: true })
    })
  }

  return (
    <section class="own-part" aria-label="Password">
      <h2>Password</h2>
      <form class="own-form" onSubmit={change}>
        <HiddenLogin login={login} />
        {has ? <PasswordField label="Password now" value={old} complete="current-password" onInput={setOld} /> : null}
        <PasswordField label="New password" value={next} complete="new-password" hint="Wherever else you are logged in, that ends." onInput={setNext} />
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <Button type="submit" class="own-start" aria-disabled={busy}>
          {busy ? 'One moment…' : has ? 'Change the password' : 'Set a password'}
        </Button>
      </form>
    </section>
  )
}

function LoginsPart() {
  const { busy, problem, act } = useActing()
  const leave = (everywhere: boolean) =>
    act(async () => {
      await logOut(everywhere)
      goInstead('/login')
      toast(everywhere ? 'Logged out everywhere' : 'Logged out', { icon: 'leave' })
    })
  return (
    <section class="own-part" aria-label="Logins">
      <h2>Logins</h2>
      <p class="meta">Logging out everywhere ends your logins on all devices. Tokens stay until you revoke them.</p>
      <div class="own-acts">
        <Button icon="leave" aria-disabled={busy} onClick={() => leave(false)}>
          Log out
        </Button>
        <Button aria-disabled={busy} onClick={() => leave(true)}>
          Log out everywhere
        </Button>
      </div>
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
    </section>
  )
}
