// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { fileText } from './files'
import { RoomSync } from './room-sync'
import { FakeServer } from './testing/fake-server'

let server: FakeServer
let open: RoomSync[]

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  server = new FakeServer()
  open = []
})

afterEach(() => {
  open.forEach((sync) => sync.close())
  vi.useRealTimers()
})

/** Wait for the browser's storage (which fake-indexeddb works on with setImmediate), never for time to pass. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 2_000) throw new Error('It never happened.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function storageIdle(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

async function begin(keepOffline = false): Promise<RoomSync> {
  const before = server.opened.value
  const sync = new RoomSync({ roomId: 'k7f3-9q2m-x4tz', root: '/pad', keepOffline, openSocket: server.openSocket })
  open.push(sync)
  await until(() => server.opened.value > before)
  return sync
}

async function join(keepOffline = false): Promise<RoomSync> {
  const sync = await begin(keepOffline)
  server.deliverAll()
  return sync
}

const write = (sync: RoomSync, text: string, at = 0): void => fileText(sync.doc, 'main').insert(at, text)
const textOf = (sync: RoomSync): string => fileText(sync.doc, 'main').toString()

async function comeBack(): Promise<void> {
  for (let passed = 0; passed < 11_000; passed += 500) {
    await vi.advanceTimersByTimeAsync(500)
    server.deliverAll()
  }
}

describe('joining', () => {
  test('asks below the root, and says nothing before welcome', async () => {
    const sync = await begin()
    expect(server.urls).toEqual(['ws://localhost:3000/pad/sync/k7f3-9q2m-x4tz'])
    write(sync, 'early')
    expect(sync.send({ type: 'chat', text: 'hello' })).toBe(false)
    expect(sync.connection.value).toBe('connecting')
    server.deliverAll()
    expect(server.connections[0]?.heard.map(({ kind }) => kind)).toEqual(['step-1', 'step-2', 'awareness'])
    expect(server.text).toBe('early')
  })

  test('an edit between welcome and the server’s step 1 waits for the own step 2', async () => {
    const sync = await begin()
    server.accept()
    const [connection] = server.live()
    server.deliver(connection!, 'to-page')
    expect(sync.connection.value).toBe('connected')
    write(sync, 'between')
    server.deliverAll()
    expect(connection!.heard.map(({ kind }) => kind)).toEqual(['step-1', 'step-2', 'awareness'])
    expect(server.text).toBe('between')
  })

  test('is ready and synced with the server’s step 2', async () => {
    server.rebuild('print(1)')
    const sync = await join()
    await sync.ready
    expect(sync.synced.value).toBe(true)
    expect(textOf(sync)).toBe('print(1)')
    expect(sync.connection.value).toBe('connected')
    expect(sync.me.value?.name).toBe('Ada')
    expect(sync.language.value).toBe('python')
  })

  test('two pages converge, and the language belongs to both', async () => {
    const [ada, lin] = [await join(), await join()]
    write(ada, 'hello ')
    write(lin, 'world')
    server.deliverAll()
    expect(textOf(ada)).toBe(textOf(lin))
    ada.setLanguage('javascript', 'main.js')
    server.deliverAll()
    expect(lin.language.value).toBe('javascript')
  })
})

describe('saved', () => {
  test('is said only after the own step 2 was counted', async () => {
    const sync = await join()
    expect(sync.saving.value).toBe('saving')
    server.commit()
    server.deliverAll()
    expect(sync.saving.value).toBe('saved')
  })

  test('is taken back by an edit until that is counted', async () => {
    const sync = await join()
    server.commit()
    server.deliverAll()
    write(sync, 'a')
    expect(sync.saving.value).toBe('saving')
    server.deliverAll()
    expect(sync.saving.value).toBe('saving')
    server.commit()
    server.deliverAll()
    expect(sync.saving.value).toBe('saved')
  })

  test('counts anew with each connection', async () => {
    const sync = await join()
    for (let edit = 0; edit < 5; edit += 1) write(sync, 'x')
    server.deliverAll()
    server.commit()
    server.deliverAll()
    server.crash()
    await comeBack()
    expect(sync.saving.value).toBe('saving')
    server.say(server.live()[0]!, { type: 'saved', count: 0 })
    server.deliverAll()
    expect(sync.saving.value).toBe('saving')
    server.commit()
    server.deliverAll()
    expect(sync.saving.value).toBe('saved')
  })

  test('is not said while the journal cannot be written', async () => {
    const sync = await join()
    server.commit()
    server.say(server.live()[0]!, { type: 'room.storage', ok: false, message: 'The disk is full.' })
    server.deliverAll()
    expect([sync.saving.value, sync.storageMessage.value]).toEqual(['not-saved', 'The disk is full.'])
    server.say(server.live()[0]!, { type: 'room.storage', ok: true, message: '' })
    server.deliverAll()
    expect([sync.saving.value, sync.storageMessage.value]).toEqual(['saved', null])
  })

  test('people elsewhere who are not reached are told of until they are, and nothing is unsaved for it', async () => {
    const sync = await join()
    server.commit()
    server.say(server.live()[0]!, { type: 'room.reach', ok: false, message: 'Others are not reached.' })
    server.deliverAll()
    expect([sync.saving.value, sync.reachMessage.value]).toEqual(['saved', 'Others are not reached.'])
    server.say(server.live()[0]!, { type: 'room.reach', ok: true, message: '' })
    server.deliverAll()
    expect(sync.reachMessage.value).toBe(null)
  })

  test('offline, edits are not saved, and are sent on return', async () => {
    const sync = await join()
    server.commit()
    server.deliverAll()
    server.reachable = false
    server.crash()
    expect(sync.connection.value).toBe('connecting')
    expect(sync.saving.value).toBe('saved')
    write(sync, 'offline')
    expect(sync.saving.value).toBe('not-saved')
    await comeBack()
    expect(sync.connection.value).toBe('offline')
    server.reachable = true
    await comeBack()
    server.commit()
    server.deliverAll()
    expect([sync.connection.value, sync.saving.value, server.text]).toEqual(['connected', 'saved', 'offline'])
  })
})

describe('coming back', () => {
  test('at once when the network does', async () => {
    const sync = await join()
    server.reachable = false
    server.crash()
    await comeBack()
    server.reachable = true
    const before = server.opened.value
    window.dispatchEvent(new Event('online'))
    expect(server.opened.value).toBe(before + 1)
    server.deliverAll()
    expect(sync.connection.value).toBe('connected')
  })

  test('at once, though the server that stopped asked for a pause', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.99)
    const sync = await join()
    server.live()[0]!.socket.drop(1012)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(sync.connection.value).toBe('connecting')
    const before = server.opened.value
    window.dispatchEvent(new Event('online'))
    expect(server.opened.value).toBe(before + 1)
    server.deliverAll()
    expect(sync.connection.value).toBe('connected')
    vi.mocked(Math.random).mockRestore()
  })

  test('a device whose clock is set back still notices that nothing comes any more', async () => {
    const sync = await join()
    await vi.advanceTimersByTimeAsync(2_000)
    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(50_000)
    expect(sync.connection.value).not.toBe('connected')
  })

  test('pauses grow to ten seconds', async () => {
    server.reachable = false
    await begin()
    const tries: number[] = []
    const stop = server.opened.subscribe(() => tries.push(Date.now()))
    for (let second = 0; second < 120; second += 1) {
      server.accept()
      await vi.advanceTimersByTimeAsync(100 * 10)
    }
    stop()
    expect(tries.length).toBeGreaterThan(11)
    expect(tries.length).toBeLessThan(45)
  })

  test('a silent connection is asked, and left when it stays silent', async () => {
    const sync = await join()
    const asked = () => server.connections[0]!.socket.toServer.filter((bytes) => bytes[0] === 3).length
    await vi.advanceTimersByTimeAsync(31_000)
    expect(asked()).toBeGreaterThan(0)
    server.deliverAll()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(sync.connection.value).toBe('connected')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sync.connection.value).not.toBe('connected')
    server.deliverAll()
    expect(sync.connection.value).toBe('connected')
  })

  test('one’s own presence is announced with a higher clock, and others’ is forgotten meanwhile', async () => {
    const [ada, lin] = [await join(), await join()]
    server.deliverAll()
    expect([...ada.awareness.getStates().keys()]).toContain(lin.awareness.clientID)
    const clock = ada.awareness.meta.get(ada.awareness.clientID)!.clock
    server.crash()
    expect([...ada.awareness.getStates().keys()]).toEqual([ada.awareness.clientID])
    await comeBack()
    await comeBack()
    expect(ada.awareness.meta.get(ada.awareness.clientID)!.clock).toBeGreaterThan(clock)
    expect([...ada.awareness.getStates().keys()]).toContain(lin.awareness.clientID)
  })

  test('others are seen again where they were, though they did not move', async () => {
    const [ada, lin] = [await join(), await join()]
    server.deliverAll()
    server.live()[0]!.socket.drop()
    await comeBack()
    expect([...ada.awareness.getStates().keys()]).toContain(lin.awareness.clientID)
  })

  test('a frame that cannot be read costs the connection, not the text', async () => {
    const sync = await join()
    vi.spyOn(console, 'error').mockImplementationOnce(() => undefined)
    server.live()[0]!.socket.onmessage?.({ data: new Uint8Array([99, 1]).buffer })
    expect(sync.connection.value).toBe('connecting')
    write(sync, 'still here')
    await comeBack()
    expect(server.text).toBe('still here')
  })
})

describe('ending', () => {
  test.each([
    [4401, 'join-again'],
    [4403, 'refused'],
    [4404, 'unknown-room'],
    [4409, 'replaced'],
    [4410, 'ended'],
    [4413, 'too-large'],
    [4400, 'refused'],
    [4499, 'refused'],
  ])('%i ends as %s and is not tried again', async (code, kind) => {
    const sync = await join()
    server.commit()
    server.deliverAll()
    server.live()[0]!.socket.drop(code)
    expect(sync.ending.value).toMatchObject({ kind, unsent: null })
    const tries = server.opened.value
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.opened.value).toBe(tries)
  })

  test.each([1000, 1006, 1012, 4503, 4508, 4529])('%i is tried again', async (code) => {
    const sync = await join()
    server.live()[0]!.socket.drop(code)
    expect(sync.ending.value).toBeNull()
    await comeBack()
    expect(sync.connection.value).toBe('connected')
  })

  test('a full room says why, is tried again with pauses, and lets in who waits', async () => {
    server.refuseWith = 4503
    server.refusal = 'This room is full: 500 people are in it.'
    const sync = await begin()
    const before = server.opened.value
    await comeBack()
    expect([sync.awayMessage.value, sync.ending.value]).toEqual([server.refusal, null])
    expect(server.opened.value - before).toBeGreaterThan(2)
    expect(server.opened.value - before).toBeLessThan(12)
    server.refuseWith = null
    await comeBack()
    expect([sync.awayMessage.value, sync.connection.value]).toEqual([null, 'connected'])
  })

  test('hands out the text that was never said to be saved', async () => {
    const sync = await join()
    write(sync, 'not yet saved')
    server.live()[0]!.socket.drop(4410)
    expect(sync.ending.value).toMatchObject({ kind: 'ended', unsent: 'not yet saved' })
  })

  test('an edit larger than the server takes is not sent', async () => {
    server.messageBytes = 1000
    const sync = await join()
    write(sync, 'x'.repeat(2000))
    expect(sync.ending.value).toMatchObject({ kind: 'too-large', unsent: 'x'.repeat(2000) })
    expect(server.live()).toEqual([])
  })
})

describe('a place in the room', () => {
  const HOUR = 3_600_000
  let asked: number
  let answer: () => Promise<boolean>

  beforeEach(() => {
    asked = 0
    answer = async () => true
  })

  async function joinWithPlace(): Promise<RoomSync> {
    const renew = () => ((asked += 1), answer())
    const sync = new RoomSync({ roomId: 'k7f3-9q2m-x4tz', root: '', keepOffline: false, openSocket: server.openSocket, renew })
    open.push(sync)
    await until(() => server.opened.value > 0)
    server.deliverAll()
    return sync
  }

  /** Time passes, and the server answers what a quiet page asks. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10_000) {
      await vi.advanceTimersByTimeAsync(10_000)
      server.deliverAll()
    }
  }

  test('is renewed every hour while connected, and not after leaving', async () => {
    const sync = await joinWithPlace()
    expect(asked).toBe(0)
    await pass(3 * HOUR + 60_000)
    expect(asked).toBe(3)
    sync.close()
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    expect(asked).toBe(3)
  })

  test('is renewed on return from a long time away, not from a short one', async () => {
    const sync = await joinWithPlace()
    server.crash()
    await comeBack()
    expect([sync.connection.value, asked]).toEqual(['connected', 0])
    server.reachable = false
    server.crash()
    await pass(11 * 60_000)
    server.reachable = true
    await comeBack()
    expect([sync.connection.value, asked]).toEqual(['connected', 1])
  })

  test('that ran out is renewed once before it is given up', async () => {
    const sync = await joinWithPlace()
    server.live()[0]!.socket.drop(4401)
    await comeBack()
    expect([sync.connection.value, sync.ending.value, asked]).toEqual(['connected', null, 1])
    server.refuseWith = 4401
    server.live()[0]!.socket.drop(4401)
    await comeBack()
    expect([sync.ending.value?.kind, asked]).toEqual(['join-again', 2])
  })

  test('that the server does not know any more ends the stay', async () => {
    const sync = await joinWithPlace()
    answer = async () => false
    write(sync, 'unsent')
    server.live()[0]!.socket.drop(4401)
    await comeBack()
    expect(sync.ending.value).toMatchObject({ kind: 'join-again', unsent: 'unsent' })
  })

  test('is not given up while nobody can say, and not asked for in a rush', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const sync = await joinWithPlace()
    answer = async () => Promise.reject(new Error('No network.'))
    server.refuseWith = 4401
    server.live()[0]!.socket.drop(4401)
    await pass(60_000)
    expect(sync.ending.value).toBeNull()
    expect(asked).toBeLessThan(16)
    server.refuseWith = null
    await comeBack()
    expect(sync.connection.value).toBe('connected')
  })
})

describe('a document that was rebuilt', () => {
  test('replaces the page’s, and unsaved text is rescued', async () => {
    const sync = await join()
    write(sync, 'unsaved')
    const before = sync.doc
    server.rebuild('rebuilt')
    await comeBack()
    expect(textOf(sync)).toBe('rebuilt')
    expect(server.text).toBe('rebuilt')
    expect(sync.rescued.value).toBe('unsaved')
    expect(sync.generation.value).toBe(1)
    expect(sync.doc).not.toBe(before)
    sync.dropRescued()
    expect(sync.rescued.value).toBeNull()
  })

  test('asks for nothing to be rescued when all was saved', async () => {
    const sync = await join()
    write(sync, 'saved')
    server.deliverAll()
    server.commit()
    server.deliverAll()
    server.rebuild('rebuilt')
    await comeBack()
    expect([textOf(sync), sync.rescued.value]).toEqual(['rebuilt', null])
  })
})

describe('edits that the server refuses', () => {
  test('are kept as text, and the document is the server’s again', async () => {
    const sync = await join()
    write(sync, 'ours')
    server.deliverAll()
    server.live()[0]!.member.role = 'viewer'
    write(sync, 'refused ')
    write(sync, 'twice ')
    server.deliverAll()
    expect(textOf(sync)).toBe('ours')
    expect(sync.rescued.value).toBe('twice refused ours')
    expect(sync.connection.value).toBe('connected')
    server.commit()
    server.deliverAll()
    expect(sync.saving.value).toBe('saved')
  })

  test('written offline before a demotion are rescued on return', async () => {
    const sync = await join()
    server.crash()
    server.role = 'viewer'
    write(sync, 'written offline')
    await comeBack()
    expect([textOf(sync), sync.rescued.value, server.text]).toEqual(['', 'written offline', ''])
  })

  test('others see one’s presence under one id', async () => {
    const [ada, lin] = [await join(), await join()]
    server.live()[0]!.member.role = 'viewer'
    write(ada, 'refused')
    server.deliverAll()
    expect([...lin.awareness.getStates().keys()].sort()).toEqual([ada.awareness.clientID, lin.awareness.clientID].sort())
  })
})

describe('the copy in this browser', () => {
  test('survives a reload without network, unsaved edits included', async () => {
    const first = await join(true)
    write(first, 'kept')
    server.deliverAll()
    server.reachable = false
    server.crash()
    write(first, 'offline ')
    await storageIdle()
    first.close()
    const second = await begin(true)
    await second.ready
    expect(textOf(second)).toBe('offline kept')
    expect(second.saving.value).toBe('not-saved')
    server.reachable = true
    await comeBack()
    server.commit()
    server.deliverAll()
    expect([server.text, second.saving.value]).toEqual(['offline kept', 'saved'])
  })

  test('of another epoch is rescued, deleted and never merged', async () => {
    const first = await join(true)
    write(first, 'unsaved')
    await storageIdle()
    first.close()
    server.rebuild('rebuilt')
    const second = await join(true)
    expect([textOf(second), second.rescued.value]).toEqual(['rebuilt', 'unsaved'])
    await storageIdle()
    second.close()
    const third = await join(true)
    expect([textOf(third), third.rescued.value]).toEqual(['rebuilt', 'unsaved'])
    third.dropRescued()
    await storageIdle()
    third.close()
    const fourth = await join(true)
    expect([textOf(fourth), fourth.rescued.value]).toEqual(['rebuilt', null])
  })

  test('from which something was erased is rescued without it', async () => {
    const [first, other] = [await join(true), await join()]
    write(first, 'key=secret;')
    server.deliverAll()
    server.commit()
    server.deliverAll()
    server.reachable = false
    server.crash()
    write(first, 'unsent ')
    await storageIdle()
    first.close()
    server.reachable = true
    server.erase('secret')
    other.close()
    const second = await join(true)
    expect([textOf(second), second.rescued.value]).toEqual(['key=;', 'unsent key=;'])
    await storageIdle()
    second.close()
    const third = await join(true)
    expect([textOf(third), third.rescued.value, server.text]).toEqual(['key=;', 'unsent key=;', 'key=;'])
  })

  test('from which something was erased holds nothing back where all was sent', async () => {
    const first = await join(true)
    write(first, 'key=secret;')
    server.deliverAll()
    server.commit()
    const { doc } = first
    server.erase('secret')
    await comeBack()
    server.deliverAll()
    expect([textOf(first), first.rescued.value, first.doc === doc]).toEqual(['key=;', null, false])
    await storageIdle()
    first.close()
    const second = await begin(true)
    await second.ready
    expect(new TextDecoder().decode(Y.encodeStateAsUpdate(second.doc))).not.toContain('secret')
  })

  test('is kept when the room has ended, until it is forgotten', async () => {
    const first = await join(true)
    write(first, 'unsent')
    await storageIdle()
    server.live()[0]!.socket.drop(4410)
    expect(first.ending.value?.unsent).toBe('unsent')
    first.close()
    server.refuseWith = 4410
    const second = await join(true)
    expect(second.ending.value?.unsent).toBe('unsent')
    await second.forget()
    second.close()
    const third = await join(true)
    expect(third.ending.value?.unsent).toBeNull()
    expect(textOf(third)).toBe('')
  })

  test('tells saved from unsaved edits of two tabs', async () => {
    const [one, two] = [await join(true), await join(true)]
    write(one, 'one ')
    write(two, 'two ')
    server.deliverAll()
    server.commit()
    server.deliverAll()
    await storageIdle()
    write(one, 'unsaved ')
    await storageIdle()
    two.close()
    one.close()
    const third = await begin(true)
    await third.ready
    expect(third.saving.value).toBe('not-saved')
    server.deliverAll()
    server.commit()
    server.deliverAll()
    await storageIdle()
    third.close()
    const fourth = await begin(true)
    await fourth.ready
    expect(fourth.saving.value).toBe('saved')
    expect(textOf(fourth)).toBe(server.text)
  })

  test('may fail: the room goes on', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    vi.spyOn(globalThis.indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no storage here', 'SecurityError')
    })
    const sync = await join(true)
    write(sync, 'text')
    server.deliverAll()
    expect([server.text, sync.keptOffline.value]).toEqual(['text', false])
  })
})

test('a listener that fails costs nobody the connection', async () => {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  const sync = await begin()
  sync.on(() => {
    throw new Error('a panel failed')
  })
  const heard: string[] = []
  const off = sync.on((event) => heard.push(event.type))
  server.deliverAll()
  off()
  server.commit()
  server.deliverAll()
  expect(heard).toEqual(['welcome'])
  expect(reported).toHaveBeenCalled()
  expect(sync.connection.value).toBe('connected')
  vi.unstubAllGlobals()
})
