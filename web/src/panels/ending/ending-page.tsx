// The end of a room on this page: it is gone, the place in it ran out, or another tab took over. Text that the server
// never had is offered first.
import { useEffect, useState } from 'preact/hooks'
import type { Ending } from '../../sync/room-sync'
import { newRoom, newRoomWith } from '../../api/new-room'
import { forgetRoom } from '../../api/person'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { downloadText } from '../../ui/download'
import { Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import './ending.css'

export interface EndingPageProps {
  id: string
  ending: Ending
  fileName: string
  language: string
  title: string
  /** Whether one was in the room before. */
  wasInside: boolean
  /** Drops this browser's copy of the room. */
  forget(): Promise<void>
  onOpenRoom(id: string): void
  onLeave(): void
  onJoinAgain(): void
}

const titles: Record<Ending['kind'], string> = {
  'join-again': 'Join again to go on',
  'unknown-room': 'There is no room here',
  ended: 'This room has ended',
  refused: 'You may not enter this room',
  'too-large': 'The text is too large for this room',
  replaced: 'This room is open in another tab',
}

/** Where the title says all that the server's sentence does. */
const says: Partial<Record<Ending['kind'], string>> = {
  ended: 'It was closed for everyone, or its time was up. You can open a new one.',
}

/** The room is no more: once its text is taken care of, this browser's copy can go. */
const isOver = (kind: Ending['kind']) => kind === 'unknown-room' || kind === 'ended'

export function EndingPage(props: EndingPageProps) {
  const { ending, onLeave, onJoinAgain } = props
  const [problem, setProblem] = useState<string | null>(null)

  useEffect(() => {
    if (!isOver(ending.kind) || ending.unsent !== null) return
    forgetRoom(props.id)
    void props.forget()
  }, [])

  const openNew = async () => {
    try {
      const { unsent, kind } = ending
      const from = { room: props.id, drop: isOver(kind) ? 'all' : 'nothing' } as const
      const id = unsent === null ? await newRoom() : await newRoomWith({ text: unsent, from, language: props.language, title: props.title })
      props.onOpenRoom(id)
    } catch (error) {
      setProblem(`${sentence(error)}${ending.unsent === null ? '' : ' Your text is still here.'}`)
    }
  }

  return (
    <Page title={ending.kind === 'refused' && props.wasInside ? 'You are not in this room any more' : titles[ending.kind]} onLanding={onLeave}>
      <p>{says[ending.kind] ?? ending.message}</p>
      {ending.unsent === null ? null : <Unsent text={ending.unsent} fileName={props.fileName} />}
      <div class="ending-acts">
        {ending.kind === 'join-again' ? (
          <Button kind="primary" class="large" onClick={onJoinAgain}>
            Join again
          </Button>
        ) : ending.kind === 'replaced' ? (
          <Button kind="primary" class="large" onClick={() => location.reload()}>
            Use it here
          </Button>
        ) : (
          <Button kind="primary" class="large" onClick={openNew}>
            {ending.unsent === null ? 'Open a new room' : 'Open as a new room'}
          </Button>
        )}
        <Button kind="quiet" class="large" onClick={onLeave}>
          Go to the first page
        </Button>
      </div>
      {problem === null ? null : <Problem text={problem} />}
    </Page>
  )
}

function Unsent({ text, fileName }: { text: string; fileName: string }) {
  return (
    <section class="unsent" aria-label="Your text">
      <p>
        <strong>The server never had all of your text.</strong> This is it, as it stood on this page.
      </p>
      <textarea class="input" readOnly rows={10} aria-label="Text that was not sent" value={text} spellcheck={false} />
      <div class="ending-acts">
        <CopyButton text={text} what="Text" />
        <Button icon="download" onClick={() => downloadText(text, fileName)}>
          Download {fileName}
        </Button>
      </div>
    </section>
  )
}
