// The door of a room: asks the server what it is, lets in whoever is known, asks the others for a name.
import { useEffect, useState } from 'preact/hooks'
import { hideKey } from '../../api/route'
import { Button } from '../../ui/button'
import { Page } from '../../ui/page'
import { toast } from '../../ui/toasts'
import { useLate } from '../../ui/wait'
import { type Arrival, arrive } from './arrive'
import { ClosedDoor } from './closed-door'
import { NameForm } from './name-form'
import './join.css'

export interface JoinPageProps {
  id: string
  invite: string | null
  /** The room will be entered soon: its code may be fetched. */
  onSoon(): void
  onIn(): void
  onLanding(): void
  onRoom(id: string): void
}

export function JoinPage({ id, invite, onSoon, onIn, onLanding, onRoom }: JoinPageProps) {
  const [found, setFound] = useState<Arrival | null>(null)
  const [asked, setAsked] = useState(0)

  const goIn = () => {
    hideKey(id)
    onIn()
  }

  useEffect(() => {
    onSoon()
    let gone = false
    void arrive(id, invite).then((arrival) => {
      if (gone) return
      if (arrival.kind !== 'in') return setFound(arrival)
      if (arrival.notice !== null) toast(arrival.notice, { bad: true })
      goIn()
    })
    return () => {
      gone = true
    }
  }, [id, invite, asked])

  if (found === null || found.kind === 'in') return <DoorSkeleton />
  if (found.kind === 'name') return <NameForm room={found.room} invite={found.key} onIn={goIn} onLanding={onLanding} />
  if (found.kind === 'away') {
    return (
      <Page title="The room cannot be reached" onLanding={onLanding}>
        <p>{found.message}</p>
        <Button kind="primary" class="large" onClick={() => setAsked(asked + 1)}>
          Try again
        </Button>
      </Page>
    )
  }
  return <ClosedDoor door={found} onLanding={onLanding} onRoom={onRoom} />
}

/** The shape of the form to come, so that nothing jumps. */
function DoorSkeleton() {
  const late = useLate(200) // whoever is known is inside by then
  if (!late) return <div class="page" aria-busy="true" />
  return (
    <Page title={<span class="skeleton door-title" />}>
      <p class="unseen" role="status">
        Looking for the room…
      </p>
      <div class="skeleton door-line" />
      <div class="skeleton door-field" />
    </Page>
  )
}
