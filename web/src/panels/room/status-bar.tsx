// The line below: connection, saving, where the caret is, and where programs run.
import { preferences } from '../../ui/preferences'
import { Light, type LightProps } from '../../ui/light'
import type { Connection, Saving } from '../../sync/room-sync'
import type { OpenRoom } from './open-room'

const connections: Record<Connection, LightProps> = {
  connected: { state: 'good', text: 'Connected' },
  connecting: { state: 'warn', text: 'Connecting…', hollow: true },
  offline: { state: 'bad', text: 'Offline', hollow: true },
}

const savings: Record<Saving, LightProps> = {
  saved: { state: 'good', text: 'Saved', icon: 'check' },
  saving: { state: 'quiet', text: 'Saving…', icon: 'cloud-upload' },
  'not-saved': { state: 'bad', text: 'Not saved', icon: 'warning' },
}

const places = { server: 'Runs on the server', browser: 'Runs in your browser', none: 'Not run here' }

export function Lights({ room }: { room: OpenRoom }) {
  return (
    <>
      <span class="status-light" data-testid="connection">
        <Light {...connections[room.sync.connection.value]} />
      </span>
      <span class="status-light" data-testid="saving">
        <Light {...savings[room.sync.saving.value]} />
      </span>
    </>
  )
}

export function StatusBar({ room }: { room: OpenRoom }) {
  return (
    <footer class="status" aria-label="Status">
      <Lights room={room} />
      <Caret room={room} />
      <span class="status-gap" />
      <Mode room={room} />
      <span>{places[room.running.where.value ?? 'none']}</span>
    </footer>
  )
}

function Caret({ room }: { room: OpenRoom }) {
  const { value: editor } = room.editor
  if (editor === null) return null
  const { line, column, selected } = editor.position.value
  return (
    <>
      <span class="status-caret">
        Ln {line}, Col {column}
        {selected > 0 ? ` (${selected} selected)` : ''}
      </span>
      <span>Spaces: {preferences.value.tabSize}</span>
    </>
  )
}

const keymapNames = { standard: '', vim: 'Vim', emacs: 'Emacs' }

function Mode({ room }: { room: OpenRoom }) {
  const name = keymapNames[preferences.value.keymap]
  const mode = room.editor.value?.mode.value ?? ''
  if (name === '') return null
  return <span>{mode === '' ? name : `${name}: ${mode}`}</span>
}
