// Erases a text from the room and its whole past: asks for it, shows where it was found, says what happens, and asks once more.
import { useState } from 'preact/hooks'
import { type Erased, eraseText } from '../../api/erasures'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Problem } from '../../ui/field'
import { foundIn, piecesLeft, standsNow } from './erase-words'
import './erase.css'

export interface EraseDialogProps {
  id: string
  /** What is selected in the editor: most likely what is to be erased. */
  selected: string
  /** The name of a file by its id. */
  nameOf(file: string): string
  onClose(): void
}

export function EraseDialog({ id, selected, nameOf, onClose }: EraseDialogProps) {
  const [text, setText] = useState(selected)
  const [found, setFound] = useState<Erased | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const ask = async (dryRun: boolean) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      setFound(await eraseText(id, text, { dryRun }))
    } catch (error) {
      setProblem(dryRun ? sentence(error) : `Nothing was erased. ${sentence(error)}`)
    }
    setBusy(false)
  }

  return (
    <Dialog title="Erase something from this room" onClose={onClose}>
      {found === null ? (
        <Ask text={text} busy={busy} problem={problem} onText={setText} onLook={() => ask(true)} onClose={onClose} />
      ) : found.dry_run ? (
        <Confirm found={found} busy={busy} problem={problem} nameOf={nameOf} onErase={() => ask(false)} onBack={() => setFound(null)} />
      ) : (
        <Done found={found} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface AskProps {
  text: string
  busy: boolean
  problem: string | null
  onText(text: string): void
  onLook(): void
  onClose(): void
}

function Ask({ text, busy, problem, onText, onLook, onClose }: AskProps) {
  const look = (event: Event) => {
    event.preventDefault()
    onLook()
  }
  return (
    <form class="erase" onSubmit={look}>
      <p>A password or something private was pasted? It can go for good: from the text, from its history, from chat and output.</p>
      <Field label="What is to be erased" hint="Exactly as it stood. First it is only looked for." problem={problem}>
        {(control) => (
          <textarea
            {...control}
            class="input erase-text"
            rows={3}
            spellcheck={false}
            autocomplete="off"
            value={text}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="erase-acts">
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" aria-disabled={busy || text.trim() === ''}>
          {busy ? 'Looking…' : 'Look for it'}
        </Button>
      </div>
    </form>
  )
}

interface ConfirmProps {
  found: Erased
  busy: boolean
  problem: string | null
  nameOf(file: string): string
  onErase(): void
  onBack(): void
}

function Confirm({ found, busy, problem, nameOf, onErase, onBack }: ConfirmProps) {
  const pieces = piecesLeft(found)
  const now = standsNow(found)
  return (
    <div class="erase">
      <div role="status">
        {found.times === 0 ? (
          <p>It stands nowhere in this room, nor did it as far as the history goes.</p>
        ) : (
          <>
            <p>Found{now === null ? ':' : `. ${now}`}</p>
            <ul class="erase-found">
              {foundIn(found, nameOf).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </>
        )}
        {pieces === null ? null : <p>{pieces}</p>}
      </div>
      {found.times === 0 ? null : (
        <p class="meta">
          What stands around it stays. Nobody can bring it back: everyone is connected again in a moment, and can undo only what comes after. That it was
          done stays in the history, never what it was. Out of reach are backups of the server, and what somebody copied.
        </p>
      )}
      {problem === null ? null : <Problem text={problem} />}
      <div class="erase-acts">
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
        {found.times === 0 ? null : (
          <Button kind="danger" icon="eraser" aria-disabled={busy} onClick={onErase}>
            {busy ? 'Erasing…' : 'Erase it for good'}
          </Button>
        )}
      </div>
    </div>
  )
}

function Done({ found, onClose }: { found: Erased; onClose(): void }) {
  const pieces = piecesLeft(found)
  return (
    <div class="erase">
      <div role="status">
        <p>
          It is gone from the room and its history{found.clean === false ? '; the server’s files are clean in a few seconds' : ', and from the server’s files'}.
        </p>
        {pieces === null ? null : <p>{pieces}</p>}
      </div>
      <p class="meta">A password that others may have seen is still known to them: change it as well.</p>
      <div class="erase-acts">
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  )
}
