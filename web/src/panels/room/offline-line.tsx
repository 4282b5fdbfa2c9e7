// On a narrow page, in the place of the lights while there is no connection: one line, and beside it a way to try at once.
import { useEffect } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Icon } from '../../ui/icon'
import { keyboardOpen } from '../../ui/on-screen-keyboard'
import { announce } from '../../ui/toasts'
import { awayWords } from './away-words'
import type { OpenRoom } from './open-room'

export function OfflineLine({ room }: { room: OpenRoom }) {
  const { sync } = room
  const { line } = awayWords({ kept: sync.keptOffline.value, reloads: false, message: sync.awayMessage.value })
  useEffect(() => announce(`${line}.`), [line])
  return (
    <>
      <p class="offline-line" data-testid="connection">
        <Icon name="cloud-off" />
        <strong>{line}</strong>
      </p>
      <Button kind="quiet" hidden={keyboardOpen.value} onClick={() => sync.flushNow()}>
        Try now
      </Button>
    </>
  )
}
