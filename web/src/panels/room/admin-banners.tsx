// That the room will be ended, with the time that is left, and what administrators have to say.
import { useEffect, useState } from 'preact/hooks'
import { steadyMs } from '../../sync/steady-clock'
import { Button, IconButton } from '../../ui/button'
import { downloadText } from '../../ui/download'
import { Icon } from '../../ui/icon'
import { announce } from '../../ui/toasts'
import type { Ending } from './admin-words'
import type { OpenRoom } from './open-room'

const lookMs = 250
const lastSeconds = 10

export function AdminBanners({ room }: { room: OpenRoom }) {
  const { ending, notices } = room.adminWords
  return (
    <>
      {notices.value.map((notice) => (
        <div key={notice} class="banner quiet">
          <Icon name="info" />
          <p>
            <strong>From the administrator:</strong> {notice.text}
          </p>
          <IconButton icon="close" label="Put it away" side="end" onClick={() => room.adminWords.putAway(notice)} />
        </div>
      ))}
      {ending.value === null ? null : <EndingBanner room={room} ending={ending.value} />}
    </>
  )
}

const leftOf = (ending: Ending) => Math.max(0, Math.ceil((ending.at - steadyMs()) / 1000))
const written = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`

/** The banner is read aloud when it comes; the clock in it is not, but for once near the end. */
function EndingBanner({ room, ending }: { room: OpenRoom; ending: Ending }) {
  const [left, setLeft] = useState(() => leftOf(ending))
  useEffect(() => {
    const timer = setInterval(() => setLeft(leftOf(ending)), lookMs)
    setLeft(leftOf(ending))
    return () => clearInterval(timer)
  }, [ending])
  const isLast = left <= lastSeconds
  useEffect(() => {
    if (isLast) announce(`This room ends in ${left} seconds.`)
  }, [isLast])
  useEffect(() => () => void (room.adminWords.ending.peek() === null && announce('This room goes on.')), [])
  return (
    <div class="banner bad">
      <Icon name="clock" />
      <p>
        <strong>
          This room ends in{' '}
          <span role="timer" aria-live="off" class="ending-clock">
            {written(left)}
          </span>
          .
        </strong>{' '}
        An administrator ends it for everyone{ending.erases ? ', with all that it holds' : ''}. Take with you what you need.
      </p>
      <Button icon="download" onClick={() => downloadText(room.text(), room.fileName.value)}>
        Download {room.fileName.value}
      </Button>
    </div>
  )
}
