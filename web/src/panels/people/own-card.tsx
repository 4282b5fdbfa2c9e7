// Oneself among the people: the name and colour that the others see, changed in place.
import type { Signal } from '@preact/signals'
import { useEffect, useId, useState } from 'preact/hooks'
import { nameCharacters, rememberPerson } from '../../api/person'
import type { Member } from '../../protocol/events'
import { Avatar } from '../../ui/avatar'
import { Button, IconButton } from '../../ui/button'
import { ColorSwatches } from '../../ui/swatches'
import { Field } from '../../ui/field'

export interface OwnCardProps {
  me: Member
  role: string
  online: boolean
  /** `people`: the name is to be changed now. */
  focus: Signal<string | null>
  change(change: { name?: string; color?: string }): boolean
}

export function OwnCard({ me, role, online, change, focus }: OwnCardProps) {
  const [editing, setEditing] = useState(false)
  const wanted = focus.value === 'people'
  useEffect(() => {
    if (!wanted) return
    focus.value = null
    setEditing(true)
  }, [wanted])
  return (
    <div class="own-card">
      <div class="person">
        <Avatar name={me.name} color={me.color} />
        <div class="person-words">
          <span class="person-name">
            {me.name} <span class="muted">(you)</span>
          </span>
          <span class="meta">{role}</span>
        </div>
        {editing ? null : <IconButton icon="pencil" label="Change your name and colour" side="end" onClick={() => setEditing(true)} />}
      </div>
      {editing ? <OwnForm me={me} online={online} change={change} onDone={() => setEditing(false)} /> : null}
    </div>
  )
}

function OwnForm({ me, online, change, onDone }: Pick<OwnCardProps, 'me' | 'online' | 'change'> & { onDone(): void }) {
  const [name, setName] = useState(me.name)
  const [color, setColor] = useState(me.color)
  const [problem, setProblem] = useState<string | null>(null)
  const colorsId = useId()

  const keep = (event: Event) => {
    event.preventDefault()
    const wanted = name.trim()
    if (wanted === '') return setProblem('A name needs at least one letter.')
    if (!change({ name: wanted, color })) return setProblem('Not connected. Change it when the connection is back.')
    rememberPerson({ name: wanted, color })
    onDone()
  }
  return (
    <form class="own-edit" onSubmit={keep} onKeyDown={(event) => event.key === 'Escape' && onDone()}>
      <Field label="Your name" problem={problem}>
        {(control) => (
          <input
            {...control}
            class="input"
            value={name}
            maxLength={nameCharacters}
            autocomplete="nickname"
            ref={(field) => {
              if (field !== null && field.dataset['seen'] === undefined) {
                field.dataset['seen'] = ''
                field.select()
              }
            }}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="field">
        <span id={colorsId} class="field-label">
          Your colour
        </span>
        <ColorSwatches labelledBy={colorsId} value={color} onChange={setColor} />
      </div>
      <div class="own-ends">
        <Button type="submit" kind="primary" aria-disabled={!online}>
          Keep
        </Button>
        <Button kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
