// The frames of tests/protocol/golden, which the server's tests read too: both ends speak the same bytes.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ClientEvent, ServerEvent } from './events'
import { decodeFrame, encodeFrame, type Frame } from './frames'

interface Golden {
  name: string
  direction: 'client' | 'server' | 'both'
  frame: string
  kind: Frame['kind']
  payload?: string
  reason?: string
  event?: ServerEvent | ClientEvent
}

const folder = new URL('../../../tests/protocol/golden/', import.meta.url)

const goldens = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Golden[])

const bytesOf = (hex = ''): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

function frameOf({ kind, payload, reason, event }: Golden): Frame {
  switch (kind) {
    case 'step-1':
      return { kind, vector: bytesOf(payload) }
    case 'step-2':
    case 'update':
    case 'awareness':
      return { kind, update: bytesOf(payload) }
    case 'denied':
      return { kind, reason: reason ?? '' }
    case 'query-awareness':
      return { kind }
    case 'event':
      if (!event) throw new Error('A golden event frame names its event.')
      return { kind, event }
  }
}

// the compiler wants every type here that events.ts knows, and the test one golden frame of each
const SAID: Record<ServerEvent['type'], true> = {
  welcome: true,
  saved: true,
  'member.joined': true,
  'member.left': true,
  'member.changed': true,
  'member.removed': true,
  'lobby.wait': true,
  'lobby.knock': true,
  'lobby.left': true,
  chat: true,
  'run.started': true,
  'run.output': true,
  'run.queued': true,
  'run.stage': true,
  'run.picture': true,
  'run.resized': true,
  'run.ended': true,
  'run.stop': true,
  'room.changed': true,
  'room.language': true,
  'room.storage': true,
  'room.reach': true,
  notice: true,
  'room.ending': true,
  'room.ending_cancelled': true,
  'room.erased': true,
  'room.ended': true,
  error: true,
}
const SENT: Record<ClientEvent['type'], true> = {
  chat: true,
  'run.start': true,
  'run.output': true,
  'run.end': true,
  'run.stop': true,
  'run.ask': true,
  'run.input': true,
  'run.input_end': true,
  'run.resize': true,
  'run.signal': true,
  'member.change': true,
}
const KINDS: Record<Frame['kind'], true> = {
  'step-1': true,
  'step-2': true,
  update: true,
  awareness: true,
  denied: true,
  'query-awareness': true,
  event: true,
}

const typesOf = (direction: Golden['direction']): (string | undefined)[] =>
  goldens.filter((golden) => golden.kind === 'event' && golden.direction === direction).map((golden) => golden.event?.type)

test('there is a golden frame of every kind, and of every event', () => {
  expect(new Set(goldens.map((golden) => golden.kind))).toEqual(new Set(Object.keys(KINDS)))
  expect(new Set(typesOf('server'))).toEqual(new Set(Object.keys(SAID)))
  expect(new Set(typesOf('client'))).toEqual(new Set(Object.keys(SENT)))
})

test.each(goldens.map((golden) => [golden.name, golden] as const))('%s', (_name, golden) => {
  const read = decodeFrame(bytesOf(golden.frame))
  expect(read).toEqual(frameOf(golden))
  // an event's JSON may be spaced or ordered otherwise; all else is byte for byte
  if (golden.kind === 'event') expect(decodeFrame(encodeFrame(frameOf(golden)))).toEqual(read)
  else expect(Buffer.from(encodeFrame(frameOf(golden))).toString('hex')).toBe(golden.frame)
})
