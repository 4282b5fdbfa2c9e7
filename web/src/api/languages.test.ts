// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { getLanguages, rememberedLanguages } from './languages'
import { NetworkError } from './problem'

const server = { name: 'CPython', version: '3.11.2', libraries: ['numpy'], compiled: false, repl: true }
const where = ['browser', 'server']
const python = { id: 'python', name: 'Python', extension: 'py', mode: 'Python', aliases: ['py'], runtime: 'python', where, server, why: '', sample: '' }

beforeEach(() => localStorage.clear())
afterEach(() => vi.unstubAllGlobals())

describe('languages', () => {
  it('are remembered for when there is no network', async () => {
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify([python])))
    expect(await getLanguages()).toEqual([python])
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    expect(await getLanguages()).toEqual([python])
    expect(rememberedLanguages()).toEqual([python])
  })

  it('cannot be told when they never came', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    await expect(getLanguages()).rejects.toBeInstanceOf(NetworkError)
  })

  it('pass over what is stored and is none', () => {
    localStorage.setItem('fourhands.languages', '[{"id":7}]')
    expect(rememberedLanguages()).toEqual([])
    const { server: _, ...earlier } = python
    localStorage.setItem('fourhands.languages', JSON.stringify([earlier]))
    expect(rememberedLanguages()).toEqual([])
  })
})
