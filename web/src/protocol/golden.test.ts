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

test('there are golden frames', () => {
  expect(goldens.length).toBeGreaterThan(10)
})

test.each(goldens.map((golden) => [golden.name, golden] as const))('%s', (_name, golden) => {
  const read = decodeFrame(bytesOf(golden.frame))
  expect(read).toEqual(frameOf(golden))
  // an event's JSON may be spaced or ordered otherwise; all else is byte for byte
  if (golden.kind === 'event') expect(decodeFrame(encodeFrame(frameOf(golden)))).toEqual(read)
  else expect(Buffer.from(encodeFrame(frameOf(golden))).toString('hex')).toBe(golden.frame)
})
