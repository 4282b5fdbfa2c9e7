import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LanguageInfo } from '../protocol/languages'
import { RunLog, type RunView } from './run-log'
import { FakeRoom, lin, runOf } from './testing/fake-room'
import { FakeRunner } from './testing/fake-runner'

const nowhere = { aliases: [], server: null, why: '' }
const python: LanguageInfo = { id: 'python', name: 'Python', extension: 'py', mode: 'Python', runtime: 'python', where: ['browser'], sample: '', ...nowhere }
const html: LanguageInfo = { ...python, id: 'html', name: 'HTML', runtime: 'html' }
const javascript: LanguageInfo = { ...python, id: 'javascript', name: 'JavaScript', runtime: 'javascript' }

let room: FakeRoom
let runners: FakeRunner[]
let log: RunLog

beforeEach(() => {
  vi.useFakeTimers()
  room = new FakeRoom()
  runners = []
  log = new RunLog({
    sync: room,
    root: '',
    frames: null as unknown as HTMLElement,
    makeRunner: (options) => {
      const runner = new FakeRunner(options)
      runners.push(runner)
      return runner
    },
  })
})
afterEach(() => vi.useRealTimers())

const last = (): RunView => log.runs.value.at(-1) as RunView
const textOf = (view: RunView): string => view.run.output.map(([, text]) => text).join('')
const runner = (): FakeRunner => runners.at(-1) as FakeRunner
function start(text = 'print(1)'): FakeRunner {
  log.start({ language: python, fileName: 'main.py', text })
  return runner()
}
function startRunning(): FakeRunner {
  const started = start()
  started.running()
  return started
}

describe('an own run', () => {
  test('shows at once, to everybody', () => {
    start('print(1)')
    expect(last()).toMatchObject({ mine: true, local: false, run: { name: 'Ada', file: 'main.py', status: 'running' } })
    expect(room.sent).toEqual([{ type: 'run.start', run: last().run.id, language: 'python', file: 'main.py' }])
    expect(runner().programs[0]?.files).toEqual({ 'main.py': 'print(1)' })
  })

  test('says what is loading until it runs', () => {
    start().listener?.stage('Loading Python… 42 %', 0.42)
    expect(last()).toMatchObject({ stage: 'Loading Python… 42 %', progress: 0.42 })
    expect(last().began).toBe(false)
    runner().running()
    expect(last()).toMatchObject({ stage: null, progress: null, began: true })
  })

  test('sends its output in batches of 50 ms, shown at once', () => {
    startRunning()
    runner().print('a')
    runner().print('b')
    runner().print('!', 'stderr')
    expect(textOf(last())).toBe('ab!')
    vi.advanceTimersByTime(49)
    expect(room.sentOf('run.output')).toEqual([])
    vi.advanceTimersByTime(1)
    expect(room.sentOf('run.output').map(({ stream, text }) => [stream, text])).toEqual([
      ['stdout', 'ab'],
      ['stderr', '!'],
    ])
  })

  test('sends no event of more than 128 KiB, and cuts no character in two', () => {
    startRunning()
    const text = `x${'😀'.repeat(100_000)}`
    runner().print(text)
    vi.advanceTimersByTime(50)
    const pieces = room.sentOf('run.output').map((event) => event.text)
    expect(pieces.join('')).toBe(text)
    for (const piece of pieces) {
      expect(new TextEncoder().encode(piece).length).toBeLessThanOrEqual(128 * 1024)
      expect(piece).not.toMatch(/\p{Surrogate}/u)
    }
  })

  test('sends what it wrote before its end', () => {
    startRunning()
    runner().print('a')
    runner().exit(0)
    expect(room.sent.slice(1)).toEqual([
      { type: 'run.output', run: last().run.id, stream: 'stdout', text: 'a' },
      { type: 'run.end', run: last().run.id, status: 'ok', code: 0, ms: 0 },
    ])
    expect(last().run).toMatchObject({ status: 'ok', code: 0 })
    expect(log.active.value).toBeNull()
  })

  test.each([
    [{ code: 3 }, 'error', 3, null],
    [{ code: 137, cut: true }, 'output_limit', null, 'Ended: it wrote more than 1 MiB. What came before is shown.'],
  ] as const)('ends with %j as %s', (ending, status, code, note) => {
    startRunning()
    runner().exit(ending.code, ending)
    expect(last()).toMatchObject({ run: { status, code, truncated: status === 'output_limit' }, note })
  })

  test('tells when its runtime cannot be loaded, and the next run tries anew', () => {
    start()
    runner().closed = true
    runner().exit(null, { failure: 'Python could not be loaded.' })
    expect(last().run.status).toBe('error')
    expect(textOf(last())).toBe('Python could not be loaded.\n')
    expect(room.sent.at(-1)).toMatchObject({ type: 'run.end', status: 'error', ms: 0 })
    start()
    expect(runners).toHaveLength(2)
  })

  test('counts its own time without the loading', () => {
    start()
    vi.advanceTimersByTime(3_000)
    runner().running()
    vi.advanceTimersByTime(40)
    runner().exit(0)
    expect(last().run.ms).toBe(40)
    expect(room.sent.at(-1)).toMatchObject({ type: 'run.end', ms: 40 })
  })

  test('keeps its runtime for the next run, and drops it for another', () => {
    startRunning().exit(0)
    startRunning().exit(0)
    expect(runners).toHaveLength(1)
    log.start({ language: javascript, fileName: 'main.js', text: '' })
    expect(runners).toHaveLength(2)
    expect(runners[0]?.closed).toBe(true)
  })

  test('is stopped when another is started, which waits for its end', () => {
    const first = startRunning()
    first.onStop = () => {}
    log.start({ language: python, fileName: 'main.py', text: 'print(2)' })
    expect(first.stops).toBe(1)
    expect(log.runs.value).toHaveLength(1)
    first.exit(137)
    expect(log.runs.value.map(({ run }) => run.status)).toEqual(['stopped', 'running'])
    expect(first.programs[1]?.files).toEqual({ 'main.py': 'print(2)' })
  })
})

