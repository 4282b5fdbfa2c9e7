// Asks once before something is lost, and says what.
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Problem } from '../../ui/field'
import { useActing } from './acting'

export interface SureDialogProps {
  title: string
  text: string
  /** What the button that does it says. */
  yes: string
  onClose(): void
  /** What it throws is shown. */
  onYes(): Promise<unknown>
}

export function SureDialog({ title, text, yes, onClose, onYes }: SureDialogProps) {
  const { busy, problem, act } = useActing()
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
      <div class="own-acts end">
        <Button kind="quiet" onClick={onClose}>
          Keep it
        </Button>
        <Button kind="danger" aria-disabled={busy} onClick={() => act(onYes)}>
          {busy ? 'One moment…' : yes}
        </Button>
      </div>
    </Dialog>
  )
}
