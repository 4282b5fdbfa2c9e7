// One JSON request to our own server. Throws ApiError or NetworkError and nothing else. Who is logged in stays so: an
// access cookie that has run out is renewed before the request, or after a 401, once.
import { knownLogin } from './known-login'
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

/** What is asked to come in: a 401 of these means a wrong password. */
const doors = ['/api/login', '/api/accounts']

async function renewed(until: number): Promise<boolean> {
  try {
    return await (await import('./renew')).renew(until)
  } catch {
    return false // its code could not be fetched
  }
}

export async function request<T>(method: Method, path: string, body?: object): Promise<T> {
  const login = doors.includes(path) ? null : knownLogin.value
  if (login === null) return ask(method, path, body)
  if (login.until <= Date.now()) {
    await renewed(login.until)
    return ask(method, path, body)
  }
  try {
    return await ask<T>(method, path, body)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401) || !(await renewed(login.until))) throw error
    return ask(method, path, body)
  }
}

async function ask<T>(method: Method, path: string, body?: object): Promise<T> {
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
