// Text that the server did not take (a room rebuilt, rights taken away) is never thrown away unasked: it can be copied,
// downloaded, or made a room of its own.
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { downloadText } from '../../ui/download'
import { Icon } from '../../ui/icon'
import { newRoomWith } from '../../api/new-room'
import { sentence } from '../../api/problem'
import { toast } from '../../ui/toasts'
import type { OpenRoom } from './open-room'

export function Rescued({ room, onOpenRoom }: { room: OpenRoom; onOpenRoom(id: string): void }) {
  const { value: text } = room.sync.rescued
  if (text === null) return null
  const open = async () => {
    try {
      const from = { room: room.id, drop: 'rescued' } as const
      const id = await newRoomWith({ text, from, language: room.sync.language.value, title: room.title.value ?? '' })
      onOpenRoom(id)
    } catch (error) {
      toast(`${sentence(error)} The text is still here.`, { bad: true })
    }
  }
  return (
    <div class="banner warn">
      <Icon name="warning" />
      <p>
        <strong>Some of your text was not taken by the room.</strong> It is kept here until you decide.
      </p>
      <CopyButton text={text} what="Text" />
      <Button icon="download" onClick={() => downloadText(text, room.fileName.value)}>
        Download
      </Button>
      <Button icon="plus" onClick={open}>
        Open as a new room
      </Button>
      <Button kind="quiet" onClick={() => room.sync.dropRescued()}>
        Discard
      </Button>
    </div>
  )
}
