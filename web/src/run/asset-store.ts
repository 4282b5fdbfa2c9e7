// Fetches runtime assets for the frames, which have no network, and keeps them in the browser's Cache storage under their
// hashed names. Where that does not exist (plain http on another host) the ordinary HTTP cache must do.

import table from 'virtual:runner-assets'

const CACHE = 'fourhands-runner'

export type AssetTable = Record<string, { file: string; bytes: number }>
type Progress = (share: number) => void

async function openCache(): Promise<Cache | null> {
  if (!('caches' in globalThis)) return null
  try {
    return await caches.open(CACHE)
  } catch {
    return null // storage is refused, as in some private windows: the fetch alone works too
  }
}

/** The body, told of each piece as it comes: lengths in headers are those of the compressed body. */
async function readBody(response: Response, bytes: number, arrived: (bytes: number) => void): Promise<ArrayBuffer> {
  const reader = response.body?.getReader()
  if (reader === undefined) throw new TypeError('The answer has no body.')
  const whole = new Uint8Array(bytes)
  let at = 0
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    if (at + piece.value.length > bytes) throw new TypeError('The answer is longer than it should be.')
    whole.set(piece.value, at)
    at += piece.value.length
    arrived(piece.value.length)
  }
  if (at !== bytes) throw new TypeError('The answer was cut short.')
  return whole.buffer
}

async function loadOne(url: string, bytes: number, cache: Cache | null, arrived: (bytes: number) => void): Promise<ArrayBuffer> {
  const kept = await cache?.match(url)
  if (kept !== undefined) {
    const body = await kept.arrayBuffer()
    if (body.byteLength === bytes) {
      arrived(bytes)
      return body
    }
  }
  const response = await fetch(url, { redirect: 'error', credentials: 'omit' })
  if (!response.ok) throw new TypeError(`The server answered ${response.status}.`)
  const body = await readBody(response, bytes, arrived)
  // A full disk only costs the next download.
  await cache?.put(url, new Response(body.slice(0))).catch(() => {})
  return body
}

/** Forgets what other versions of the site left behind. */
async function dropOthers(root: string, cache: Cache | null, assets: AssetTable): Promise<void> {
  if (cache === null) return
  const current = new Set(Object.values(assets).map(({ file }) => new URL(`${root}/${file}`, location.href).href))
  for (const request of await cache.keys()) if (!current.has(request.url)) await cache.delete(request)
}

/**
 * Loads the assets `names`; `progress` hears shares from 0 to 1. Raises TypeError with a sentence where one cannot be had.
 * The buffers are the caller's own, to be transferred.
 */
export async function loadAssets(root: string, names: string[], progress: Progress, assets: AssetTable = table): Promise<Record<string, ArrayBuffer>> {
  const wanted = names.map((name) => {
    const asset = assets[name]
    if (asset === undefined) throw new TypeError(`This site was built without ${name}.`)
    return { name, ...asset }
  })
  const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
  const cache = await openCache()
  let done = 0
  const arrived = (bytes: number): void => {
    done += bytes
    progress(done / total)
  }
  const load = async ({ name, file, bytes }: (typeof wanted)[number]): Promise<[string, ArrayBuffer]> => [
    name,
    await loadOne(`${root}/${file}`, bytes, cache, arrived),
  ]
  const loaded = await Promise.all(wanted.map(load))
  await dropOthers(root, cache, assets)
  return Object.fromEntries(loaded)
}
