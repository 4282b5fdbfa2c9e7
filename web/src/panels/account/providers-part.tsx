// Others' logins that open this account, too: added by going there, taken away here.
import { useEffect, useState } from 'preact/hooks'
import { type Account, dropIdentity, getMe, getWays, goToProvider, type Identity, type Provider } from '../../api/accounts'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Problem } from '../../ui/field'
import { toast } from '../../ui/toasts'
import { enterProblem, providerProblem } from './account-words'
import { useActing } from './acting'
import { HiddenLogin } from './login-field'
import { PasswordField } from './password-field'

export interface ProvidersPartProps {
  account: Account
  onChange(account: Account): void
}

/** Nothing, where the server knows no provider and the account has none. */
export function ProvidersPart({ account, onChange }: ProvidersPartProps) {
  const [providers, setProviders] = useState<readonly Provider[]>([])
  const [adding, setAdding] = useState<Provider | null>(null)
  const [refused] = useState(() => providerProblem(location.search))
  const { busy, problem, act } = useActing(enterProblem)

  useEffect(() => {
    let gone = false
    getWays().then(
      ({ providers: found }) => gone || setProviders(found),
      () => undefined, // what is there already is shown
    )
    return () => {
      gone = true
    }
  }, [])

  const { identities } = account
  if (providers.length === 0 && identities.length === 0 && refused === null) return null
  const missing = providers.filter(({ name }) => identities.every(({ provider }) => provider !== name))
  const add = (provider: Provider) => (account.password ? setAdding(provider) : void act(() => goToProvider(provider.id, { link: true, next: '/account' })))
  const drop = (identity: Identity) =>
    act(async () => {
      await dropIdentity(identity.id)
      onChange(await getMe())
      toast(`${identity.provider} does not log you in any more`, { icon: 'check' })
    })
  return (
    <section class="own-part" aria-label="Other ways to log in">
      <h2>Other ways to log in</h2>
      {identities.length === 0 ? <p class="meta">Log in here by a login that you have somewhere else.</p> : null}
      {refused === null ? null : <Problem text={refused} />}
      {identities.length === 0 ? null : (
        <ul class="own-list">
          {identities.map((identity) => (
            <li key={identity.id} class="own-row">
              <div class="own-row-words">
                <strong>{identity.provider}</strong>
                <span class="meta">{identity.name}</span>
              </div>
              <Button aria-disabled={busy} aria-label={`Take away: ${identity.provider}, ${identity.name}`} onClick={() => drop(identity)}>
                Take away
              </Button>
            </li>
          ))}
        </ul>
      )}
      {missing.length === 0 ? null : (
        <div class="own-acts">
          {missing.map((provider) => (
            <Button key={provider.id} icon="plus" aria-disabled={busy} onClick={() => add(provider)}>
              Add {provider.name}
            </Button>
          ))}
        </div>
      )}
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
      {adding === null ? null : <AddDialog login={account.login} provider={adding} onClose={() => setAdding(null)} />}
    </section>
  )
}

/** Whoever can add a way in could keep it after a password change: so the password is asked for. */
function AddDialog({ login, provider, onClose }: { login: string; provider: Provider; onClose(): void }) {
  const [password, setPassword] = useState('')
  const { busy, problem, act } = useActing(enterProblem)
  const go = (event: Event) => {
    event.preventDefault()
    void act(() => goToProvider(provider.id, { link: true, next: '/account', password }))
  }
  return (
    <Dialog title={`Add ${provider.name}`} onClose={onClose}>
      <form class="own-form" onSubmit={go}>
        <p>You log in there next, and come back here. From then on that login opens this account.</p>
        <HiddenLogin login={login} />
        <PasswordField label="Your password, to show that it is you" autofocus value={password} complete="current-password" onInput={setPassword} />
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <div class="own-acts end">
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" aria-disabled={busy}>
            {busy ? 'One moment…' : `Go to ${provider.name}`}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
