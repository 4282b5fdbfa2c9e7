import { describe, expect, it } from 'vitest'
import type { Run } from '../../protocol/events'
import { IN_BROWSER } from '../../run/run-view'
import { aboutWords, announcementOf, asksNow, doingWords, goingWords, noteBeside, stateWords } from './run-words'

const run = (change: Partial<Run>): Run => ({
  id: 'r',
  member: 'ada',
  name: 'Ada',
  language: 'python',
  file: 'main.py',
  where: 'browser',
  at: 0,
  status: 'ok',
  code: 0,
  ms: 41,
  output: [],
  truncated: false,
  page: null,
  pictures: [],
  ...IN_BROWSER,
  ...change,
})

/** With ordinary spaces: a figure is not parted from its unit. */
const spaced = (text: string): string => text.replaceAll('\u00A0', ' ')

describe('a run', () => {
  it.each([
    [{ status: 'ok' }, 'Done · 41 ms'],
    [{ status: 'error', code: 1 }, 'Failed with exit code 1 · 41 ms'],
    [{ status: 'error', code: null, ms: null }, 'Failed'],
    [{ status: 'stopped' }, 'Stopped · 41 ms'],
    [{ status: 'timeout', ms: 30_000 }, 'Ended at the time limit · 30 s'],
    [{ status: 'running', ms: null }, 'Running'],
    [{ status: 'compile_error' }, 'Did not compile · 41 ms'],
    [{ status: 'memory_limit' }, 'Ended at the memory limit · 41 ms'],
    [{ status: 'ok', code: 0, memory_bytes: 9_437_184 }, 'Done · 41 ms · 9 MB'],
    [{ status: 'error', signal: 'SIGSEGV' }, 'Crashed: it reached into memory that is not its own (SIGSEGV) · 41 ms'],
    [{ status: 'error', signal: 'SIGPWR' }, 'Ended by SIGPWR · 41 ms'],
    [{ status: 'error', signal: 'SIGINT' }, 'Interrupted · 41 ms'],
    [{ status: 'killed' }, 'Stopped · 41 ms'],
    [{ status: 'killed', where: 'server', ms: 1300 }, 'Stopped'],
    [{ status: 'unavailable', ms: null }, 'Not run'],
  ] as [Partial<Run>, string][])('with %j reads %s', (change, text) => {
    expect(spaced(stateWords({ run: run(change), note: null }).text)).toBe(text)
  })

  it.each([
    [true, { status: 'running' }, false, 'You are starting'],
    [true, { status: 'running' }, true, 'You are running'],
    [true, { status: 'ok' }, true, 'You ran'],
    [false, { status: 'running' }, true, 'Ada is running'],
    [false, { status: 'lost' }, true, 'Ada ran'],
    [false, { status: 'killed', where: 'server', memory_bytes: 5 }, true, 'Ada ran'],
    [false, { status: 'killed', where: 'server' }, true, 'Ada wanted to run'],
  ] as [boolean, Partial<Run>, boolean, string][])('of oneself: %j, %j, begun: %j, reads %s', (own, change, began, text) => {
    const { who, does } = doingWords({ run: run(change), began }, own)
    expect(`${who} ${does}`).toBe(text)
  })

  it.each([
    [{ stage: 'Loading Python… 42 %' }, 'Starting'],
    [{}, 'Running'],
    [{ waitingForInput: true }, 'Waiting for input'],
    [{ run: run({ status: 'running', page: '<p>' }) }, 'Page is open'],
  ])('going on with %j reads %s', (change, text) => {
    expect(goingWords({ run: run({ status: 'running' }), stage: null, waitingForInput: false, ...change }).text).toBe(text)
  })

  it('asks its person alone whether to go on, and not while it waits for them', () => {
    const asking = { mine: true, asksToGoOn: true, waitingForInput: false }
    expect(asksNow(asking)).toBe(true)
    expect(asksNow({ ...asking, mine: false })).toBe(false)
    expect(asksNow({ ...asking, waitingForInput: true })).toBe(false)
  })

  it('says who stopped it, once', () => {
    const view = { run: run({ status: 'stopped' }), note: 'Stopped by Lin.' }
    expect(stateWords(view).text).toBe('Stopped by Lin · 41\u00A0ms')
    expect(noteBeside(view)).toBeNull()
    expect(noteBeside({ run: run({ status: 'output_limit' }), note: 'It wrote more than 1 MiB.' })).toBe('It wrote more than 1 MiB.')
  })

  it('is announced with its last line', () => {
    const view = {
      run: run({
        output: [
          ['stdout', '[0, 1]\n'],
          ['stderr', 'Traceback\nZeroDivisionError: division by zero\n'],
        ],
        status: 'error',
        code: 1,
      }),
      mine: false,
    }
    expect(announcementOf(view)).toBe('main.py by Ada: Failed with exit code 1. Last line: ZeroDivisionError: division by zero')
  })
})

describe('a run on the server', () => {
  const python = { id: 'python', name: 'Python', extension: 'py', mode: 'Python', aliases: [], runtime: 'python', where: [], why: '', sample: '' } as const
  const server = { name: 'CPython', version: '3.11.2', libraries: [], compiled: false, repl: true }
  const language = { ...python, aliases: [], where: [], server }

  it.each([
    [{ where: 'server' }, false, 'Python, CPython 3.11.2, on the server'],
    [{ where: 'server', repl: true }, false, 'CPython 3.11.2, on the server'],
    [{ where: 'browser' }, false, 'Python, in Ada’s browser'],
    [{ where: 'browser' }, true, 'Python, in your browser'],
  ] as [Partial<Run>, boolean, string][])('%j, own %j: %s', (change, own, text) => {
    expect(aboutWords(run({ name: 'Ada', ...change }), language, own)).toBe(text)
  })

  it.each([
    [{ position: null }, 'Asking the server'],
    [{ position: 0 }, 'Waiting: the queue does not answer'],
    [{ position: 1 }, 'Waiting: next to run'],
    [{ position: 3 }, 'Waiting: 2 before it'],
    [{ status: 'running', stage: 'compile' }, 'Compiling'],
    [{ status: 'running', stage: 'run' }, 'Running'],
  ] as [Partial<Run>, string][])('that waits or begins with %j reads %s', (change, text) => {
    expect(goingWords({ run: run({ where: 'server', status: 'queued', ...change }), stage: null, waitingForInput: false }).text).toBe(text)
  })

  it('is said to be somebody’s prompt', () => {
    expect(doingWords({ run: run({ repl: true, status: 'running' }), began: true }, true)).toEqual({ who: 'You', does: 'opened a prompt of' })
  })
})
