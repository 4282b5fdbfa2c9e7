// Log in, or make an account where that is open or one came by an invitation.
import { useEffect, useRef, useState } from 'preact/hooks'
import { getWays, logIn, register, type Ways } from '../../api/accounts'
import { knownLogin } from '../../api/known-login'
import { nameCharacters } from '../../api/person'
import { goInstead } from '../../api/route'
import { root } from '../../api/root'
import { Button } from '../../ui/button'
import { Field, Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import { enterProblem } from './account-words'
import { nextPath } from './next'
import { PasswordField } from './password-field'

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
  if (ways?.accounts === 'off')
    return (
      <Page title="There are no accounts here" onLanding={onLanding}>
        <p>Whoever runs this server has turned them off. Nobody needs one: open a room, or join with a link and a name.</p>
      </Page>
    )
  if (way === 'register' && mode === 'invite' && invite === '')
    return (
      <Page title="Accounts are made here by invitation" onLanding={onLanding}>
        <p>Ask whoever runs this server for a link. Nobody needs an account to join a room: a link and a name are enough.</p>
        <a class="button large own-start" href={`${root()}/login${search}`}>
          Log in
        </a>
      </Page>
    )
  const enter = () => goInstead(nextPath(search, location.origin))
  return (
    <Page title={way === 'login' ? 'Log in' : 'Make an account'} onLanding={onLanding}>
      {knownLogin.value === null ? null : (
        <p class="muted">
          You are logged in as {knownLogin.value.name}. <a href={`${root()}/rooms`}>My rooms</a>
        </p>
      )}
      {way === 'login' ? <LogIn onIn={enter} /> : <Register invite={invite} needs={ways?.password_characters ?? null} onIn={enter} />}
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

/** Sends a form once at a time, and tells what went wrong. */
function useSending(send: () => Promise<unknown>, onDone: () => void) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await send()
      onDone()
    } catch (error) {
      setProblem(enterProblem(error))
      setBusy(false)
    }
  }
  return { busy, problem, submit }
}

function LogIn({ onIn }: { onIn(): void }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const first = useRef<HTMLInputElement>(null)
  const { busy, problem, submit } = useSending(() => logIn(login.trim(), password), onIn)
  useEffect(() => first.current?.focus(), [])
  return (
    <form class="own-form" onSubmit={submit}>
      <Field label="Login name">
        {(control) => (
          <input
            {...control}
            ref={first}
            class="input large"
            name="username"
            value={login}
            required
            maxLength={64}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setLogin(event.currentTarget.value)}
          />
        )}
      </Field>
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
  const first = useRef<HTMLInputElement>(null)
  const send = () => register({ login: login.trim(), password, ...(name.trim() === '' ? {} : { name: name.trim() }), ...(invite === '' ? {} : { invite }) })
  const { busy, problem, submit } = useSending(send, onIn)
  useEffect(() => first.current?.focus(), [])
  return (
    <form class="own-form" onSubmit={submit}>
      <Field label="Login name" hint="To log in with; others do not see it.">
        {(control) => (
          <input
            {...control}
            ref={first}
            class="input large"
            name="username"
            value={login}
            required
            maxLength={64}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setLogin(event.currentTarget.value)}
          />
        )}
      </Field>
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
