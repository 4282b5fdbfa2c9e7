// Lines above the status that say what is not as usual, what is safe, and what can be done. They never cover the code.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icons'
import { lazy } from '../../ui/lazy'
import type { OpenRoom } from './open-room'

/** Rarely needed, and then there is time. */
const Rescued = lazy(async () => (await import('./rescued')).Rescued)

export function Banners({ room, onOpenRoom }: { room: OpenRoom; onOpenRoom(id: string): void }) {
  return (
    <div class="banners" role="region" aria-label="State of the room" aria-live="polite">
      <OfflineBanner room={room} />
      <StorageBanner room={room} />
      <ViewerBanner room={room} />
      {room.sync.rescued.value === null ? null : <Rescued room={room} onOpenRoom={onOpenRoom} />}
    </div>
  )
}

export interface BannerProps {
  kind: 'quiet' | 'warn' | 'bad'
  icon: IconName
  children: ComponentChildren
}

export function Banner({ kind, icon, children }: BannerProps) {
  return (
    <div class={`banner ${kind}`}>
      <Icon name={icon} />
      {children}
    </div>
  )
}

/** A connection that comes back at once is not worth a word. */
const unsaidMs = 800

function OfflineBanner({ room }: { room: OpenRoom }) {
  const { sync } = room
  const away = sync.connection.value !== 'connected'
  const [said, setSaid] = useState(false)
  useEffect(() => {
    if (!away) return setSaid(false)
    const timer = setTimeout(() => setSaid(true), unsaidMs)
    return () => clearTimeout(timer)
  }, [away])
  if (!said || (sync.connection.value === 'connecting' && !sync.synced.value)) return null
  const reloads = sync.keptOffline.value && navigator.serviceWorker?.controller != null
  return (
    <Banner kind="warn" icon="cloud-off">
      <p>
        <strong>Reconnecting… your text is safe.</strong> You can go on writing; it is merged when the connection is back.
        {reloads ? '' : ' Do not reload this page until then: here a reload needs the network.'}
      </p>
      <Button onClick={() => sync.flushNow()}>Try now</Button>
    </Banner>
  )
}

function StorageBanner({ room }: { room: OpenRoom }) {
  const { value: message } = room.sync.storageMessage
  if (message === null) return null
  return (
    <Banner kind="bad" icon="warning">
      <p>
        <strong>Not saved.</strong> {message} Keep this page open: your text stays here and is saved as soon as it can be.
      </p>
    </Banner>
  )
}

function ViewerBanner({ room }: { room: OpenRoom }) {
  if (room.mayEdit.value) return null
  return (
    <Banner kind="quiet" icon="eye">
      <p>
        <strong>You are viewing.</strong> You see every change and can chat; a host can send you a link to write.
      </p>
    </Banner>
  )
}
