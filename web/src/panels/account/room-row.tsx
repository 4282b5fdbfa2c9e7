// A room in one's list, and what can be done with it.
import { useState } from 'preact/hooks'
import { archiveRoom, leaveRoom, type OwnRoom } from '../../api/accounts'
import { rememberedLanguages } from '../../api/languages'
import { roomPath } from '../../api/root'
import { changeRoom, endRoom } from '../../api/rooms'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { toast } from '../../ui/toasts'
import { dayWords } from './account-words'
import { useActing } from './acting'
import { RenameDialog } from './rename-dialog'
import { SureDialog } from './sure-dialog'

export interface RoomRowProps {
  room: OwnRoom
  /** Among its team's rooms, where the team need not be said. */
  inTeam: boolean
  /** It is another now; null: it left this list. */
  onChange(room: OwnRoom | null): void
}

export function RoomRow({ room, inTeam, onChange }: RoomRowProps) {
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
        <span class="meta">{factsOf(room, inTeam)}</span>
        {problem === null ? null : <Problem text={problem} />}
      </div>
      <div class="own-row-acts">
        {room.role === 'host' ? (
          <Button kind="quiet" aria-label={`Rename “${title}”`} onClick={() => setDoing('rename')}>
            Rename
          </Button>
        ) : null}
        {room.role === null ? null : (
          <>
            <Button kind="quiet" aria-disabled={busy} aria-label={room.archived ? `Take back “${title}”` : `Archive “${title}”`} onClick={archive}>
              {room.archived ? 'Take back' : 'Archive'}
            </Button>
            <Button kind="quiet" aria-label={`Take off “${title}”…`} onClick={() => setDoing('leave')}>
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
      {doing === 'rename' ? (
        <RenameDialog
          title="Rename the room"
          label="Title"
          value={room.title}
          most={80}
          onClose={close}
          onRename={async (wanted) => onChange({ ...room, title: (await changeRoom(room.id, { title: wanted })).title })}
        />
      ) : null}
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

function factsOf(room: OwnRoom, inTeam: boolean): string {
  const language = rememberedLanguages().find(({ id }) => id === room.language)?.name ?? room.language.replace(/^[a-z]/, (letter) => letter.toUpperCase())
  const people = room.here > 0 ? `${room.here} in it now` : room.people === 1 ? '1 person' : `${room.people} people`
  const role = room.role === null ? [] : [{ host: 'host', editor: 'you may write', viewer: 'you may read' }[room.role]]
  return [language, ...(room.team === null || inTeam ? [] : [`team ${room.team}`]), ...role, people, `used ${dayWords(room.used_at)}`].filter((fact) => fact !== '').join(' · ')
}
