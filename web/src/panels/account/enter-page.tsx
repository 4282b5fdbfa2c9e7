// Log in, or make an account where that is open or one came by an invitation.
import { useEffect, useState } from 'preact/hooks'
import { getWays, logIn, register, type Ways } from '../../api/accounts'
import { knownLogin } from '../../api/known-login'
import { nameCharacters } from '../../api/person'
import { goInstead } from '../../api/route'
import { root } from '../../api/root'
import { Button } from '../../ui/button'
import { Field, Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import { enterProblem, providerProblem } from './account-words'
import { useActing } from './acting'
import { LoginField } from './login-field'
import { nextPath } from './next'
import { NoAccounts } from './no-accounts'
import { PasswordField } from './password-field'
import { ProviderButtons } from './provider-buttons'

export function EnterPage({ way, onLanding }: { way: 'login' | 'register'; onLanding(): void }) {
  const [ways, setWays] = useState<Ways | null>(null)
  const [invite] = useState(() => (way === 'register' ? location.hash.slice(1) : ''))
  const [search] = useState(() => location.search)

  useEffect(() => {
    document.title = `${way === 'login' ? 'Log in' : 'Make an account'} · fourhands`
    let gone = false
    getWays().then(
      (found) => gone || setWays(found),
      () => undefined, // the form works without; what is wrong is told when it is sent
    )
    return () => {
      gone = true
    }
  }, [way])

  const mode = ways?.accounts ?? document.documentElement.dataset['accounts']
  if (ways?.accounts === 'off') return <NoAccounts onLanding={onLanding} />
  if (way === 'register' && mode === 'invite' && invite === '')
    return (
      <Page title="Accounts are made here by invitation" onLanding={onLanding}>
        <p>Ask whoever runs this server for a link. Nobody needs an account to join a room: a link and a name are enough.</p>
        <a class="button large own-start" href={`${root()}/login${search}`}>
          Log in
        </a>
      </Page>
    )
  const next = nextPath(search, location.origin)
  const enter = () => goInstead(next)
  const refused = providerProblem(search)
  return (
    <Page title={way === 'login' ? 'Log in' : 'Make an account'} onLanding={onLanding}>
      {knownLogin.value === null ? null : (
        <p class="muted">
          You are logged in as {knownLogin.value.name}. <a href={`${root()}/rooms`}>My rooms</a>
        </p>
      )}
      {refused === null ? null : <Problem text={refused} />}
      {way === 'login' ? <LogIn onIn={enter} /> : <Register invite={invite} needs={ways?.password_characters ?? null} onIn={enter} />}
      <ProviderButtons providers={ways?.providers ?? []} wish={{ next, ...(invite === '' ? {} : { invite }) }} />
      <p class="muted own-other" aria-live="polite">
        {way === 'register' ? (
          <>
            You have an account? <a href={`${root()}/login${search}`}>Log in</a>
          </>
        ) : mode === 'open' ? (
          <>
            No account yet? <a href={`${root()}/register${search}`}>Make one</a>
          </>
        ) : (
          'Nobody needs an account to join a room: a link and a name are enough.'
        )}
      </p>
    </Page>
  )
}

function LogIn({ onIn }: { onIn(): void }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const { busy, problem, act } = useActing(enterProblem)
  const submit = (event: Event) => {
    event.preventDefault()
    void act(() => logIn(login.trim(), password).then(onIn))
  }
  return (
    <form class="own-form" onSubmit={submit}>
      <LoginField value={login} onInput={setLogin} />
      <PasswordField label="Password" value={password} complete="current-password" large onInput={setPassword} />
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
      <Button type="submit" kind="primary" class="large" aria-disabled={busy}>
        {busy ? 'Logging in…' : 'Log in'}
      </Button>
      <p class="meta">Forgotten? Whoever runs this server can give you a new password.</p>
    </form>
  )
}

function Register({ invite, needs, onIn }: { invite: string; needs: number | null; onIn(): void }) {
  const [login, setLogin] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const { busy, problem, act } = useActing(enterProblem)
  const submit = (event: Event) => {
    event.preventDefault()
    const shown = name.trim()
    const wish = { login: login.trim(), password, ...(shown === '' ? {} : { name: shown }), ...(invite === '' ? {} : { invite }) }
    void act(() => register(wish).then(onIn))
  }
  return (
    <form class="own-form" onSubmit={submit}>
      <LoginField value={login} hint="To log in with; others do not see it." onInput={setLogin} />
      <Field label="Your name" hint="What others see. Left empty, it is the login name.">
        {(control) => (
          <input
            {...control}
            class="input large"
            value={name}
            maxLength={nameCharacters}
            autocomplete="nickname"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <PasswordField
        label="Password"
        value={password}
        complete="new-password"
        large
        hint={needs === null ? 'Long is good; three words are fine.' : `At least ${needs} characters; three words are fine.`}
        onInput={setPassword}
      />
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
      <Button type="submit" kind="primary" class="large" aria-disabled={busy}>
        {busy ? 'Making it…' : 'Make an account'}
      </Button>
    </form>
  )
}