describe('a page', () => {
  const show = (text: string): void => log.start({ language: html, fileName: 'main.html', text })

  test('is shown anew by another start, which ends the one before', () => {
    show('<p>one')
    show('<p>two')
    expect(log.runs.value.map(({ run }) => [run.status, run.page])).toEqual([
      ['stopped', '<p>one'],
      ['running', '<p>two'],
    ])
    expect(room.sent.map(({ type }) => type)).toEqual(['run.start', 'run.end', 'run.start'])
  })

  test('has no time limit', () => {
    show('<p>one')
    vi.advanceTimersByTime(3_600_000)
    expect(last()).toMatchObject({ asksToGoOn: false, run: { status: 'running' } })
  })
})

describe('time', () => {
  test('asks after 10 s and ends it at the limit', () => {
    startRunning()
    vi.advanceTimersByTime(9_999)
    expect(last().asksToGoOn).toBe(false)
    vi.advanceTimersByTime(1)
    expect(last().asksToGoOn).toBe(true)
    vi.advanceTimersByTime(20_000)
    expect(last()).toMatchObject({ run: { status: 'timeout', code: null }, note: 'Ended at the time limit of 30 s.', asksToGoOn: false })
    expect(room.sent.at(-1)).toMatchObject({ type: 'run.end', status: 'timeout' })
  })

  test('goes on for as long again, each time that the person says so', () => {
    startRunning()
    vi.advanceTimersByTime(12_000)
    log.goOn()
    expect(last().asksToGoOn).toBe(false)
    vi.advanceTimersByTime(10_000)
    expect(last().asksToGoOn).toBe(true)
    log.goOn()
    vi.advanceTimersByTime(29_999)
    expect(last().run.status).toBe('running')
    vi.advanceTimersByTime(1)
    expect(last().run.status).toBe('timeout')
  })

  test('does not count while it waits for input', () => {
    startRunning()
    vi.advanceTimersByTime(5_000)
    runner().listener?.input()
    expect(last().waitingForInput).toBe(true)
    vi.advanceTimersByTime(60_000)
    log.input('Ada')
    expect(last().waitingForInput).toBe(false)
    vi.advanceTimersByTime(4_999)
    expect(last().asksToGoOn).toBe(false)
    vi.advanceTimersByTime(1)
    expect(last().asksToGoOn).toBe(true)
  })

  test('does not count while it loads', () => {
    start()
    vi.advanceTimersByTime(60_000)
    runner().running()
    expect(last().asksToGoOn).toBe(false)
  })

  test('takes a limit shorter than the question', () => {
    room.limits.value = { ...(room.limits.value as NonNullable<typeof room.limits.value>), run_seconds: 2 }
    startRunning()
    vi.advanceTimersByTime(1_000)
    expect(last().asksToGoOn).toBe(true)
    vi.advanceTimersByTime(1_000)
    expect(last().run.status).toBe('timeout')
  })
})

