import { signal } from '@preact/signals'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LanguageInfo } from '../../api/languages'
import { LanguageList } from './language-list'

const untested = 'The sandbox is being tested.'
const onServer = { name: 'CPython', version: '3.11.2', libraries: [], compiled: false, repl: true }

let answer: LanguageInfo[]
const fetched = vi.hoisted(() => vi.fn())
vi.mock('../../api/languages', () => ({ getLanguages: fetched }))

function python(server: LanguageInfo['server'], why: string): LanguageInfo {
  const what = { id: 'python', name: 'Python', extension: 'py', mode: 'python', aliases: [], runtime: null, sample: '' }
  return { ...what, where: ['server'], server, why }
}

beforeEach(() => {
  vi.useFakeTimers()
  fetched.mockReset().mockImplementation(() => Promise.resolve(answer))
  answer = [python(null, untested)]
})

afterEach(() => {
  vi.useRealTimers()
})

function listOf(language: LanguageInfo | null): [LanguageList, { value: LanguageInfo[] }] {
  const languages = signal<LanguageInfo[]>([])
  return [new LanguageList({ connection: signal('connected'), on: () => () => undefined }, languages, signal(language)), languages]
}

describe('the list of languages', () => {
  it.each([
    ['does not run on the server yet', python(null, untested)],
    ['is not known yet', null],
  ])("is asked for again while the room's language %s, never a quarter of a minute after the server could", async (_, language) => {
    const [list, languages] = listOf(language)
    await vi.advanceTimersByTimeAsync(60_000)
    answer = [python(onServer, '')]
    await vi.advanceTimersByTimeAsync(15_000)
    expect(languages.value[0]?.server).toEqual(onServer)
    list.close()
  })

  it('is asked for again where the server did not answer', async () => {
    fetched.mockRejectedValueOnce(new Error('The server did not answer.'))
    const [list, languages] = listOf(null)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(languages.value).toEqual(answer)
    list.close()
  })

  it('is asked for once where the server runs the language', async () => {
    const [list] = listOf(python(onServer, ''))
    await vi.advanceTimersByTimeAsync(200_000)
    expect(fetched).toHaveBeenCalledTimes(1)
    list.close()
  })

  it('is not asked for for ever', async () => {
    const [list] = listOf(python(null, untested))
    await vi.advanceTimersByTimeAsync(200_000)
    const asked = fetched.mock.calls.length
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(fetched.mock.calls.length).toBe(asked)
    list.close()
  })
})
