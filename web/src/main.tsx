// The entry of every page: chooses the page by its address and puts the pieces of a room together. The room's own code
// is fetched when one is entered (and ahead of it, while somebody types a name).
import { signal } from '@preact/signals'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { goToLanding, goToRoom, type Route, route } from './api/route'
import { JoinPage } from './panels/join/join-page'
import { LandingPage } from './panels/landing/landing-page'
import { applyTheme } from './ui/preferences'
import { lazy } from './ui/lazy'
import { NoSuchPage } from './ui/page'
import { Toasts } from './ui/toasts'
import './ui/styles/colors.css'
import './ui/styles/base.css'
import './ui/styles/controls.css'
import './ui/styles/page.css'

const Room = lazy(async () => (await import('./panels/registry')).Room)

const Desk = lazy(async () => (await import('./panels/admin/desk-page')).DeskPage)

const Account = lazy(async () => (await import('./panels/account/account-pages')).AccountPages)

const Opening = lazy(async () => (await import('./panels/opening/opening-dialog')).OpeningDialog)

/** The room whose door was passed; a reload passes it again. */
const inside = signal<string | null>(null)

function Pages({ at }: { at: Route }) {
  if (at.page === 'landing') return <LandingPage onRoom={goToRoom} onSoon={Room.preload} Opening={Opening} />
  if (at.page === 'admin') return <Desk onLanding={goToLanding} />
  if (at.page === 'unknown') return <NoSuchPage onLanding={goToLanding} />
  if (at.page !== 'room') return <Account at={at} onLanding={goToLanding} onRoom={goToRoom} Opening={Opening} />
  if (inside.value === at.id && at.key === null)
    return <Room key={at.id} id={at.id} onOpenRoom={goToRoom} onLeave={goToLanding} onJoinAgain={() => (inside.value = null)} />
  return (
    <JoinPage
      key={`${at.id}#${at.key ?? ''}`}
      id={at.id}
      invite={at.key}
      onSoon={Room.preload}
      onIn={() => enter(at.id)}
      onLanding={goToLanding}
      onRoom={goToRoom}
    />
  )
}

function enter(id: string): void {
  inside.value = id
  if (route.value.page === 'room') route.value = { page: 'room', id, key: null }
}

function App() {
  const at = route.value
  useEffect(() => {
    if (at.page !== 'room') inside.value = null
    if (at.page === 'landing') document.title = 'fourhands'
  }, [at])
  return (
    <>
      <Pages at={at} />
      <Toasts />
    </>
  )
}

applyTheme()
const place = document.getElementById('app')
if (place === null) throw new Error('index.html has no #app')
render(<App />, place)