describe('input', () => {
  test('goes to the program and shows in the output, as in a terminal', () => {
    startRunning()
    runner().print('Name? ')
    runner().listener?.input()
    log.input('Ada')
    log.input(null)
    expect(runner().lines).toEqual(['Ada', null])
    expect(textOf(last())).toBe('Name? Ada\n')
  })

  test('given beforehand goes along with the program', () => {
    log.start({ language: python, fileName: 'main.py', text: '', stdin: 'Ada\nLin' })
    expect(runner().programs[0]?.stdin).toBe('Ada\nLin')
  })
})

describe('stopping', () => {
  test('ends an own run, also one that still loads', () => {
    start()
    log.stop(last().run.id)
    expect(last().run.status).toBe('stopped')
    expect(room.sent.map(({ type }) => type)).toEqual(['run.start', 'run.end'])
  })

  test('by somebody else says by whom', () => {
    startRunning()
    room.say({ type: 'run.stop', run: last().run.id, by: lin.id })
    expect(last()).toMatchObject({ run: { status: 'stopped' }, note: 'Stopped by Lin.' })
  })

  test("asks the other page for somebody else's run", () => {
    room.say({ type: 'run.started', run: runOf('other123') })
    log.stop('other123')
    expect(room.sent).toEqual([{ type: 'run.stop', run: 'other123' }])
  })
})

describe('the runs of others', () => {
  test('show as they go', () => {
    room.say({ type: 'run.started', run: runOf('other123') })
    room.say({ type: 'run.output', run: 'other123', stream: 'stdout', text: 'a' })
    room.say({ type: 'run.output', run: 'other123', stream: 'stdout', text: 'b' })
    room.say({ type: 'run.ended', run: 'other123', status: 'lost', code: null, ms: 5, truncated: false, signal: null, cpu_ms: null, memory_bytes: null, message: null, unkept: false })
    expect(last()).toMatchObject({ mine: false, run: { status: 'lost', ms: 5, output: [['stdout', 'ab']] }, note: 'The page that ran it left before the end.' })
    expect(log.active.value).toBeNull()
  })

  test('come from the welcome, in order with the own ones', () => {
    vi.setSystemTime(5)
    startRunning().exit(0)
    room.welcome([runOf('early123', { at: 1, status: 'ok' }), runOf('later123', { at: 9 })])
    expect(log.runs.value.map(({ run }) => run.id)).toEqual(['early123', expect.stringMatching(/^[0-9a-z]{16}$/), 'later123'])
  })

  test('cannot change an own run', () => {
    startRunning()
    const { id } = last().run
    room.say({ type: 'run.output', run: id, stream: 'stdout', text: 'echo' })
    room.say({ type: 'run.ended', run: id, status: 'lost', code: null, ms: 5, truncated: false, signal: null, cpu_ms: null, memory_bytes: null, message: null, unkept: false })
    expect(last().run).toMatchObject({ status: 'running', output: [] })
  })

  test('are kept or not by the word of the server, the own ones too', () => {
    startRunning().exit(0)
    const { id } = last().run
    room.say({ type: 'run.ended', run: id, status: 'ok', code: 0, ms: 5, truncated: false, signal: null, cpu_ms: null, memory_bytes: null, message: null, unkept: true })
    expect(last().run).toMatchObject({ status: 'ok', unkept: true })
  })

  test('are forgotten where something was erased from the room, and come as the server has them', () => {
    room.welcome([])
    startRunning().print('secret')
    runner().exit(0)
    const first = last().run.id
    room.say({ type: 'run.started', run: runOf('other123', { status: 'ok', output: [['stdout', 'secret']] }) })
    startRunning().print('secret')
    const going = last().run.id
    vi.advanceTimersByTime(50)
    room.sent.length = 0
    room.welcome([runOf(first, { status: 'ok', output: [['stdout', '[erased]']] })], '1.erased')
    vi.advanceTimersByTime(50)
    runner().print('more')
    vi.advanceTimersByTime(50)
    expect(log.runs.value.map(({ run }) => run.id).sort()).toEqual([first, going].sort())
    expect(log.runs.value.find(({ run }) => run.id === first)?.run.output).toEqual([['stdout', '[erased]']])
    expect(JSON.stringify(room.sent)).not.toContain('secret')
    expect(log.active.value?.local).toBe(true)
  })

  test('are cleared for oneself, also after a reconnect; what runs stays', () => {
    room.say({ type: 'run.started', run: runOf('ended123', { status: 'ok' }) })
    room.say({ type: 'run.started', run: runOf('going123') })
    log.clear()
    room.welcome([runOf('ended123', { status: 'ok' }), runOf('going123')])
    expect(log.runs.value.map(({ run }) => run.id)).toEqual(['going123'])
  })
})

