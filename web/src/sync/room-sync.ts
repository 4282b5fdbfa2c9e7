// One room in one page: its document, kept in step with the server and in this browser. Panels, editor and runs read
// its signals; `main` makes it and closes it. It never merges documents of two epochs and never says "saved" early.
//   loading --local copy read--> connecting --welcome--> connected --lost--> connecting | offline --welcome--> ...
//                                 any --close code 4400..4499--> ending (for good)
//
// Invariant: nothing is sent before `welcome`; updates only after this connection's own step 2. Text that the server
// refused, or never said it had, is handed out (`rescued`, `ending.unsent`) before the document that held it is dropped.
import { computed, signal, type ReadonlySignal } from '@preact/signals-core'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { CloseCode } from '../protocol/close-codes'
import type { ClientEvent, Limits, Member, Room, ServerEvent } from '../protocol/events'
import type { Frame } from '../protocol/frames'
import { endingOf, type Ending } from './ending'
import { languageOf, MAIN_FILE, mainText, setFileLanguage } from './files'
import { LocalCopy } from './local-copy'
import { Presence } from './presence'
import { type Renew, Renewal } from './renewal'
import { RoomSocket, type OpenSocket } from './room-socket'
import { Rescue } from './rescue'
import { RoomState } from './room-state'
import { SaveCount } from './save-count'
import { type Saving, savingOf } from './saving'
import { unsentText } from './unsent'

export type { Ending } from './ending'
export type { Saving } from './saving'
/** The origin of what was read from the local copy. */
const LOADED = Symbol('loaded')
/** Two type bytes and a length before an update. */
const FRAME_HEAD_BYTES = 12

export type Connection = 'connecting' | 'connected' | 'offline'

export interface RoomSyncOptions {
  roomId: string
  root: string
  /** Whether to keep the text in this browser; default true. */
  keepOffline?: boolean
  /** Asks the server to lengthen this page's place in the room; without it the place just runs out. */
  renew?: Renew
  openSocket?: OpenSocket
}

/** A document and who is where in it; replaced as a whole when it must not be merged with the server's. */
interface Replica {
  doc: Y.Doc
  presence: Presence
}

export class RoomSync {
  readonly #state = new RoomState()
  readonly #rescue = new Rescue()
  readonly #generation = signal(0)
  readonly #connection = signal<Connection>('connecting')
  readonly #saving = signal<Saving>('saving')
  readonly #ending = signal<Ending | null>(null)
  readonly #synced = signal(false)
  readonly #fileLanguage = signal<string | null>(null)

