import { describe, expect, test } from 'vitest'
import { mayComeBack } from './close-codes'
import type { ServerEvent } from './events'
import { decodeFrame, encodeFrame, FrameError, type Frame } from './frames'

const saved: ServerEvent = { type: 'saved', count: 7 }

const frames: [Frame, number[]][] = [
  [{ kind: 'step-1', vector: new Uint8Array([0]) }, [0, 0, 1, 0]],
  [{ kind: 'step-2', update: new Uint8Array([0, 0]) }, [0, 1, 2, 0, 0]],
  [{ kind: 'update', update: new Uint8Array([1, 2, 3]) }, [0, 2, 3, 1, 2, 3]],
  [{ kind: 'awareness', update: new Uint8Array([0]) }, [1, 1, 0]],
  [{ kind: 'denied', reason: 'no' }, [2, 0, 2, 110, 111]],
  [{ kind: 'query-awareness' }, [3]],
  [{ kind: 'event', event: saved }, [16, 26, ...new TextEncoder().encode('{"type":"saved","count":7}')]],
]

test.each(frames)('%o is these bytes', (frame, bytes) => {
  expect([...encodeFrame(frame)]).toEqual(bytes)
  expect(decodeFrame(new Uint8Array(bytes))).toEqual(frame)
})

describe('what is no frame', () => {
  test.each([
    ['nothing', []],
    ['an unknown type', [9]],
    ['an unknown sync message', [0, 9, 0]],
    ['an unknown auth message', [2, 1, 0]],
    ['a payload that ends early', [0, 2, 9, 1]],
    ['bytes left over', [3, 0]],
    ['an event that is no JSON', [16, 1, 123]],
    ['an event that is no object', [16, 4, 110, 117, 108, 108]],
    ['an event without a type', [16, 2, 123, 125]],
    ['a number that does not end', Array<number>(12).fill(255)],
  ])('%s', (_name, bytes) => {
    expect(() => decodeFrame(new Uint8Array(bytes))).toThrow(FrameError)
  })
})

test.each([
  [1000, true],
  [1006, true],
  [1012, true],
  [4399, true],
  [4400, false],
  [4410, false],
  [4499, false],
  [4500, true],
  [4503, true],
])('after %i a client may come back: %s', (code, may) => {
  expect(mayComeBack(code)).toBe(may)
})
