// The name one logs in with: typed, or hidden beside a password so that password managers know whose it is.
import { useEffect, useRef } from 'preact/hooks'
import { Field } from '../../ui/field'

export interface LoginFieldProps {
  value: string
  hint?: string
  onInput(value: string): void
}

/** It has the focus when it is first shown. */
export function LoginField({ value, hint, onInput }: LoginFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return (
    <Field label="Login name" hint={hint}>
      {(control) => (
        <input
          {...control}
          ref={field}
          class="input large"
          name="username"
          value={value}
          required
          maxLength={64}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export function HiddenLogin({ login }: { login: string }) {
  return <input class="unseen" type="text" name="username" autocomplete="username" value={login} readOnly tabIndex={-1} aria-hidden="true" />
}
