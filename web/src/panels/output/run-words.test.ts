import { describe, expect, it } from 'vitest'
import type { Run } from '../../protocol/events'
import { announcementOf, noteBeside, stateWords } from './run-words'

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
  ...change,
})

describe('a run', () => {
  it.each([
    [{ status: 'ok' }, 'Done · 41 ms'],
    [{ status: 'error', code: 1 }, 'Failed with exit code 1 · 41 ms'],
    [{ status: 'error', code: null, ms: null }, 'Failed'],
    [{ status: 'stopped' }, 'Stopped · 41 ms'],
    [{ status: 'timeout', ms: 30_000 }, 'Ended at the time limit · 30 s'],
    [{ status: 'running', ms: null }, 'Running'],
  ] as [Partial<Run>, string][])('with %j reads %s', (change, text) => {
    expect(stateWords({ run: run(change), note: null }).text).toBe(text)
  })

  it('says who stopped it, once', () => {
    const view = { run: run({ status: 'stopped' }), note: 'Stopped by Lin.' }
    expect(stateWords(view).text).toBe('Stopped by Lin · 41 ms')
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
