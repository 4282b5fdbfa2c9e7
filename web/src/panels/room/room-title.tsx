// The room's title; a host changes it in place (Enter keeps, Escape leaves it).
import { useRef, useState } from 'preact/hooks'
import { sentence } from '../../api/problem'
import { changeRoom } from '../../api/rooms'
import { Icon } from '../../ui/icon'
import { toast } from '../../ui/toasts'
import type { OpenRoom } from './open-room'

const titleCharacters = 80

export function RoomTitle({ room }: { room: OpenRoom }) {
  const [editing, setEditing] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const { value: known } = room.title
  const title = known ?? ''
  const shown = title === '' ? 'Untitled room' : title
  const mayChange = room.sync.me.value?.role === 'host'

  const done = (text: string | null) => {
    setEditing(false)
    requestAnimationFrame(() => button.current?.focus())
    if (text !== null && text.trim() !== title) void keep(room.id, text.trim())
  }

  if (known === null) return <div class="room-title" />
  if (editing) return <TitleField title={title} onDone={done} />
  if (!mayChange) return <h1 class={title === '' ? 'room-title muted' : 'room-title'}>{shown}</h1>
  return (
    <h1 class="room-title">
      <button
        ref={button}
        type="button"
        class={title === '' ? 'title-button muted' : 'title-button'}
        onClick={() => setEditing(true)}
        aria-label={`${shown}: change the title`}
      >
        <span>{shown}</span>
        <Icon name="pencil" />
      </button>
    </h1>
  )
}

async function keep(id: string, title: string): Promise<void> {
  try {
    await changeRoom(id, { title }) // the room's new title comes back as an event, to everybody
  } catch (error) {
    toast(`The title was not changed. ${sentence(error)}`, { bad: true })
  }
}

function TitleField({ title, onDone }: { title: string; onDone(text: string | null): void }) {
  const [text, setText] = useState(title)
  const over = useRef(false)
  const end = (result: string | null) => {
    if (over.current) return // leaving the field by Enter or Escape also blurs it
    over.current = true
    onDone(result)
  }
  return (
    <div class="room-title">
      <input
        class="input"
        aria-label="Title of the room"
        value={text}
        maxLength={titleCharacters}
        placeholder="Untitled room"
        ref={(field) => {
          if (field !== null && document.activeElement !== field && !over.current) field.focus()
        }}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') end(text)
          if (event.key === 'Escape') end(null)
        }}
        onBlur={() => end(text)}
      />
    </div>
  )
}
