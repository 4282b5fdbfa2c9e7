// A password, with a button that shows what was typed.
import { useState } from 'preact/hooks'
import { IconButton } from '../../ui/button'
import { Field } from '../../ui/field'

export interface PasswordFieldProps {
  label: string
  value: string
  complete: 'current-password' | 'new-password'
  large?: boolean
  hint?: string
  /** Has the focus when its dialog opens. */
  autofocus?: boolean
  onInput(value: string): void
}

export function PasswordField({ label, value, complete, large = false, hint, autofocus = false, onInput }: PasswordFieldProps) {
  const [shown, setShown] = useState(false)
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <div class={large ? 'password-row large' : 'password-row'}>
          <input
            {...control}
            autofocus={autofocus}
            class={large ? 'input large' : 'input'}
            type={(shown ? 'text' : 'password') as 'password'} // the typings know no input that changes its type
            value={value}
            required
            maxLength={1000}
            autocomplete={complete}
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
          <IconButton icon="eye" label={`Show: ${label.toLowerCase()}`} aria-pressed={shown} side="end" onClick={() => setShown(!shown)} />
        </div>
      )}
    </Field>
  )
}
