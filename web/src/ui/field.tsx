// A label over its control, with a hint and a problem that belong to it; and choices, switches, copy rows.
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Icon } from './icon'

export interface ControlProps {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean
}

export interface FieldProps {
  label: string
  hint?: string | undefined
  problem?: string | null
  children: (control: ControlProps) => ComponentChildren
}

export function Field({ label, hint, problem = null, children }: FieldProps) {
  const id = useId()
  const says = `${id}-says`
  const described = hint !== undefined || problem !== null
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described ? says : undefined, 'aria-invalid': problem !== null })}
      {described ? (
        <div id={says} aria-live="polite">
          {problem === null ? <span class="meta">{hint}</span> : <Problem text={problem} />}
        </div>
      ) : null}
    </div>
  )
}

export function Problem({ text }: { text: string }) {
  return (
    <p class="problem">
      <Icon name="warning" />
      <span>{text}</span>
    </p>
  )
}

export interface SegmentsProps<T extends string | number> {
  label: string
  choices: readonly { value: T; text: string }[]
  value: T
  onChange(value: T): void
}

/** A few choices side by side: radio buttons in a group. */
export function Segments<T extends string | number>({ label, choices, value, onChange }: SegmentsProps<T>) {
  const name = useId()
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          {choice.text}
        </label>
      ))}
    </div>
  )
}