describe('without a connection', () => {
  test('a run works, and stays local when it ends before there is one', () => {
    room.connected = false
    startRunning().print('a')
    runner().exit(0)
    expect(last()).toMatchObject({ local: true, run: { status: 'ok' } })
    room.welcome([])
    expect(room.sent).toEqual([])
    expect(textOf(last())).toBe('a')
  })

  test('a run that still goes on is told when it comes back, whole', () => {
    room.connected = false
    startRunning().print('a')
    room.welcome([])
    expect(room.sent).toEqual([
      { type: 'run.start', run: last().run.id, language: 'python', file: 'main.py' },
      { type: 'run.output', run: last().run.id, stream: 'stdout', text: 'a' },
    ])
    expect(last().local).toBe(false)
  })

  test('a run that the room lost is told anew, and shows once', () => {
    startRunning().print('a')
    const first = last().run.id
    vi.advanceTimersByTime(50)
    room.connected = false
    runner().print('b')
    vi.advanceTimersByTime(50)
    room.sent.length = 0
    room.welcome([runOf(first, { member: 'ada', status: 'lost', output: [['stdout', 'a']] })])
    const [told] = room.sentOf('run.start')
    expect(told?.run).not.toBe(first)
    expect(room.sentOf('run.output')).toEqual([{ type: 'run.output', run: told?.run, stream: 'stdout', text: 'ab' }])
    room.say({ type: 'run.started', run: runOf(told?.run ?? '', { member: 'ada' }) })
    expect(log.runs.value).toHaveLength(1)
    room.say({ type: 'run.stop', run: told?.run ?? '', by: lin.id })
    expect(last().run.status).toBe('stopped')
    expect(room.sent.at(-1)).toMatchObject({ type: 'run.end', run: told?.run, status: 'stopped' })
  })

  test('a run that the server refuses goes on here alone', () => {
    startRunning()
    room.say({ type: 'error', code: 'limit_exceeded', message: 'Too many runs.', sync: null, ref: last().run.id, retry_after: 5 })
    room.sent.length = 0
    runner().print('a')
    runner().exit(0)
    expect(last()).toMatchObject({ local: true, run: { status: 'ok' } })
    expect(room.sent).toEqual([])
  })

  test("a viewer's run is not told", () => {
    room.me.value = { id: 'ada', name: 'Ada', color: '', role: 'viewer' }
    startRunning().exit(0)
    expect(room.sent).toEqual([])
    expect(last().local).toBe(true)
  })
})
