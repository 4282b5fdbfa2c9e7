// A room server in memory that speaks `fourhands.v1`, for tests: messages wait in queues until the test delivers them,
// edits wait until it commits them, and a crash loses what was not committed.
import { signal } from '@preact/signals-core'
import * as Y from 'yjs'
import type { ClientEvent, Member, Room, ServerEvent } from '../../protocol/events'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/frames'

type Message = Uint8Array<ArrayBuffer>

/** The page's end of a connection: as much of a WebSocket as RoomSocket uses. */
export class FakeSocket {
  binaryType = 'blob'
  onopen: (() => void) | null = null
  onmessage: ((message: { data: ArrayBuffer }) => void) | null = null
  onclose: ((closed: { code: number; reason: string }) => void) | null = null
  readonly toServer: Message[] = []
  readonly toPage: Message[] = []
  opened = false
  closed = false

  send(bytes: Message): void {
    if (!this.opened || this.closed) throw new Error('This socket is not open.')
    this.toServer.push(bytes)
  }

  close(): void {
    this.closed = true
  }

  /** The server's end, or the network, closes. */
  drop(code = 1006, reason = ''): void {
    if (this.closed) return
    this.closed = true
    this.onclose?.({ code, reason })
  }
}

interface Connection {
  socket: FakeSocket
  member: Member
  counted: number
  heard: Frame[]
  /** The last that it said of itself. */
  presence: Frame | null
}

export class FakeServer {
  /** What a restart would read. */
  journal: Uint8Array = Y.encodeStateAsUpdate(new Y.Doc())
  doc = new Y.Doc()
  epoch = 'epoch-1'
  role: Member['role'] = 'editor'
  /** Refuse every connection with this code. */
  refuseWith: number | null = null
  /** The reason that it gives with it. */
  refusal = ''
  reachable = true
  messageBytes = 8 * 1024 * 1024
  readonly connections: Connection[] = []
  readonly sockets: FakeSocket[] = []
  readonly opened = signal(0)
  readonly events: ClientEvent[] = []
  readonly urls: string[] = []
  #people = 0

  readonly openSocket = (url: string, subprotocol: string): WebSocket => {
    if (subprotocol !== 'fourhands.v1') throw new Error('Another subprotocol was offered.')
    const socket = new FakeSocket()
    this.urls.push(url)
    this.sockets.push(socket)
    this.opened.value += 1
    return socket as unknown as WebSocket
  }

  /** Let the newest waiting sockets open (or fail), then say welcome. */
  accept(): void {
    for (const socket of this.sockets.splice(0)) {
      if (socket.closed) continue
      if (!this.reachable) {
        socket.drop(1006)
        continue
      }
      socket.opened = true
      socket.onopen?.()
      if (this.refuseWith !== null) {
        socket.drop(this.refuseWith, this.refusal)
        continue
      }
      this.#welcome(socket)
    }
  }

