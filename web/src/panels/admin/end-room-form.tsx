// Asks once before a room is ended: names what is lost, and for how long it can be called off.
import { useState } from 'preact/hooks'
import { type RoomRow, startEnding } from '../../api/admin'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Problem, Segments } from '../../ui/field'
import { bytesWords } from './words'

export interface EndRoomFormProps {
  room: RoomRow
  seconds: number
  onDone(): void
  onClose(): void
}

const choices = [
  { value: 'erase', text: 'Erase all of it' },
  { value: 'keep', text: 'Keep it in the database' },
] as const

function whoLeaves(people: number): string {
  if (people === 0) return 'Nobody is in it now.'
  return `${people === 1 ? 'One person is in it: they are' : `${people.toLocaleString()} people are in it: they are`} warned first, and then have to leave.`
}

export function EndRoomForm({ room, seconds, onDone, onClose }: EndRoomFormProps) {
  const [kept, setKept] = useState<'erase' | 'keep'>('erase')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const end = async () => {
    setBusy(true)
    try {
      await startEnding(room.id, kept === 'erase')
      onDone()
    } catch (error) {
      setProblem(`The room was not ended. ${sentence(error)}`)
      setBusy(false)
    }
  }
  return (
    <Dialog title={`End “${room.title === '' ? room.id : room.title}”?`} onClose={onClose}>
      <p>
        {whoLeaves(room.people)} For {Math.round(seconds)} seconds you can call it off. After that nobody gets in any more.
      </p>
      <Segments label="What becomes of it" choices={choices} value={kept} onChange={(value) => setKept(value)} />
      <p class="muted">
        {kept === 'erase'
          ? `Its text (${bytesWords(room.document_bytes)}), chat, runs and history are deleted for good.`
          : 'What it holds stays in the database, for an operator alone, until rooms that nobody uses are deleted.'}
      </p>
      {problem === null ? null : <Problem text={problem} />}
      <div class="desk-acts end">
        <Button kind="quiet" onClick={onClose}>
          Leave it open
        </Button>
        <Button kind="danger" aria-disabled={busy} onClick={end}>
          {busy ? 'Ending…' : 'End the room'}
        </Button>
      </div>
    </Dialog>
  )
}
