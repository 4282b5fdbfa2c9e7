// Another name for something: a room, a team.
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Problem } from '../../ui/field'
import { useActing } from './acting'

export interface RenameDialogProps {
  title: string
  label: string
  value: string
  /** How many characters it may have. */
  most: number
  onClose(): void
  /** What it throws is shown; then the dialog stays. */
  onRename(value: string): Promise<void>
}

export function RenameDialog({ title, label, value, most, onClose, onRename }: RenameDialogProps) {
  const [text, setText] = useState(value)
  const { busy, problem, act } = useActing()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])

  const rename = (event: Event) => {
    event.preventDefault()
    void act(() => onRename(text.trim()).then(onClose))
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form class="own-form" onSubmit={rename}>
        <Field label={label}>
          {(control) => (
            <input {...control} ref={field} class="input" value={text} maxLength={most} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
          )}
        </Field>
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <div class="own-acts end">
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" aria-disabled={busy}>
            {busy ? 'Renaming…' : 'Rename'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
