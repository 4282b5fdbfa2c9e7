import { describe, expect, it } from 'vitest'
import { ApiError, NetworkError, problemOf, sentence } from './problem'

describe('problem details', () => {
  it('give the server’s own sentence and code', () => {
    const error = problemOf(403, {
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      code: 'forbidden',
      detail: 'Only hosts may change the room.',
    })
    expect(error).toMatchObject({ status: 403, code: 'forbidden', message: 'Only hosts may change the room.', retryAfter: null })
  })

  it('say how long to wait', () => {
    expect(problemOf(429, { detail: 'Too fast.' }, '7').retryAfter).toBe(7)
    expect(problemOf(429, null, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfter).toBeNull()
  })

  it.each([null, 'text', [], { detail: '' }, { detail: 7 }])('fall back to a sentence for the status when the body is %j', (body) => {
    expect(problemOf(410, body).message).toBe('This room has ended.')
  })

  it('have a sentence for every status', () => {
    for (const status of [400, 401, 403, 404, 409, 410, 413, 418, 429, 500, 502, 503]) expect(problemOf(status, null).message).toMatch(/\.$/)
  })

  it('never show what is not meant for people', () => {
    expect(sentence(new TypeError('x is undefined'))).not.toContain('undefined')
    expect(sentence(new NetworkError())).toContain('cannot be reached')
    expect(sentence(new ApiError(404, 'not_found', 'No room.'))).toBe('No room.')
  })
})
