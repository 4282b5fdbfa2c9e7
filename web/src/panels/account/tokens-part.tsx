// Personal tokens for programs: made, shown once, revoked.
import { useEffect, useState } from 'preact/hooks'
import { getTokens, makeToken, revokeToken, type Scope, type Token } from '../../api/accounts'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { Field, Problem } from '../../ui/field'
import { useQuestion } from '../../ui/question'
import { toast } from '../../ui/toasts'
import { dateWords, dayWords, scopes, scopeWords } from './account-words'
import { useActing } from './acting'

const lifetimes = [
  { value: '7', text: '7 days' },
  { value: '90', text: '90 days' },
  { value: '365', text: 'a year' },
  { value: '', text: 'until it is revoked' },
] as const

export function TokensPart({ admin }: { admin: boolean }) {
  const [tokens, setTokens] = useState<Token[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [made, setMade] = useState<{ name: string; token: string } | null>(null)

  const load = () => {
    setProblem(null)
    getTokens().then(setTokens, (error: unknown) => setProblem(`Your tokens did not load. ${sentence(error)}`))
  }
  useEffect(load, [])

  return (
    <section class="own-part" aria-label="Personal tokens">
      <h2>Personal tokens</h2>
      <p class="meta">For programs that use the API as you, for no more than what you tick.</p>
      {problem === null ? null : (
        <div role="alert" class="own-again">
          <Problem text={problem} />
          <Button onClick={load}>Try again</Button>
        </div>
      )}
      {tokens === null ? (
        problem === null ? (
          <div class="skeleton own-wait" aria-busy="true" />
        ) : null
      ) : tokens.length === 0 ? (
        <p class="muted">You have none.</p>
      ) : (
        <ul class="own-list">
          {tokens.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              onRevoked={() => {
                setTokens((before) => (before ?? []).filter(({ id }) => id !== token.id))
                toast(`Token “${token.name}” revoked`, { icon: 'check' })
              }}
            />
          ))}
        </ul>
      )}
      <div aria-live="polite">
        {made === null ? null : (
          <div class="own-made">
            <p>
              <strong>{made.name}</strong>: copy it now, it is not shown again.
            </p>
            <div class="own-made-row">
              <code>{made.token}</code>
              <CopyButton text={made.token} what="Token" />
            </div>
          </div>
        )}
      </div>
      <MakeToken
        admin={admin}
        onMade={({ token, ...shown }) => {
          setTokens((before) => [shown, ...(before ?? [])])
          setMade({ name: shown.name, token })
        }}
      />
    </section>
  )
}

function TokenRow({ token, onRevoked }: { token: Token; onRevoked(): void }) {
  const { busy, problem, act } = useActing()
  const { asking, setAsking, opener, answer, onKeyDown } = useQuestion()
  const ends = token.expires_at === null ? 'does not end' : `${token.expires_at < Date.now() ? 'ended' : 'good until'} ${dateWords(token.expires_at)}`
  const used = token.used_at === null ? 'never used' : `used ${dayWords(token.used_at)}`
  return (
    <li class="own-row">
      <div class="own-row-words">
        <strong>{token.name}</strong>
        <span class="meta">
          {scopeWords(token.scopes)} · {ends} · {used}
        </span>
        {problem === null ? null : <Problem text={problem} />}
      </div>
      {asking ? (
        <div class="own-acts" role="group" aria-label={`Revoke “${token.name}”?`} onKeyDown={onKeyDown}>
          <Button kind="danger" ref={answer} aria-disabled={busy} onClick={() => act(async () => revokeToken(token.id).then(onRevoked))}>
            {busy ? 'Revoking…' : 'Revoke it'}
          </Button>
          <Button kind="quiet" onClick={() => setAsking(false)}>
            Keep it
          </Button>
        </div>
      ) : (
        <Button ref={opener} aria-label={`Revoke “${token.name}”…`} onClick={() => setAsking(true)}>
          Revoke…
        </Button>
      )}
    </li>
  )
}

function MakeToken({ admin, onMade }: { admin: boolean; onMade(token: Token & { token: string }): void }) {
  const [name, setName] = useState('')
  const [held, setHeld] = useState<Scope[]>(['rooms:read'])
  const [days, setDays] = useState('90')
  const [none, setNone] = useState(false)
  const { busy, problem, act } = useActing()

  const make = (event: Event) => {
    event.preventDefault()
    setNone(held.length === 0)
    if (held.length === 0) return
    void act(async () => {
      onMade(await makeToken({ name: name.trim(), scopes: held, days: days === '' ? null : Number(days) }))
      setName('')
    })
  }

  return (
    <form class="own-form" aria-label="Make a token" onSubmit={make}>
      <div class="own-pair">
        <Field label="What it is for">
          {(control) => (
            <input
              {...control}
              class="input"
              value={name}
              required
              maxLength={80}
              placeholder="Backup of my rooms"
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Good for">
          {(control) => (
            <select {...control} class="input" value={days} onChange={(event) => setDays(event.currentTarget.value)}>
              {lifetimes.map(({ value, text }) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <fieldset class="own-scopes">
        <legend>What it may do</legend>
        {scopes
          .filter((scope) => admin || scope.admin !== true)
          .map(({ value, text, says }) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={held.includes(value)}
                onChange={(event) => setHeld(event.currentTarget.checked ? [...held, value] : held.filter((one) => one !== value))}
              />
              <span>
                {text} <span class="meta">{says}</span>
              </span>
            </label>
          ))}
      </fieldset>
      <div aria-live="polite">
        {none && held.length === 0 ? <Problem text="Tick at least one thing that it may do." /> : problem === null ? null : <Problem text={problem} />}
      </div>
      <Button type="submit" class="own-start" icon="plus" aria-disabled={busy}>
        {busy ? 'Making it…' : 'Make a token'}
      </Button>
    </form>
  )
}
