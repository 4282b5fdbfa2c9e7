// The bar above the room: where one is, who is here, what it is written in, Run, Share.
import { narrow } from '../../ui/media'
import { Button, IconButton } from '../../ui/button'
import { Mark } from '../../ui/mark'
import { LanguagePicker } from './language-picker'
import type { OpenRoom } from './open-room'
import { PeopleStrip } from './people-strip'
import { RunButton } from './run-button'
import { RoomTitle } from './room-title'

export function Bar({ room, onLeave }: { room: OpenRoom; onLeave(): void }) {
  const share = () => (room.dialog.value = 'share')
  return (
    <header class="bar">
      <button type="button" class="brand" onClick={onLeave} aria-label="fourhands: leave the room" data-tip="Leave the room">
        <Mark />
        <span class="bar-name">fourhands</span>
      </button>
      <RoomTitle room={room} />
      {narrow.value ? null : <PeopleStrip room={room} />}
      <LanguagePicker room={room} />
      <RunButton room={room} />
      {narrow.value ? (
        <IconButton icon="share" label="Share" side="end" onClick={share} />
      ) : (
        <Button icon="share" onClick={share}>
          Share
        </Button>
      )}
    </header>
  )
}