  /** Rises when `doc` and `awareness` were replaced: whoever holds on to them binds anew. */
  readonly generation: ReadonlySignal<number> = this.#generation
  readonly connection: ReadonlySignal<Connection> = this.#connection
  readonly saving: ReadonlySignal<Saving> = this.#saving
  readonly ending: ReadonlySignal<Ending | null> = this.#ending
  readonly rescued: ReadonlySignal<string | null> = this.#rescue.offered
  readonly synced: ReadonlySignal<boolean> = this.#synced
  readonly language: ReadonlySignal<string> = computed(() => this.#fileLanguage.value ?? this.#state.room.value?.language ?? '')
  readonly ready: Promise<void>
  readonly door: Pick<RoomState, 'waiting' | 'lobby'> = this.#state
  readonly me: ReadonlySignal<Member | null> = this.#state.me
  readonly members: ReadonlySignal<Member[]> = this.#state.members
  readonly room: ReadonlySignal<Room | null> = this.#state.room
  readonly limits: ReadonlySignal<Limits | null> = this.#state.limits
  readonly storageMessage: ReadonlySignal<string | null> = this.#state.storageMessage
  readonly reachMessage: ReadonlySignal<string | null> = this.#state.reachMessage
  /** Why the server cannot have this page for now (a full room, say); null while nothing is said of it. */
  readonly awayMessage: ReadonlySignal<string | null> = this.#state.awayMessage

  readonly #socket: RoomSocket
  readonly #copy: LocalCopy | null
  readonly #renewal: Renewal | null
  readonly #listeners = new Set<(event: ServerEvent) => void>()
  #replica: Replica
  #epoch: string | null = null
  #welcomed = false
  #count = new SaveCount()
  /** Edits were made here that the server never said were saved. */
  #unsaved = false
  #nowReady: () => void = () => undefined
  #closed = false

  constructor({ roomId, root, keepOffline = true, renew, openSocket }: RoomSyncOptions) {
    this.ready = new Promise((resolve) => (this.#nowReady = resolve))
    this.#copy = keepOffline ? new LocalCopy(root, roomId) : null
    this.#renewal = renew ? new Renewal(renew) : null
    const url = new URL(`${root}/sync/${roomId}`, location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    url.hash = ''
    this.#socket = new RoomSocket(
      url.href,
      {
        frame: (frame) => this.#receive(frame),
        lost: (failed, message) => this.#lost(failed, message),
        refused: (code, reason) => void this.#turnedAway(code, reason),
      },
      openSocket,
    )
    this.#replica = this.#newReplica()
    void this.#begin()
  }

  get doc(): Y.Doc {
    return this.#replica.doc
  }

  get awareness(): Awareness {
    return this.#replica.presence.awareness
  }

  /** Whether this browser keeps the text, so that it survives a reload without network. */
  get keptOffline(): ReadonlySignal<boolean> {
    return this.#copy?.working ?? signal(false)
  }

  setLanguage(id: string, fileName: string): void {
    setFileLanguage(this.doc, MAIN_FILE, id, fileName)
  }

  /** Hear every event of the server, `welcome` included. Returns what ends it. */
  on(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** False: not connected, and nothing is queued. */
  send(event: ClientEvent): boolean {
    return this.#welcomed && this.#socket.send({ kind: 'event', event })
  }

  /** The person asks to save: everything is sent as it is typed, so all there is to do is to try the network at once. */
  flushNow(): void {
    if (this.#ending.value === null) this.#socket.wake()
  }

  /** The person took the rescued text, or does not want it. */
  dropRescued(): void {
    this.#rescue.offer(null)
    void this.#copy?.setRescued(null)
  }

  /** Delete what this browser keeps of the room, after the person took the unsent text or does not want it. */
  async forget(): Promise<void> {
    this.#unsaved = false
    await this.#copy?.forget()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#replica.presence.leave()
    this.#socket.close()
    this.#renewal?.lost()
    this.#replica.doc.destroy()
    void this.#copy?.close()
  }

  async #begin(): Promise<void> {
    const kept = (await this.#copy?.load()) ?? null
    if (this.#closed) return
    if (kept) {
      this.#epoch = kept.epoch
      this.#unsaved = kept.unsaved
      this.#rescue.offer(kept.rescued)
      this.doc.transact(() => kept.updates.forEach((update) => Y.applyUpdate(this.doc, update, LOADED)), LOADED)
      if (kept.updates.length > 0) this.#nowReady()
    }
    this.#settle()
    this.#socket.start()
  }

  #newReplica(): Replica {
    const doc = new Y.Doc()
    doc.on('update', (update: Uint8Array, origin: unknown) => this.#changed(doc, update, origin))
    doc.getMap('files').observeDeep(() => (this.#fileLanguage.value = languageOf(doc, MAIN_FILE)))
    const presence = new Presence(doc, (update) => this.#socket.send({ kind: 'awareness', update }))
    return { doc, presence }
  }

  /** The document changed: by the server (origin: this), from the local copy, or else by the person. */
  #changed(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
    if (doc !== this.doc || origin === LOADED) return
    const own = origin !== this
    this.#copy?.keep(update, own)
    if (!own) return
    this.#unsaved = true
    if (this.#welcomed && this.#count.greeted) this.#sendEdits({ kind: 'update', update })
    this.#settle()
  }

  #receive(frame: Frame): void {
    if (frame.kind === 'event') return this.#hear(frame.event as ServerEvent)
    if (!this.#welcomed) throw new Error('The server spoke before it said welcome.')
    switch (frame.kind) {
      case 'step-1':
        return this.#answer(frame.vector)
      case 'step-2':
        Y.applyUpdate(this.doc, frame.update, this)
        return this.#caughtUpWithServer(frame.update)
      case 'update':
        return Y.applyUpdate(this.doc, frame.update, this)
      case 'awareness':
        return this.#replica.presence.receive(frame.update)
      case 'query-awareness':
        return this.#replica.presence.announce()
      case 'denied': // an `error` event with the number of what was refused comes with it
    }
  }

  #answer(vector: Uint8Array): void {
    const first = !this.#count.greeted
    this.#sendEdits({ kind: 'step-2', update: Y.encodeStateAsUpdate(this.doc, vector) })
    if (first) this.#announce()
    this.#settle()
  }

  #announce(): void {
    const me = this.#state.me.value
    if (me) this.#replica.presence.welcome(me)
  }

  #sendEdits(frame: Extract<Frame, { kind: 'step-2' | 'update' }>): void {
    const most = this.#state.limits.value?.message_bytes ?? Infinity
    if (frame.update.byteLength + FRAME_HEAD_BYTES > most) {
      this.#socket.close()
      this.#end(CloseCode.tooLarge) // the server would close too, and each new try would end the same way
    } else if (this.#socket.send(frame)) {
      if (frame.kind === 'step-2') this.#count.sentStep2()
      else this.#count.sentUpdate()
    }
  }

  #hear(event: ServerEvent): void {
    this.#state.take(event)
    if (event.type === 'welcome') this.#welcome(event.epoch)
    else if (event.type === 'saved') this.#count.saved(event.count)
    else if (event.type === 'error' && event.sync !== null) this.#refused(event.sync)
    this.#settle()
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        reportError(error) // a panel's fault is no reason to drop the connection
      }
    }
  }

  #welcome(epoch: string): void {
    if (this.#epoch !== null && this.#epoch !== epoch) {
      if (this.#unsaved) this.#rescue.hold(this.doc)
      this.#rescue.epochChanged(this.#epoch, epoch, this.doc)
      this.#replaceReplica()
    }
    this.#epoch = epoch
    void this.#copy?.adopt(epoch, this.#rescue.all)
    this.#welcomed = true
    this.#count = new SaveCount()
    this.#connection.value = 'connected'
    this.#renewal?.welcomed()
    this.#socket.send({ kind: 'step-1', vector: Y.encodeStateVector(this.doc) })
  }

  /** The server did not take an edit: what stands here is held back as text, and its document fetched anew. */
  #refused(number: number): void {
    if (!this.#count.isOfThisDocument(number)) return
    this.#rescue.hold(this.doc)
    this.#replaceReplica()
    this.#count.documentReplaced()
    void this.#copy?.restart(this.#rescue.all)
    this.#socket.send({ kind: 'step-1', vector: Y.encodeStateVector(this.doc) })
    this.#announce()
  }

  #replaceReplica(): void {
    const old = this.#replica
    this.#replica = this.#newReplica()
    this.#fileLanguage.value = null
    this.#unsaved = false
    this.#generation.value += 1
    old.presence.leave()
    old.doc.destroy()
  }

  #caughtUpWithServer(state: Uint8Array): void {
    this.#synced.value = true
    if (this.#rescue.settle(state, mainText(this.doc))) void this.#copy?.setRescued(this.#rescue.offered.value)
    this.#nowReady()
  }

  #lost(failed: boolean, message: string | null = null): void {
    this.#welcomed = false
    this.#count = new SaveCount()
    this.#state.lost(message)
    this.#renewal?.lost()
    this.#replica.presence.lost()
    if (failed || this.#connection.value === 'offline') this.#connection.value = 'offline'
    else this.#connection.value = 'connecting'
    this.#settle()
  }

  /** The server says not to come back; a place that only ran out is renewed first, if it can be. */
  async #turnedAway(code: number, reason: string): Promise<void> {
    if (code !== CloseCode.unauthenticated || this.#renewal === null) return this.#end(code, reason)
    this.#lost(false)
    const again = await this.#renewal.mayComeBack()
    if (this.#closed) return
    if (again) this.#socket.resume()
    else this.#end(code)
  }

  #end(code: number, reason = ''): void {
    this.#lost(true)
    const unsent = this.#unsaved ? unsentText(this.doc) : null
    this.#ending.value = endingOf(code, this.#rescue.heldWith(unsent), reason)
  }

  /** Work out what may be said of saving; clears `unsaved` once the server has said that it holds all. */
  #settle(): void {
    if (this.#welcomed && this.#count.caughtUp && this.#unsaved) {
      this.#unsaved = false
      void this.#copy?.markSaved()
    }
    this.#saving.value = savingOf({
      welcomed: this.#welcomed,
      caughtUp: this.#count.caughtUp,
      storageAway: this.#state.storageMessage.value !== null,
      unsaved: this.#unsaved,
      known: this.#epoch !== null,
    })
  }
}