  #welcome(socket: FakeSocket): void {
    this.#people += 1
    const member: Member = { id: `m${this.#people}`, name: 'Ada', color: '#112233', role: this.role }
    const connection: Connection = { socket, member, counted: 0, heard: [], presence: null }
    this.connections.push(connection)
    const limits = { chat_characters: 2000, text_bytes: 1_000_000, message_bytes: this.messageBytes, output_bytes: 1, run_seconds: 1 }
    const members = this.live().map((other) => other.member)
    this.say(connection, { type: 'welcome', me: member, members, room: theRoom, epoch: this.epoch, chat: [], runs: [], limits, version: '0', waiting: [] })
    this.post(connection, { kind: 'step-1', vector: Y.encodeStateVector(this.doc) })
    for (const { presence } of this.live()) if (presence) this.post(connection, presence)
  }

  live(): Connection[] {
    return this.connections.filter(({ socket }) => !socket.closed)
  }

  say(connection: Connection, event: ServerEvent): void {
    this.post(connection, { kind: 'event', event })
  }

  post(connection: Connection, frame: Frame): void {
    connection.socket.toPage.push(encodeFrame(frame))
  }

  /** Take one message of this connection, or hand one to its page; false: none was waiting in that direction. */
  deliver(connection: Connection, direction: 'to-server' | 'to-page'): boolean {
    const { socket } = connection
    const message = direction === 'to-server' ? socket.toServer.shift() : socket.toPage.shift()
    if (!message || (socket.closed && direction === 'to-page')) return false
    if (direction === 'to-page') socket.onmessage?.({ data: message.buffer })
    else this.#take(connection, decodeFrame(message))
    return true
  }

  /** Deliver everything, with all that follows from it. */
  deliverAll(): void {
    let moved = true
    while (moved) {
      moved = false
      this.accept()
      for (const connection of this.live()) {
        while (this.deliver(connection, 'to-server')) moved = true
        while (this.deliver(connection, 'to-page')) moved = true
      }
    }
  }

  #take(connection: Connection, frame: Frame): void {
    connection.heard.push(frame)
    switch (frame.kind) {
      case 'step-1':
        return this.post(connection, { kind: 'step-2', update: Y.encodeStateAsUpdate(this.doc, frame.vector) })
      case 'step-2':
      case 'update':
        return this.#edit(connection, frame.update)
      case 'awareness':
        connection.presence = frame
        for (const other of this.live()) if (other !== connection) this.post(other, frame)
        return
      case 'query-awareness':
        return this.post(connection, { kind: 'awareness', update: new Uint8Array([0]) })
      case 'event':
        this.events.push(frame.event as ClientEvent)
    }
  }

  #edit(connection: Connection, update: Uint8Array): void {
    connection.counted += 1
    const before = Y.encodeStateAsUpdate(this.doc)
    if (connection.member.role === 'viewer' && this.#changes(update)) {
      const message = 'You may look on, but not write here.'
      return this.say(connection, { type: 'error', code: 'forbidden', message, sync: connection.counted, ref: null, retry_after: null })
    }
    Y.applyUpdate(this.doc, update)
    if (equal(before, Y.encodeStateAsUpdate(this.doc))) return
    for (const other of this.live()) if (other !== connection) this.post(other, { kind: 'update', update })
  }

  #changes(update: Uint8Array): boolean {
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc))
    const before = Y.encodeStateAsUpdate(copy)
    Y.applyUpdate(copy, update)
    return !equal(before, Y.encodeStateAsUpdate(copy))
  }

  /** Make durable what the room holds, and say so. */
  commit(): void {
    this.journal = Y.encodeStateAsUpdate(this.doc)
    for (const connection of this.live()) this.say(connection, { type: 'saved', count: connection.counted })
  }

  /** Die without warning and come back with what the journal holds. */
  crash(): void {
    const lost = this.live()
    this.doc = new Y.Doc()
    Y.applyUpdate(this.doc, this.journal)
    for (const { socket } of lost) socket.drop()
  }

  /** The document was rebuilt: what pages hold must not be merged with it. */
  rebuild(text: string): void {
    this.doc = new Y.Doc()
    this.doc.getText('file:main').insert(0, text)
    this.journal = Y.encodeStateAsUpdate(this.doc)
    this.epoch = `epoch-${Number(this.epoch.slice(6)) + 1}`
    for (const { socket } of this.live()) socket.drop(1012)
  }

  /** Take this out of the text and its past; clocks stay, as the server does it. */
  erase(secret: string): void {
    const text = this.doc.getText('file:main')
    text.delete(text.toString().indexOf(secret), secret.length)
    const erased = new Y.Doc() // what is deleted is collected here
    Y.applyUpdate(erased, Y.encodeStateAsUpdate(this.doc))
    this.doc = erased
    this.journal = Y.encodeStateAsUpdate(erased)
    this.epoch = `${this.epoch.split('.')[0]}.${this.epoch.length}`
    for (const { socket } of this.live()) socket.drop(1012)
  }

  get text(): string {
    return this.doc.getText('file:main').toString()
  }
}

export const theRoom: Room = {
  id: 'k7f3-9q2m-x4tz',
  title: 'Two-sum',
  language: 'python',
  guest_role: 'editor',
  ephemeral: false,
  created_at: 0,
  run_where: null,
  password: false,
  lobby: false,
  locked: false,
  read_only: false,
  run_role: 'editor',
  expires_at: null,
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
