import { describe, expect, it } from 'vitest'
import { ApiError } from '../../api/problem'
import { counted, dayWords, enterProblem, providerProblem, scopeWords, waitWords } from './account-words'

const noon = new Date(2026, 10, 21, 12).getTime()

describe('words of an account', () => {
  it('say when one may try again', () => {
    expect(enterProblem(new ApiError(429, 'limit_exceeded', 'Too fast.', 42), noon)).toBe('Too many tries. Try again in 42 seconds.')
    expect(waitWords(600, noon)).toContain('in 10 minutes, at ')
    expect(waitWords(89, noon)).toBe('in 89 seconds')
    expect(waitWords(90, noon)).toContain('in 2 minutes')
    expect(waitWords(0, noon)).toBe('in 1 second')
  })

  it('leave other problems as the server told them', () => {
    expect(enterProblem(new ApiError(401, 'unauthenticated', 'No.'))).toBe('No.')
    expect(enterProblem(new ApiError(429, 'limit_exceeded', 'Too fast.'))).toBe('Too fast.')
  })

  it('say what went wrong at a provider, whatever the address holds', () => {
    expect(providerProblem('?problem=expired&next=/rooms')).toContain('took too long')
    expect(providerProblem('?problem=%3Cb%3E')).toBe('Logging in there did not work. Try again.')
    expect(providerProblem('?next=/rooms')).toBeNull()
  })

  it('name days as people do', () => {
    expect(dayWords(noon - 3_600_000, noon)).toBe('today')
    expect(dayWords(noon - 13 * 3_600_000, noon)).toBe('yesterday')
    expect(dayWords(noon - 29 * 86_400_000, noon)).toBe('29 days ago')
    expect(dayWords(noon - 30 * 86_400_000, noon)).toContain('2026')
  })

  it('count in words', () => {
    expect(counted(1, 'room', 'rooms')).toBe('1 room')
    expect(counted(0, 'room', 'rooms')).toBe('0 rooms')
  })

  it('name what a token is good for, in one order', () => {
    expect(scopeWords(['runs', 'rooms:read'])).toBe('Read rooms, Runs')
  })
})
