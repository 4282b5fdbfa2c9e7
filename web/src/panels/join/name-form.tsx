// The one thing asked at the door: a name, and the colour one will have.
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { nameCharacters, person, rememberPerson } from '../../api/person'
import { ApiError, sentence } from '../../api/problem'
import type { RoomInfo } from '../../api/rooms'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { freeColor, personColors } from '../../ui/colors'
import { ColorSwatches } from '../../ui/swatches'
import { Field, Problem } from '../../ui/field'
import { Page } from '../../ui/page'
import { listNames } from '../../ui/words'
import { enter } from './arrive'

export interface NameFormProps {
  room: RoomInfo
  invite: string | null
  onIn(): void
  onLanding(): void
}

export function NameForm({ room, invite, onIn, onLanding }: NameFormProps) {
  const [name, setName] = useState(person.value.name)
  const [color, setColor] = useState(() => ownColor(room))
  const [key, setKey] = useState(invite)
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)
  const colorsId = useId()

  useEffect(() => {
    document.title = `Join ${room.title === '' ? 'the room' : room.title} · fourhands`
    field.current?.focus()
    field.current?.select()
  }, [])

  const join = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    if (name.trim() === '') {
      setProblem('Type the name that the others will see.')
      field.current?.focus()
      return
    }
    setBusy(true)
    rememberPerson({ name: name.trim(), color })
    try {
      await enter(room, key, password)
      onIn()
    } catch (error) {
      const badKey = error instanceof ApiError && error.status === 403 && key !== null && !room.password
      if (badKey && room.guest_role !== 'none') setKey(null) // the room is open to guests: the next press goes without it
      setProblem(sentence(error))
      setBusy(false)
      passwordField.current?.focus()
      passwordField.current?.select()
    }
  }

  return (
    <Page title={room.title === '' ? 'Join the room' : room.title} onLanding={onLanding}>
      {room.password || room.lobby || room.locked || room.guest_role === 'none' ? null : <Inside room={room} />}
      <form class="name-form" onSubmit={join} noValidate>
        <Field label="Your name">
          {(control) => (
            <div class="name-row">
              <Avatar name={name} color={color} />
              <input
                {...control}
                ref={field}
                class="input large"
                value={name}
                maxLength={nameCharacters}
                autocomplete="nickname"
                enterkeyhint="go"
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </div>
          )}
        </Field>
        <div class="field">
          <span id={colorsId} class="field-label">
            Your colour
          </span>
          <ColorSwatches labelledBy={colorsId} value={color} onChange={setColor} />
        </div>
        {room.password ? (
          <Field label="Password" hint="This room asks newcomers for it. A host's link goes without.">
            {(control) => (
              <input
                {...control}
                ref={passwordField}
                class="input large"
                type="password"
                value={password}
                maxLength={256}
                autocomplete="off"
                enterkeyhint="go"
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
            )}
          </Field>
        ) : null}
        <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
        <Button type="submit" kind="primary" class="large" aria-disabled={busy}>
          {busy ? 'Joining…' : room.lobby ? 'Ask to join' : 'Join'}
        </Button>
        {room.lobby ? <p class="muted">A host lets people in: you will wait until one does.</p> : null}
        {invite === null && room.guest_role === 'viewer' ? <p class="muted">You will see everything and can chat; hosts can let you write.</p> : null}
      </form>
    </Page>
  )
}

/** The remembered colour, unless somebody inside has it and nothing was ever chosen by hand. */
function ownColor(room: RoomInfo): string {
  const own = person.value.color
  const taken = room.people.map((one) => one.color)
  const known = personColors.some((one) => one.value === own)
  return person.value.name === '' && (taken.includes(own) || !known) ? freeColor(taken) : own
}

function Inside({ room }: { room: RoomInfo }) {
  if (room.people.length === 0) return <p class="inside muted">Nobody is inside yet.</p>
  return (
    <p class="inside muted">
      <span class="inside-faces">
        {room.people.slice(0, 5).map((one) => (
          <Avatar key={one.id} name={one.name} color={one.color} />
        ))}
      </span>
      {listNames(room.people.map((one) => one.name))} {room.people.length === 1 ? 'is' : 'are'} inside.
    </p>
  )
}
