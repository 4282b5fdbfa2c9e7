// The list of panels: the room's panes in their order, and its dialogs. A new panel is one folder and one entry here;
// this alone knows what of a room each of them needs. What is not needed at once is fetched when first shown.
import { computed, effect, signal } from '@preact/signals'
import { type ComponentType, h } from 'preact'
import { person } from '../api/person'
import { changeMember } from '../api/rooms'
import type { Role, Run } from '../protocol/events'
import { fileText, nameOfFile } from '../sync/files'
import { lazy } from '../ui/lazy'
import { ChatLog } from './chat/chat-log'
import type { DialogName, OpenRoom } from './room/open-room'
import type { Pane } from './room/pane'
import { RoomPage, type RoomPageProps } from './room/room-page'
import { RunWays } from './room/run-menu'

const OutputPanel = lazy(async () => (await import('./output/output-panel')).OutputPanel)
const FirstSteps = lazy(async () => (await import('./output/first-steps')).FirstSteps)
const ChatPanel = lazy(async () => (await import('./chat/chat-panel')).ChatPanel)
const PeoplePanel = lazy(async () => (await import('./people/people-panel')).PeoplePanel)
const ShareDialog = lazy(async () => (await import('./share/share-dialog')).ShareDialog)
const SettingsDialog = lazy(async () => (await import('./settings/settings-dialog')).SettingsDialog)
const ShortcutsDialog = lazy(async () => (await import('./shortcuts/shortcuts-dialog')).ShortcutsDialog)
const EraseDialog = lazy(async () => (await import('./erase/erase-dialog')).EraseDialog)
const OwnDataDialog = lazy(async () => (await import('./own-data/own-data-dialog')).OwnDataDialog)
const DoorsDialog = lazy(async () => (await import('./doors/doors-dialog')).DoorsDialog)
const LobbyPage = lazy(async () => (await import('./lobby/lobby-page')).LobbyPage)
const EndRoomDialog = lazy(async () => (await import('./end-room/end-room-dialog')).EndRoomDialog)
const EndingPage = lazy(async () => (await import('./ending/ending-page')).EndingPage)

const quietMs = 2000

function outputPane(room: OpenRoom): Pane {
  const { sync, runs, layout } = room
  const visible = computed(() => layout.visible.value === 'output')
  const seen = signal<string | null>(null) // the newest run when the pane was last seen
  room.onClose(
    effect(() => {
      if (visible.value || seen.peek() === null) seen.value = runs.runs.value.at(-1)?.run.id ?? seen.peek()
    }),
  )
  const unread = computed(() => {
    const list = runs.runs.value
    return list.length - 1 - list.findIndex(({ run }) => run.id === seen.value)
  })
  const Empty = () => {
    const { value: language } = room.language
    const sample = language?.sample ?? ''
    const fits = room.mayEdit.value && room.isEmpty.value && sample !== ''
    return h(FirstSteps, {
      mayEdit: room.mayRun.value,
      runnable: room.running.where.value !== null,
      whyNot: room.running.whyNot.value,
      languageName: language?.name ?? 'This language',
      example: fits ? () => fileText(sync.doc, 'main').insert(0, sample) : null,
      calledNow: person.value.name === '' ? (sync.me.value?.name ?? null) : null,
      nameSelf: () => {
        layout.show('people')
        layout.focus.value = 'people'
      },
      run: () => room.run(),
      share: () => (room.dialog.value = 'share'),
    })
  }
  const props = {
    runs,
    me: sync.me,
    members: sync.members,
    languages: room.languages,
    language: room.language,
    inputAhead: room.inputAhead,
    mayRun: room.mayRun,
    runsHere: computed(() => room.running.where.value === 'browser'),
    acts: {
      again: (run: Run) => room.running.again(run),
      mayRunAgain: (run: Run) => room.running.mayRunAgain(run),
      here: room.running.here,
    },
    visible,
    Empty,
  }
  return { id: 'output', label: 'Output', icon: 'output', keys: 'Mod+J', unread, view: () => h(OutputPanel, props) }
}

