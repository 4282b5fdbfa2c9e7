// One JSON request to our own server. Throws ApiError or NetworkError and nothing else.
import { ApiError, NetworkError, problemOf } from './problem'
import { root } from './root'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null // a proxy's page instead of our JSON
  }
}

export async function request<T>(method: Method, path: string, body?: object): Promise<T> {
  const init: RequestInit = { method, credentials: 'same-origin', headers: { accept: 'application/json' } }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...init.headers, 'content-type': 'application/json' }
  }
  let response: Response
  let given: unknown
  try {
    response = await fetch(root() + path, init)
    given = await bodyOf(response)
  } catch {
    throw new NetworkError() // fetch tells nothing more
  }
  if (!response.ok) throw problemOf(response.status, given, response.headers.get('retry-after'))
  if (given === null && response.status !== 204)
    throw new ApiError(response.status, 'not_json', 'The server gave an answer that this page cannot read.')
  return given as T
}
