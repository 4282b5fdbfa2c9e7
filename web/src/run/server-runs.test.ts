// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LanguageInfo } from '../protocol/languages'
import { RunLog } from './run-log'
import { ada, FakeRoom, runOf } from './testing/fake-room'
import { FakeRunner } from './testing/fake-runner'

const server = { name: 'CPython', version: '3.11.2', libraries: [], compiled: false, repl: true }
const python: LanguageInfo = { id: 'python', name: 'Python', extension: 'py', mode: 'Python', aliases: [], runtime: 'python', where: ['browser', 'server'], server, why: '', sample: '' }
const program = { language: python, fileName: 'main.py', terminal: null, repl: false }
const ended = { type: 'run.ended', status: 'ok', code: 0, ms: 41, truncated: false, signal: null, cpu_ms: 20, memory_bytes: 9_000_000, message: null, unkept: false } as const

let room: FakeRoom
let log: RunLog
let runners: FakeRunner[]
const last = () => log.runs.value.at(-1) as NonNullable<ReturnType<typeof log.runs.value.at>>
const told = (id: string, more = {}) => runOf(id, { where: 'server', member: ada.id, name: ada.name, status: 'queued', ...more })

beforeEach(() => {
  room = new FakeRoom()
  runners = []
  const makeRunner = (options: ConstructorParameters<typeof FakeRunner>[0]) => {
    const made = new FakeRunner(options)
    runners.push(made)
    return made
  }
  log = new RunLog({ sync: room, root: '', frames: document.body, makeRunner })
})
afterEach(() => log.close())

describe('a run on the server', () => {
  it('is asked for, stands there at once, and follows what the server says', () => {
    expect(log.startOnServer(program)).toBe(true)
    const [ask] = room.sentOf('run.ask')
    const id = ask?.run ?? ''
    expect(ask).toMatchObject({ terminal: null, repl: false })
    expect(last().run).toMatchObject({ id, status: 'queued', position: null, where: 'server', file: 'main.py' })
    room.say({ type: 'run.started', run: told(id) })
    room.say({ type: 'run.queued', run: id, position: 2 })
    expect(last().run).toMatchObject({ status: 'queued', position: 2 })
    room.say({ type: 'run.stage', run: id, stage: 'compile' })
    expect(last().run).toMatchObject({ status: 'running', position: null, stage: 'compile' })
    room.say({ type: 'run.output', run: id, stream: 'stdout', text: 'hello\n' })
    room.say({ type: 'run.picture', run: id, media_type: 'image/png', data: 'iVBORw0KGgo=' })
    expect(log.active.value?.run.id).toBe(id)
    room.say({ ...ended, run: id })
    expect(last().run).toMatchObject({ status: 'ok', ms: 41, memory_bytes: 9_000_000, output: [['stdout', 'hello\n']], pictures: [{ data: 'iVBORw0KGgo=' }] })
    expect(log.runs.value).toHaveLength(1)
    expect(log.active.value).toBeNull()
  })

  it('is not asked for without a connection', () => {
    room.connected = false
    expect(log.startOnServer(program)).toBe(false)
    expect(log.runs.value).toEqual([])
  })

  it('that was refused says why and when again, until one asks anew', () => {
    log.startOnServer(program)
    const refusal = { type: 'error', code: 'limit_exceeded', message: 'Wait 12 seconds.', sync: null, ref: last().run.id, retry_after: 12 } as const
    room.say(refusal)
    expect(last()).toMatchObject({ run: { status: 'busy' }, note: 'Wait 12 seconds.', local: true })
    expect((last().retryAt ?? 0) - Date.now()).toBeGreaterThan(11_000)
    log.startOnServer(program)
    expect(log.runs.value).toHaveLength(1)
    room.say({ ...refusal, ref: last().run.id, code: 'unavailable', retry_after: null })
    expect(last()).toMatchObject({ run: { status: 'unavailable' }, retryAt: null })
  })

  it('goes on when something that was typed into it is refused', () => {
    log.startOnServer({ ...program, terminal: { columns: 80, rows: 16 } })
    const { id } = last().run
    room.say({ type: 'run.stage', run: id, stage: 'run' })
    room.say({ type: 'error', code: 'limit_exceeded', message: 'Too fast.', sync: null, ref: id, retry_after: 1 })
    expect(last().run.status).toBe('running')
    log.type(id, 'a\n')
    log.resize(id, { columns: 60, rows: 16 })
    expect(room.sentOf('run.input')).toEqual([{ type: 'run.input', run: id, text: 'a\n' }])
    expect(room.sentOf('run.resize')).toEqual([{ type: 'run.resize', run: id, columns: 60, rows: 16 }])
    room.say({ type: 'run.resized', run: id, columns: 60, rows: 16 })
    expect(last().run.terminal).toEqual({ columns: 60, rows: 16 })
  })

  it('ends when one starts another, here or there; a prompt stays open', () => {
    log.startOnServer({ ...program, terminal: { columns: 80, rows: 16 }, repl: true })
    const prompt = last().run.id
    expect(log.active.value).toBeNull()
    log.startOnServer(program)
    const first = last().run.id
    log.startOnServer(program)
    const second = last().run.id
    log.start({ language: python, fileName: 'main.py', text: '' })
    expect(room.sentOf('run.stop').map(({ run }) => run)).toEqual([first, first, second])
    expect(room.sentOf('run.stop').map(({ run }) => run)).not.toContain(prompt)
    log.startOnServer(program)
    expect(runners[0]?.stops).toBe(1)
  })

  it('is shown anew, from its start, when the server tells it again', () => {
    log.startOnServer(program)
    const { id } = last().run
    room.say({ type: 'run.started', run: told(id) })
    const { replay } = last()
    room.say({ type: 'run.output', run: id, stream: 'stdout', text: 'a' })
    expect(last().replay).toBe(replay)
    room.welcome([told(id, { status: 'running', output: [['stdout', 'ab']] })])
    expect(last().replay).not.toBe(replay)
    expect(log.active.value?.run.id).toBe(id)
  })

  it('says that it was lost', () => {
    room.welcome([told('server12', { status: 'lost' })])
    expect(last().note).toBe('The server lost it: what ran it was started anew.')
  })

  it('that the server knows nothing of when it is back is told as lost, and not what was erased', () => {
    log.startOnServer(program)
    const { id } = last().run
    room.say({ type: 'run.started', run: told(id) })
    room.welcome([])
    expect(last()).toMatchObject({ run: { id, status: 'lost' }, note: 'The server lost it: what ran it was started anew.' })
    room.welcome([])
    expect(log.runs.value).toHaveLength(1)
    room.welcome([], 'another')
    expect(log.runs.value).toEqual([])
  })
})
