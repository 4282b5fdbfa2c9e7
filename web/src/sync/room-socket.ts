// The WebSocket of a room: opens it, notices when it is dead, comes back after a jittered pause, decodes frames.
// RoomSync owns one and decides what frames mean; this file knows nothing of documents.
//
//   idle --start--> opening --open--> open --lost--> waiting --pause or wake--> opening ...
//                                      any --close code 4400..4499--> ended;  any --close()--> ended --resume--> waiting
//
// Invariant: at most one socket is alive; what an abandoned one still says is not heard.
import { CloseCode, mayComeBack } from '../protocol/close-codes'
import { decodeFrame, encodeFrame, type Frame } from '../protocol/frames'
import { BackOff } from './back-off'
import { steadyMs } from './steady-clock'

export const SUBPROTOCOL = 'fourhands.v1'

/** A connection that lived this long starts the pauses anew; one that is thrown out at once does not. */
const STEADY_MS = 5_000
const OPENING_MS = 10_000
/** After this long without a message the server is asked for presence, which it always answers. */
const QUIET_MS = 30_000
const PATIENCE_MS = 15_000
const PATIENCE_AFTER_WAKING_MS = 4_000
const LOOK_EVERY_MS = 1_000

export interface SocketListener {
  frame(frame: Frame): void
  /**
   * The connection is gone and will be tried again; `failed`: it never opened, or the browser says there is no network;
   * `message`: why the server cannot have this page now, for people.
   */
  lost(failed: boolean, message: string | null): void
  /** The server closed with a code that means "do not come back"; `reason`: why, for people; may be empty. */
  refused(code: number, reason: string): void
}

export type OpenSocket = (url: string, subprotocol: string) => WebSocket

export class RoomSocket {
  readonly #url: string
  readonly #listener: SocketListener
  readonly #openSocket: OpenSocket
  #socket: WebSocket | null = null
  #opened = false
  #openedAt = 0
  #heardAt = 0
  #deadline: number | null = null
  readonly #backOff = new BackOff()
  #retry: ReturnType<typeof setTimeout> | null = null
  #watch: ReturnType<typeof setInterval> | null = null

  constructor(url: string, listener: SocketListener, openSocket: OpenSocket = (to, protocol) => new WebSocket(to, protocol)) {
    this.#url = url
    this.#listener = listener
    this.#openSocket = openSocket
  }

  start(): void {
    this.#listen()
    this.#open()
  }

  /** Take a refusal back: try again after the pause that a lost connection would have had. */
  resume(): void {
    this.#listen()
    this.#openLater()
  }

  #listen(): void {
    addEventListener('online', this.wake)
    addEventListener('pageshow', this.wake)
    addEventListener('offline', this.#networkGone)
    document.addEventListener('visibilitychange', this.#shown)
  }

  /** False: there is no open connection, and nothing is queued. */
  send(frame: Frame): boolean {
    if (!this.#opened || this.#socket === null) return false
    this.#socket.send(encodeFrame(frame))
    return true
  }

  /** Something suggests that the network changed: try again at once, or make sure that the connection still lives. */
  readonly wake = (): void => {
    if (this.#retry !== null) {
      this.#open()
    } else if (this.#opened) {
      this.#ask(PATIENCE_AFTER_WAKING_MS)
    }
  }

  close(): void {
    removeEventListener('online', this.wake)
    removeEventListener('pageshow', this.wake)
    removeEventListener('offline', this.#networkGone)
    document.removeEventListener('visibilitychange', this.#shown)
    this.#abandon()
  }

  readonly #shown = (): void => {
    if (document.visibilityState === 'visible') this.wake()
  }

  readonly #networkGone = (): void => {
    if (this.#socket !== null) this.#lose(true)
  }

  #open(): void {
    this.#abandon()
    const socket = this.#openSocket(this.#url, SUBPROTOCOL)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    this.#deadline = steadyMs() + OPENING_MS
    this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS)
    socket.onopen = () => {
      this.#opened = true
      this.#openedAt = this.#heardAt = steadyMs()
      this.#deadline = this.#openedAt + OPENING_MS // for the first message, the welcome
    }
    socket.onmessage = (message: MessageEvent<ArrayBuffer>) => this.#hear(socket, message.data)
    socket.onclose = ({ code, reason }) => {
      if (socket !== this.#socket) return
      if (mayComeBack(code)) {
        this.#lose(!this.#opened, code === CloseCode.unavailable && reason !== '' ? reason : null, code === CloseCode.restart)
      } else {
        this.#backOff.lost(this.#wasSteady(), false)
        this.close()
        this.#listener.refused(code, reason)
      }
    }
  }

  #hear(socket: WebSocket, data: ArrayBuffer): void {
    if (socket !== this.#socket) return
    this.#heardAt = steadyMs()
    this.#deadline = null
    try {
      this.#listener.frame(decodeFrame(new Uint8Array(data)))
    } catch (error) {
      console.error('A frame from the server could not be used; connecting again.', error)
      if (socket === this.#socket) this.#lose(false)
    }
  }

  #look(): void {
    const now = steadyMs()
    if (this.#deadline !== null) {
      if (now >= this.#deadline) this.#lose(!this.#opened)
    } else if (this.#opened && now - this.#heardAt >= QUIET_MS) {
      this.#ask(PATIENCE_MS)
    }
  }

  #ask(patienceMs: number): void {
    const deadline = steadyMs() + patienceMs
    this.#deadline = this.#deadline === null ? deadline : Math.min(this.#deadline, deadline)
    this.send({ kind: 'query-awareness' })
  }

  #lose(failed: boolean, message: string | null = null, restart = false): void {
    this.#backOff.lost(this.#wasSteady(), restart)
    this.#abandon()
    this.#openLater()
    this.#listener.lost(failed, message)
  }

  #wasSteady(): boolean {
    return this.#opened && steadyMs() - this.#openedAt >= STEADY_MS
  }

  #openLater(): void {
    this.#retry = setTimeout(() => this.#open(), this.#backOff.pauseMs())
  }

  /** Forget the socket and every timer; safe to call in any state. */
  #abandon(): void {
    if (this.#retry !== null) clearTimeout(this.#retry)
    if (this.#watch !== null) clearInterval(this.#watch)
    this.#retry = null
    this.#watch = null
    this.#deadline = null
    this.#opened = false
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }
}
