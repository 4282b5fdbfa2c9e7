// Tells what others do, in a toast each: who came and went, what they changed, and what the server refused.
import type { Member, Room, ServerEvent } from '../../protocol/events'
import { toast } from '../../ui/toasts'
import { doorWords } from './door-words'
import type { OpenRoom } from './open-room'

const guestWords = {
  editor: 'Whoever opens the room link can now write.',
  viewer: 'Whoever opens the room link can now only view.',
  none: 'Only invited people can come in now.',
}

const whereWords = { server: 'Programs run on the server now, where it can run them.', browser: 'Programs run in everyone’s own browser now, where it can run them.' }

const roleWords = { host: 'You are a host now.', editor: 'You can write now.', viewer: 'You are viewing now; a host changed that.' }

/** Somebody whose line broke for a moment did not leave: joins and leaves wait this long for their opposite. */
const settleMs = 2000

export function tellWhatOthersDo(room: OpenRoom): () => void {
  const { sync } = room
  const names = new Map<string, string>()
  const waiting = new Map<string, { kind: 'joined' | 'left'; timer: ReturnType<typeof setTimeout> }>()

  const nameOf = (id: string | null) => (id === null ? 'Somebody' : (names.get(id) ?? 'Somebody'))
  const know = (member: Member) => names.set(member.id, member.name)
  const later = (id: string, kind: 'joined' | 'left') => {
    const other = waiting.get(id)
    if (other !== undefined) {
      clearTimeout(other.timer)
      waiting.delete(id)
      if (other.kind !== kind) return
    }
    const timer = setTimeout(() => {
      waiting.delete(id)
      toast(`${nameOf(id)} ${kind}`, { icon: 'people' })
    }, settleMs)
    waiting.set(id, { kind, timer })
  }

  const hear = (event: ServerEvent) => {
    const me = sync.me.value
    switch (event.type) {
      case 'welcome':
        event.members.forEach(know)
        break
      case 'member.joined':
        know(event.member)
        if (event.member.id !== me?.id) later(event.member.id, 'joined')
        break
      case 'member.left':
        if (event.member !== me?.id) later(event.member, 'left')
        break
      case 'member.changed':
        tellChange(event.member, names.get(event.member.id), me)
        know(event.member)
        break
      case 'room.language':
        if (event.by !== me?.id) {
          const language = room.languages.value.find((one) => one.id === event.language)
          toast(`${nameOf(event.by)} switched to ${language?.name ?? event.language}`, { icon: 'code' })
        }
        break
      case 'room.erased':
        if (event.by !== me?.id) toast(`${nameOf(event.by)} erased something from the room and its history`, { icon: 'eraser' })
        break
      case 'room.changed':
        tellRoom(event.room, event.by)
        break
      case 'error':
        if (event.ref === null && event.sync === null) toast(event.message, { bad: true })
    }
  }

  let title = sync.room.value?.title
  let guests = sync.room.value?.guest_role
  let where = sync.room.value?.run_where
  let doors = sync.room.value
  const endRoom = sync.room.subscribe((known) => {
    title ??= known?.title
    guests ??= known?.guest_role
    doors ??= known
    if (where === undefined) where = known?.run_where
  })
  const tellRoom = (changed: Room, by: string | null) => {
    const { title: newTitle, guest_role: newGuests, run_where: newWhere } = changed
    if (by !== sync.me.value?.id) {
      if (newTitle !== title) toast(`${nameOf(by)} called the room “${newTitle === '' ? 'Untitled room' : newTitle}”`, { icon: 'pencil' })
      if (newGuests !== guests) toast(guestWords[newGuests], { icon: 'share' })
      for (const words of doorWords(doors, changed)) toast(words, { icon: 'info' })
      if (newWhere !== where && newWhere !== null) toast(whereWords[newWhere], { icon: 'play' })
    }
    title = newTitle
    guests = newGuests
    where = newWhere
    doors = changed
  }

  const endWaiting = sync.on((event) => {
    if (event.type === 'lobby.knock') toast(`${event.member.name} waits to be let in`, { icon: 'people' })
  })
  let role = sync.me.value?.role
  const endRole = sync.me.subscribe((me) => {
    if (me === null) return
    if (role !== undefined && role !== me.role) toast(roleWords[me.role])
    role = me.role
  })

  const end = sync.on(hear)
  return () => {
    end()
    endRoom()
    endWaiting()
    endRole()
    for (const { timer } of waiting.values()) clearTimeout(timer)
  }
}

function tellChange(member: Member, before: string | undefined, me: Member | null): void {
  if (member.id !== me?.id && before !== undefined && before !== member.name) toast(`${before} is now called ${member.name}`, { icon: 'people' })
}
