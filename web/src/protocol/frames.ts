// Frames <-> bytes: y-protocols' messages 0 to 3 and our type 16. Pure; sync/ calls it, docs/protocol.md describes it.
// A frame that cannot be read throws `FrameError`; what a sync update holds is for Yjs to judge.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { ClientEvent, ServerEvent } from './events'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const QUERY_AWARENESS = 3
const EVENT = 16

const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
const PERMISSION_DENIED = 0

export type Frame =
  | { kind: 'step-1'; vector: Uint8Array }
  | { kind: 'step-2'; update: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'awareness'; update: Uint8Array }
  | { kind: 'denied'; reason: string }
  | { kind: 'query-awareness' }
  | { kind: 'event'; event: ServerEvent | ClientEvent }

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder()
  switch (frame.kind) {
    case 'step-1':
      writeSync(encoder, STEP_1, frame.vector)
      break
    case 'step-2':
      writeSync(encoder, STEP_2, frame.update)
      break
    case 'update':
      writeSync(encoder, UPDATE, frame.update)
      break
    case 'awareness':
      encoding.writeVarUint(encoder, AWARENESS)
      encoding.writeVarUint8Array(encoder, frame.update)
      break
    case 'denied':
      encoding.writeVarUint(encoder, AUTH)
      encoding.writeVarUint(encoder, PERMISSION_DENIED)
      encoding.writeVarString(encoder, frame.reason)
      break
    case 'query-awareness':
      encoding.writeVarUint(encoder, QUERY_AWARENESS)
      break
    case 'event':
      encoding.writeVarUint(encoder, EVENT)
      encoding.writeVarString(encoder, JSON.stringify(frame.event))
  }
  return encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>
}

function writeSync(encoder: encoding.Encoder, step: number, payload: Uint8Array): void {
  encoding.writeVarUint(encoder, SYNC)
  encoding.writeVarUint(encoder, step)
  encoding.writeVarUint8Array(encoder, payload)
}

export function decodeFrame(bytes: Uint8Array): Frame {
  const decoder = decoding.createDecoder(bytes)
  try {
    const frame = readFrame(decoder)
    if (decoding.hasContent(decoder)) throw new FrameError('This frame has bytes left over.')
    return frame
  } catch (error) {
    if (error instanceof FrameError) throw error
    throw new FrameError('This frame cannot be read.', { cause: error })
  }
}

function readFrame(decoder: decoding.Decoder): Frame {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case SYNC:
      return readSync(decoder)
    case AWARENESS:
      return { kind: 'awareness', update: decoding.readVarUint8Array(decoder) }
    case AUTH:
      if (decoding.readVarUint(decoder) !== PERMISSION_DENIED) throw new FrameError('Unknown kind of auth message.')
      return { kind: 'denied', reason: decoding.readVarString(decoder) }
    case QUERY_AWARENESS:
      return { kind: 'query-awareness' }
    case EVENT:
      return { kind: 'event', event: readEvent(decoding.readVarString(decoder)) }
    default:
      throw new FrameError(`There is no message of type ${type}.`)
  }
}

function readSync(decoder: decoding.Decoder): Frame {
  const step = decoding.readVarUint(decoder)
  const payload = decoding.readVarUint8Array(decoder)
  switch (step) {
    case STEP_1:
      return { kind: 'step-1', vector: payload }
    case STEP_2:
      return { kind: 'step-2', update: payload }
    case UPDATE:
      return { kind: 'update', update: payload }
    default:
      throw new FrameError(`There is no sync message of kind ${step}.`)
  }
}

function readEvent(json: string): ServerEvent | ClientEvent {
  const event: unknown = JSON.parse(json)
  if (typeof event !== 'object' || event === null || !('type' in event) || typeof event.type !== 'string') {
    throw new FrameError('An event is an object with a type.')
  }
  return event as ServerEvent | ClientEvent
}
