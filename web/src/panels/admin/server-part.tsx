// The server itself: whom it takes in, what it logs, a word to everybody, and what it is made of.
import { useState } from 'preact/hooks'
import { type LogLevel, logLevels, type ModeName, type Server, setLogLevel, setMode } from '../../api/admin'
import { hasAccounts } from '../../api/known-login'
import { Button } from '../../ui/button'
import { Field, Segments } from '../../ui/field'
import { act } from './acting'
import { type Fact, Facts } from './facts'
import { InstancesPart } from './instances-part'
import { InvitationsPart } from './invitations-part'
import { useNow } from './now'
import { SayForm } from './say-form'
import type { Watch } from './watch'
import { ageWords, latencyWords } from './words'

const modes: readonly { value: ModeName; text: string }[] = [
  { value: 'open', text: 'Open' },
  { value: 'maintenance', text: 'Maintenance' },
  { value: 'drain', text: 'Drain' },
]

const explained: Record<ModeName, string> = {
  open: 'Everybody is taken in.',
  maintenance: 'No room is opened and nobody new joins one. Those who are in a room are told, and go on.',
  drain: 'Everybody is sent away to come back later, programs end, and load balancers hear that this server is not ready. Then it can be stopped.',
}

export function ServerPart({ watch }: { watch: Watch }) {
  const { value: server } = watch.server
  if (server === null) return <div class="desk-wait" aria-busy="true" />
  return (
    <div class="desk-lists">
      <section class="list">
        <h2>A word to everybody</h2>
        <SayForm watch={watch} room={null} label="A message to everybody in all rooms" />
      </section>
      <ModeForm watch={watch} server={server} />
      {hasAccounts() ? <InvitationsPart watch={watch} /> : null}
      <section class="list">
        <h2>Log</h2>
        <Segments
          label="What is logged"
          choices={logLevels.map((level) => ({ value: level, text: level }))}
          value={server.log_level}
          onChange={(level: LogLevel) => void act(watch, setLogLevel(level), `Logged from now on: ${level}.`)}
        />
      </section>
      <InstancesPart watch={watch} server={server} />
      <About watch={watch} server={server} />
    </div>
  )
}

function ModeForm({ watch, server }: { watch: Watch; server: Server }) {
  const [chosen, setChosen] = useState<ModeName | null>(null)
  const [message, setMessage] = useState('')
  const mode = chosen ?? server.mode
  const apply = async () => {
    const done = mode === 'open' ? 'The server takes everybody in again.' : mode === 'drain' ? 'Everybody is being sent away.' : 'Nobody new is taken in.'
    if (await act(watch, setMode(mode, message), done)) {
      setChosen((now) => (now === mode ? null : now)) // another may have been chosen before this was done
      setMessage('')
    }
  }
  return (
    <section class="list">
      <h2>Whom it takes in</h2>
      <Segments label="Whom the server takes in" choices={modes} value={mode} onChange={(value) => setChosen(value)} />
      <p class="muted">{explained[mode]}</p>
      {mode === server.mode ? null : (
        <div class="mode-form">
          {mode === 'open' ? null : (
            <Field label="What people are told" hint="Without one, a sentence of ours.">
              {(control) => (
                <input {...control} class="input" value={message} maxLength={server.notice_characters} onInput={(event) => setMessage(event.currentTarget.value)} />
              )}
            </Field>
          )}
          <div class="desk-acts">
            <Button kind={mode === 'drain' ? 'danger' : 'primary'} onClick={() => void apply()}>
              {mode === 'open' ? 'Open it again' : mode === 'drain' ? 'Send everybody away' : 'Begin maintenance'}
            </Button>
            <Button kind="quiet" onClick={() => setChosen(null)}>
              Leave it as it is
            </Button>
          </div>
        </div>
      )}
    </section>
  )
}

function About({ watch, server }: { watch: Watch; server: Server }) {
  const now = useNow(watch)
  const { database } = server
  const facts: Fact[] = [
    ['Up for', ageWords(now - server.started_at)],
    ['Database', database.problem !== '' ? database.problem : `${database.kind}, answers in ${latencyWords(database.milliseconds)}`],
    ['Journal', database.writing ? 'is written' : 'cannot be written at the moment'],
    ['Redis', server.redis === null ? 'not used: this server is the only one' : server.redis === 'reached' ? 'reached' : 'away: other instances are not reached'],
    ['Processors', `${server.cores}, load ${server.load}`],
    ['Programs', server.programs_problem === '' ? 'run on the server' : server.programs_problem],
    ...Object.entries(server.versions).map(([name, value]): Fact => [name, value]),
  ]
  return (
    <section class="list">
      <h2>What it is</h2>
      <Facts facts={facts} />
    </section>
  )
}
