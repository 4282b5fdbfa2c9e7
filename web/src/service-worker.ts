// The service worker: keeps the pages' shell so that a room can be reloaded without network. Built apart to sw.js at
// the root of what is served; `sync/offline-shell.ts` registers it. It never touches /api, /sync or /runner.
//
//   HTML of a page      network first (1.5 s when a copy is there), else the copy; one copy, header and body together
//   hashed assets       the copy first: their content never changes; kept when first fetched
//   all else            left to the browser
declare const self: ServiceWorkerGlobalScope
declare const __SHELL_FILES__: string[]
declare const __SHELL_VERSION__: string

const PREFIX = 'fourhands-shell-'
const CACHE = PREFIX + __SHELL_VERSION__
const PATIENCE_MS = 1_500

/** Where the pages lie, with a slash at the end: the worker's own folder. */
const root = new URL('./', self.location.href)
const page = root.href

self.addEventListener('install', (event) => {
  event.waitUntil(install())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(activate())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== root.origin || !url.pathname.startsWith(root.pathname)) return
  const path = url.pathname.slice(root.pathname.length)
  if (request.mode === 'navigate') {
    if (path === '' || /^r\/[^/]+$/.test(path)) event.respondWith(answerPage(event))
  } else if (path.startsWith('assets/')) {
    event.respondWith(answerAsset(event))
  }
})

async function install(): Promise<void> {
  const cache = await caches.open(CACHE)
  const files = __SHELL_FILES__.filter((file) => file !== 'index.html').map((file) => new URL(file, root).href)
  await Promise.all([keepPage(cache, await fetch(page, { cache: 'no-cache' })), ...files.map((file) => keepFile(cache, file))])
  await self.skipWaiting()
}

/** A file that an older version kept is the same: its name holds its hash. */
async function keepFile(cache: Cache, file: string): Promise<void> {
  const kept = await caches.match(file)
  if (kept) await cache.put(file, kept)
  else await cache.add(file)
}

/** Older shells go; so that pages which were loaded by them still find their files, the newest of them stays. */
async function activate(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)))
  await self.clients.claim()
}

async function keepPage(cache: Cache, response: Response): Promise<void> {
  if (!isPage(response)) throw new Error('The page could not be fetched.')
  await cache.put(page, response)
}

/** A page of ours, not a proxy's login or an error. */
function isPage(response: Response): boolean {
  return response.ok && !response.redirected && (response.headers.get('Content-Type') ?? '').startsWith('text/html')
}

async function answerPage(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(CACHE)
  const kept = await cache.match(page)
  const fetched = fetch(event.request)
  if (!kept) return fetched
  const fresh = fetched.then(async (response) => {
    if (isPage(response)) await cache.put(page, response.clone())
    return response.status >= 502 && response.status <= 504 ? kept : response
  })
  event.waitUntil(fresh.catch(() => undefined)) // without network the copy was the answer already
  return Promise.race([fresh.catch(() => kept), late(kept)])
}

function late(kept: Response): Promise<Response> {
  return new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS))
}

async function answerAsset(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(event.request, { ignoreSearch: true })
  if (kept) return kept
  const response = await fetch(event.request)
  if (response.ok) {
    const copy = response.clone()
    event.waitUntil(caches.open(CACHE).then((cache) => cache.put(event.request, copy)))
  }
  return response
}

export {}
