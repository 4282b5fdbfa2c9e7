// A room in one's list, and what can be done with it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { archiveRoom, leaveRoom, type OwnRoom } from '../../api/accounts'
import { rememberedLanguages } from '../../api/languages'
import { roomPath } from '../../api/root'
import { changeRoom, endRoom } from '../../api/rooms'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Problem } from '../../ui/field'
import { toast } from '../../ui/toasts'
import { dayWords } from './account-words'
import { useActing } from './acting'

export interface RoomRowProps {
  room: OwnRoom
  /** It is another now; null: it left this list. */
  onChange(room: OwnRoom | null): void
}

export function RoomRow({ room, onChange }: RoomRowProps) {
  const [doing, setDoing] = useState<'rename' | 'leave' | 'end' | null>(null)
  const { busy, problem, act } = useActing()
  const title = room.title === '' ? 'Untitled room' : room.title
  const close = () => setDoing(null)

  const archive = () =>
    act(async () => {
      await archiveRoom(room.id, !room.archived)
      toast(room.archived ? `“${title}” is back` : `“${title}” archived`, { icon: 'check' })
      onChange(null)
    })

  return (
    <li class="own-row">
      <div class="own-row-words">
        <a class="own-title" href={roomPath(room.id)}>
          {title}
        </a>
        <span class="meta">{factsOf(room)}</span>
        {problem === null ? null : <Problem text={problem} />}
      </div>
      <div class="own-row-acts">
        {room.role === 'host' ? (
          <Button kind="quiet" icon="pencil" aria-label={`Rename “${title}”`} onClick={() => setDoing('rename')}>
            Rename
          </Button>
        ) : null}
        {room.role === null ? null : (
          <>
            <Button kind="quiet" aria-disabled={busy} aria-label={room.archived ? `Take “${title}” back` : `Archive “${title}”`} onClick={archive}>
              {room.archived ? 'Take back' : 'Archive'}
            </Button>
            <Button kind="quiet" aria-label={`Take “${title}” off the list…`} onClick={() => setDoing('leave')}>
              Take off
            </Button>
          </>
        )}
        {room.role === 'host' ? (
          <Button kind="quiet" aria-label={`Delete “${title}”…`} onClick={() => setDoing('end')}>
            Delete…
          </Button>
        ) : null}
      </div>
      {doing === 'rename' ? <RenameDialog room={room} onClose={close} onRenamed={(named) => onChange({ ...room, title: named })} /> : null}
      {doing === 'leave' ? (
        <SureDialog
          title={`Take “${title}” off your list?`}
          text="The room stays for the others. You find it again by its link, and then join as somebody new."
          yes="Take it off"
          onClose={close}
          onYes={() => leaveRoom(room.id).then(() => onChange(null))}
        />
      ) : null}
      {doing === 'end' ? (
        <SureDialog
          title={`Delete “${title}”?`}
          text={`Its text, its chat and its runs are closed for everyone, and nobody can come back.${hereWords(room.here)}`}
          yes="Delete the room"
          onClose={close}
          onYes={() => endRoom(room.id).then(() => onChange(null))}
        />
      ) : null}
    </li>
  )
}

function hereWords(here: number): string {
  if (here === 0) return ''
  return here === 1 ? ' One person is in it now and has to leave.' : ` ${here} people are in it now and have to leave.`
}

function factsOf(room: OwnRoom): string {
  const language = rememberedLanguages().find(({ id }) => id === room.language)?.name ?? room.language.replace(/^[a-z]/, (letter) => letter.toUpperCase())
  const people = room.here > 0 ? `${room.here} in it now` : room.people === 1 ? '1 person' : `${room.people} people`
  const role = room.role === null ? [] : [{ host: 'host', editor: 'you may write', viewer: 'you may read' }[room.role]]
  return [language, ...(room.team === null ? [] : [`team ${room.team}`]), ...role, people, `used ${dayWords(room.used_at)}`].filter((fact) => fact !== '').join(' · ')
}

function RenameDialog({ room, onClose, onRenamed }: { room: OwnRoom; onClose(): void; onRenamed(title: string): void }) {
  const [title, setTitle] = useState(room.title)
  const { busy, problem, act } = useActing()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])

  const rename = (event: Event) => {
    event.preventDefault()
    void act(async () => {
      const { title: given } = await changeRoom(room.id, { title: title.trim() })
      onRenamed(given)
      onClose()
    })
  }

  return (
    <Dialog title="Rename the room" onClose={onClose}>
      <form class="own-form" onSubmit={rename}>
        <Field label="Title">
          {(control) => (
            <input {...control} ref={field} class="input" value={title} maxLength={120} autocomplete="off" onInput={(event) => setTitle(event.currentTarget.value)} />
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

function SureDialog({ title, text, yes, onClose, onYes }: { title: string; text: string; yes: string; onClose(): void; onYes(): Promise<void> }) {
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
