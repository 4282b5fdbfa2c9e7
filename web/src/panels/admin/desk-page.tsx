// The administrator's desk: figures on top, then what is looked at of rooms, people, programs, the log, bans and the server.
import { useEffect, useState } from 'preact/hooks'
import { root } from '../../api/root'
import { Button } from '../../ui/button'
import { Light, type LightProps } from '../../ui/light'
import { Mark } from '../../ui/mark'
import { Page } from '../../ui/page'
import { Tabs } from '../../ui/tabs'
import { AuditPart } from './audit-part'
import { BansPart } from './bans-part'
import { PeoplePart } from './people-part'
import { ProgramsPart } from './programs-part'
import { RoomsPart } from './rooms-part'
import { ServerPart } from './server-part'
import { Tiles } from './tiles'
import { type Seen, Watch } from './watch'
import './desk.css'

const parts = [
  { id: 'rooms', label: 'Rooms' },
  { id: 'people', label: 'People' },
  { id: 'programs', label: 'Programs' },
  { id: 'audit', label: 'Audit log' },
  { id: 'bans', label: 'Bans' },
  { id: 'server', label: 'Server' },
] as const

export function DeskPage({ onLanding }: { onLanding(): void }) {
  const [watch, setWatch] = useState<Watch | null>(null)
  useEffect(() => {
    document.title = 'Desk · fourhands'
    const opened = new Watch()
    opened.start()
    setWatch(opened)
    return () => opened.close()
  }, [])
  if (watch === null) return <div class="desk" aria-busy="true" />
  const { value: door } = watch.door
  if (door === 'login' || door === 'refused') return <Shut door={door} onLanding={onLanding} />
  return <Desk watch={watch} onLanding={onLanding} />
}

function Shut({ door, onLanding }: { door: 'login' | 'refused'; onLanding(): void }) {
  return (
    <Page title={door === 'login' ? 'Log in first' : 'This is for administrators'} onLanding={onLanding}>
      <p>
        {door === 'login'
          ? 'The desk is for administrators of this server. Log in with such an account.'
          : 'You are logged in, but your account is not an administrator’s. An operator can make it one: fourhands admin promote.'}
      </p>
      <div class="desk-acts">
        {door === 'login' ? (
          <a class="button primary large" href={`${root()}/login?next=/admin`}>
            Log in
          </a>
        ) : (
          <Button kind="primary" class="large" onClick={() => location.reload()}>
            Try again
          </Button>
        )}
        <Button kind="quiet" class="large" onClick={onLanding}>
          Go to the first page
        </Button>
      </div>
    </Page>
  )
}

function lightOf(watch: Watch): LightProps {
  const { value: server } = watch.server
  if (watch.problem.value !== null) return { state: 'bad', text: 'No answer', icon: 'cloud-off' }
  if (server === null) return { state: 'quiet', text: 'Asking…', hollow: true }
  if (server.database.problem !== '' || !server.database.writing) return { state: 'bad', text: 'Database away', icon: 'warning' }
  if (server.mode === 'drain') return { state: 'warn', text: 'Draining', icon: 'leave' }
  if (server.mode === 'maintenance') return { state: 'warn', text: 'Maintenance', icon: 'warning' }
  return { state: 'good', text: 'Open' }
}

function Desk({ watch, onLanding }: { watch: Watch; onLanding(): void }) {
  const { value: seen } = watch.seen
  return (
    <div class="desk">
      <header class="desk-bar">
        <button type="button" class="brand" onClick={onLanding} aria-label="fourhands, first page">
          <Mark /> fourhands
        </button>
        <h1>Desk</h1>
        <span class="desk-gap" />
        <Light {...lightOf(watch)} />
      </header>
      <main class="desk-work">
        {watch.problem.value === null ? null : (
          <p class="desk-note bad" role="alert">
            {watch.problem.value} What stands here is not of now; it is asked again by itself.
          </p>
        )}
        <Tiles watch={watch} />
        <div class="desk-tabs">
          <Tabs label="Parts of the desk" items={parts} chosen={seen} onChoose={(id) => watch.show(id as Seen)} />
        </div>
        <section class="desk-part" role="tabpanel" id={`pane-${seen}`} aria-labelledby={`tab-${seen}`}>
          <Part watch={watch} seen={seen} />
        </section>
      </main>
    </div>
  )
}

function Part({ watch, seen }: { watch: Watch; seen: Seen }) {
  if (seen === 'rooms') return <RoomsPart watch={watch} />
  if (seen === 'people') return <PeoplePart watch={watch} />
  if (seen === 'programs') return <ProgramsPart watch={watch} />
  if (seen === 'audit') return <AuditPart />
  if (seen === 'bans') return <BansPart watch={watch} />
  return <ServerPart watch={watch} />
}
