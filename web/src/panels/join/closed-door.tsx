// A room that cannot be entered: unknown, ended, locked, for invited people only, one that a host closed to this person, or a server that does.
import { useState } from 'preact/hooks'
import { newRoom } from '../../api/new-room'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import type { Arrival } from './arrive'

export interface ClosedDoorProps {
  door: Extract<Arrival, { kind: 'closed' | 'needs-invite' | 'locked' | 'removed' | 'refused' }>
  onLanding(): void
  onRoom(id: string): void
}

function wordsOf(door: ClosedDoorProps['door']): [title: string, text: string] {
  if (door.kind === 'needs-invite') return ['This room is for invited people', 'Ask its host for a link, then open that.']
  if (door.kind === 'locked') return ['This room is locked', 'Nobody new can come in. Ask its host to unlock it, then open the link again.']
  if (door.kind === 'removed') return ['You are not in this room any more', 'A host removed you. If that was a mistake, ask them to let you back in.']
  if (door.kind === 'refused') return ['You may not come in', door.message]
  if (door.why === 'ended') return ['This room has ended', 'Its host closed it, or its time was up. You can open a new one.']
  return ['There is no room here', 'The link may be mistyped, or the room was not used for a long time. You can open a new one.']
}

export function ClosedDoor({ door, onLanding, onRoom }: ClosedDoorProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const [title, text] = wordsOf(door)

  const open = async () => {
    try {
      onRoom(await newRoom())
    } catch (error) {
      setProblem(sentence(error))
    }
  }

  return (
    <Page title={title} onLanding={onLanding}>
      <p>{text}</p>
      {door.kind === 'refused' ? null : (
        <Button kind="primary" class="large" onClick={open}>
          Open a new room
        </Button>
      )}
      {problem === null ? null : <Problem text={problem} />}
    </Page>
  )
}
