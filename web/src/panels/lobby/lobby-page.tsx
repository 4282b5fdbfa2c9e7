// The lobby: calm, and live. The connection stays open; once a host lets this person in, the room takes its place.
import type { Lobby } from '../../sync/room-state'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Page } from '../../ui/page'
import './lobby.css'

export interface LobbyPageProps {
  lobby: Lobby
  connected: boolean
  onLeave(): void
}

export function LobbyPage({ lobby, connected, onLeave }: LobbyPageProps) {
  return (
    <Page title={lobby.title === '' ? 'Waiting to be let in' : lobby.title} onLanding={onLeave}>
      <div class="lobby-me">
        <Avatar name={lobby.me.name} color={lobby.me.color} />
        <span>{lobby.me.name}</span>
      </div>
      <p role="status">
        {connected ? 'A host has been told that you are here. Keep this page open: you will be let in from it.' : 'Not connected at the moment. You will wait on as soon as the connection is back.'}
      </p>
      <Button kind="quiet" class="large" onClick={onLeave}>
        Leave
      </Button>
    </Page>
  )
}
