// Lines above the status that say what is not as usual, what is safe, and what can be done. They never cover the code.
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icons'
import { lazy } from '../../ui/lazy'
import { narrow } from '../../ui/media'
import { keyboardOpen } from '../../ui/on-screen-keyboard'
import { useSaidAway } from './away'
import { awayWords } from './away-words'
import { minutesLeft } from './expiry'
import type { OpenRoom } from './open-room'

/** Rarely needed, and then there is time. */
const AdminBanners = lazy(async () => (await import('./admin-banners')).AdminBanners)
const Rescued = lazy(async () => (await import('./rescued')).Rescued)

export function Banners({ room, onOpenRoom }: { room: OpenRoom; onOpenRoom(id: string): void }) {
  return (
    <div class="banners" role="region" aria-label="State of the room" aria-live="polite">
      {room.adminWords.ending.value === null && room.adminWords.notices.value.length === 0 ? null : <AdminBanners room={room} />}
      <OfflineBanner room={room} />
      <StorageBanner room={room} />
      <ViewerBanner room={room} />
      <ExpiryBanner room={room} />
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

/** Narrow pages say it in one line, in the place of the lights: see offline-line.tsx. */
function OfflineBanner({ room }: { room: OpenRoom }) {
  const { sync } = room
  if (!useSaidAway(sync) || narrow.value) return null
  const { first, rest } = awayWords({ kept: sync.keptOffline.value, reloads: navigator.serviceWorker?.controller != null, message: sync.awayMessage.value })
  return (
    <Banner kind="warn" icon="cloud-off">
      <p>
        <strong>{first}.</strong> {rest}
      </p>
      <Button onClick={() => sync.flushNow()}>Try now</Button>
    </Banner>
  )
}

function StorageBanner({ room }: { room: OpenRoom }) {
  const { value: message } = room.sync.storageMessage
  const { value: apart } = room.sync.reachMessage
  if (message === null) {
    if (apart === null || keyboardOpen.value) return null
    return (
      <Banner kind="quiet" icon="cloud-off">
        <p>{apart}</p>
      </Banner>
    )
  }
  return (
    <Banner kind="bad" icon="warning">
      <p>
        <strong>Not saved.</strong> {keyboardOpen.value ? '' : message} Keep this page open
        {keyboardOpen.value ? '.' : ': your text stays here and is saved as soon as it can be.'}
      </p>
    </Banner>
  )
}

function ViewerBanner({ room }: { room: OpenRoom }) {
  if (room.mayEdit.value || keyboardOpen.value) return null
  const locked = room.sync.room.value?.read_only === true && room.sync.me.value?.role === 'editor'
  if (locked)
    return (
      <Banner kind="quiet" icon="eye">
        <p>
          <strong>Read-only for now.</strong> A host lets only hosts edit{narrow.value ? '.' : '; you see every change and can chat.'}
        </p>
      </Banner>
    )
  return (
    <Banner kind="quiet" icon="eye">
      <p>
        <strong>You are viewing.</strong> You see every change and can chat{narrow.value ? '.' : '; a host can send you a link to write.'}
      </p>
    </Banner>
  )
}

/** The end of the room that a host has said ahead, in its last ten minutes. */
function ExpiryBanner({ room }: { room: OpenRoom }) {
  const expiresAt = room.sync.room.value?.expires_at ?? null
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (expiresAt === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [expiresAt])
  const left = minutesLeft(expiresAt, now)
  if (left === null) return null
  return (
    <Banner kind="warn" icon="clock">
      <p>
        <strong>This room ends in {left === 1 ? 'a minute' : `${left} minutes`}.</strong> Its text is erased then: copy what you want to keep.
      </p>
    </Banner>
  )
}
