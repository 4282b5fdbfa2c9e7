// What can go wrong with a request, as errors whose message is a sentence for people: the server's own where it gave
// one (RFC 9457 problem details), else ours.

/** The server answered, and refused. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds to wait before asking again, if the server said. */
    readonly retryAfter: number | null = null,
  ) {
    super(message)
  }
}

/** No answer came: offline, or the server is away. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'

  constructor() {
    super('The server cannot be reached. Check the network, then try again.')
  }
}

const sentences: Record<number, string> = {
  401: 'Your place in this room has expired. Join again.',
  403: 'You may not do that here.',
  404: 'There is nothing under this address.',
  410: 'This room has ended.',
  413: 'That is too large for the server.',
  429: 'That was too fast. Wait a moment, then try again.',
  503: 'The server is busy. Nothing was lost; try again in a moment.',
}

function sentenceFor(status: number): string {
  return sentences[status] ?? (status >= 500 ? 'The server had a problem. Nothing was changed; try again in a moment.' : 'The server refused this.')
}

/** The error that a response of another status than 2xx means. Never throws: a body that is no problem is passed over. */
export function problemOf(status: number, body: unknown, retryAfter: string | null = null): ApiError {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const detail = typeof given['detail'] === 'string' && given['detail'] !== '' ? given['detail'] : sentenceFor(status)
  const code = typeof given['code'] === 'string' ? given['code'] : `http_${status}`
  const seconds = Number(retryAfter)
  return new ApiError(status, code, detail, retryAfter !== null && seconds >= 0 ? seconds : null)
}

/** The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError || error instanceof NetworkError) return error.message
  return 'The page had a problem. Your text is safe; reload the page, then try again.'
}