function chatPane(room: OpenRoom): Pane {
  const { sync, layout } = room
  const chat = new ChatLog(
    sync,
    computed(() => layout.visible.value === 'chat'),
  )
  room.onClose(() => chat.close())
  return {
    id: 'chat',
    label: 'Chat',
    icon: 'chat',
    keys: 'Mod+K',
    writes: true,
    unread: chat.unread,
    view: () => h(ChatPanel, { chat, me: sync.me, limits: sync.limits, focus: layout.focus }),
  }
}

const changeOf = (room: OpenRoom) => (change: { name?: string; color?: string }) => room.sync.send({ type: 'member.change', ...change })

function peoplePane(room: OpenRoom): Pane {
  const { sync } = room
  const props = {
    members: sync.members,
    me: sync.me,
    following: room.following,
    online: computed(() => sync.connection.value === 'connected'),
    change: changeOf(room),
    focus: room.layout.focus,
    onShare: () => (room.dialog.value = 'share'),
    onOwnData: () => (room.dialog.value = 'own-data'),
    onErase: () => (room.dialog.value = 'erase'),
    onEnd: () => (room.dialog.value = 'end'),
    onDoors: () => (room.dialog.value = 'doors'),
    waiting: sync.door.waiting,
    moveMember: (member: string, change: { role?: Role; state?: 'in' | 'removed' }) => changeMember(room.id, member, change),
  }
  return { id: 'people', label: 'People', icon: 'people', unread: computed(() => sync.door.waiting.value.length), view: () => h(PeoplePanel, props) }
}

/** A while after the editor stands: panels then open at once, also without a network, and its load was not disturbed. */
function preloadLater(room: OpenRoom): void {
  room.onClose(
    effect(() => {
      if (room.editor.value === null) return
      const timer = setTimeout(preload, quietMs)
      return () => clearTimeout(timer)
    }),
  )
}

function preload(): void {
  for (const part of [ChatPanel, PeoplePanel, ShareDialog, SettingsDialog, ShortcutsDialog, EndRoomDialog, EndingPage, RunWays]) part.preload()
}

function panesOf(room: OpenRoom): Pane[] {
  preloadLater(room)
  return [outputPane(room), chatPane(room), peoplePane(room)]
}

interface DialogProps {
  room: OpenRoom
  onClose(): void
}

const dialogs: Record<DialogName, ComponentType<DialogProps>> = {
  share: ({ room, onClose }) => h(ShareDialog, { id: room.id, me: room.sync.me, change: changeOf(room), onClose }),
  settings: ({ onClose }) => h(SettingsDialog, { onClose }),
  erase: ({ room, onClose }) =>
    h(EraseDialog, { id: room.id, selected: room.editor.value?.selected ?? '', nameOf: (file) => nameOfFile(room.sync.doc, file), onClose }),
  'own-data': ({ room, onClose }) => h(OwnDataDialog, { id: room.id, onClose }),
  end: ({ room, onClose }) =>
    h(EndRoomDialog, {
      id: room.id,
      title: room.title.value ?? '',
      others: room.sync.members.value.length - 1,
      fileName: room.fileName.value,
      text: () => room.text(),
      onClose,
    }),
  doors: ({ room, onClose }) => h(DoorsDialog, { id: room.id, room: room.sync.room, onClose }),
  shortcuts: ({ onClose }) => h(ShortcutsDialog, { onClose }),
}

interface EndingProps {
  room: OpenRoom
  onOpenRoom(id: string): void
  onLeave(): void
  onJoinAgain(): void
}

function Ending({ room, ...ways }: EndingProps) {
  const { sync } = room
  const { value: ending } = sync.ending
  if (ending === null) return null
  return h(EndingPage, {
    ...ways,
    id: room.id,
    ending,
    fileName: room.fileName.value,
    language: sync.language.value,
    title: room.title.value ?? '',
    wasInside: sync.me.value !== null,
    forget: () => sync.forget(),
  })
}

function Lobby({ room, onLeave }: { room: OpenRoom; onLeave(): void }) {
  const { value: lobby } = room.sync.door.lobby
  return lobby === null ? null : h(LobbyPage, { lobby, connected: room.sync.connection.value !== 'offline', onLeave })
}

/** The room's page with its panels in it. */
export function Room(props: Omit<RoomPageProps, 'panesOf' | 'dialogs' | 'Ending' | 'Lobby'>) {
  return h(RoomPage, { ...props, panesOf, dialogs, Ending, Lobby })
}
