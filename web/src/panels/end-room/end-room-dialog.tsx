// Ends the room for everyone: asks once, names what is lost, and offers the text first.
import { useState } from 'preact/hooks'
import { sentence } from '../../api/problem'
import { endRoom } from '../../api/rooms'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { downloadText } from '../../ui/download'
import { Problem } from '../../ui/field'
import './end-room.css'

export interface EndRoomDialogProps {
  id: string
  title: string
  /** How many others are in the room now. */
  others: number
  fileName: string
  text(): string
  onClose(): void
}

function whoLeaves(others: number): string {
  if (others === 0) return 'Nobody else is in it now.'
  return others === 1 ? 'One other person is in it now and has to leave.' : `${others} others are in it now and have to leave.`
}

export function EndRoomDialog({ id, title, others, fileName, text, onClose }: EndRoomDialogProps) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const end = async () => {
    setBusy(true)
    try {
      await endRoom(id) // the server tells every page of the room, this one too
      onClose()
    } catch (error) {
      setProblem(`The room was not ended. ${sentence(error)}`)
      setBusy(false)
    }
  }

  return (
    <Dialog title={title === '' ? 'End this room?' : `End “${title}”?`} onClose={onClose}>
      <p>Its text, its chat and its runs are closed for everyone, and nobody can come back. {whoLeaves(others)}</p>
      {problem === null ? null : <Problem text={problem} />}
      <div class="end-room-acts">
        <Button icon="download" onClick={() => downloadText(text(), fileName)}>
          Download {fileName}
        </Button>
        <span class="end-room-gap" />
        <Button kind="quiet" onClick={onClose}>
          Keep it
        </Button>
        <Button kind="danger" aria-disabled={busy} onClick={end}>
          {busy ? 'Ending…' : 'End the room'}
        </Button>
      </div>
    </Dialog>
  )
}
