// Gives a runtime's loader its files from memory while it boots: there is no network in here, and none is needed.

import type { WorkerAssets } from '../../src/run/messages'

/** The address that loaders are told; `.invalid` never resolves, so a file that was forgotten fails plainly. */
export const ASSETS_URL = 'https://assets.invalid/'

const nameOf = (resource: RequestInfo | URL): string =>
  String(resource instanceof Request ? resource.url : resource).split('/').pop() ?? ''

/** Runs `boot` with a `fetch` and an `instantiateStreaming` that know `assets` alone, and puts the real ones back. */
export async function withAssets<T>(assets: WorkerAssets, boot: () => Promise<T>): Promise<T> {
  const { fetch } = self
  const { instantiateStreaming } = WebAssembly
  const modules = new WeakMap<Response, WebAssembly.Module>()
  self.fetch = async (resource) => {
    const asset = assets[nameOf(resource)]
    if (asset === undefined) throw new TypeError(`The runtime asked for ${nameOf(resource)}, which it was not given.`)
    if (asset instanceof Blob) return new Response(asset)
    const response = new Response(null, { headers: { 'content-type': 'application/wasm' } })
    modules.set(response, asset)
    return response
  }
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const response = await source
    const module = modules.get(response)
    if (module === undefined) return instantiateStreaming.call(WebAssembly, response, imports)
    return { module, instance: await WebAssembly.instantiate(module, imports) }
  }
  try {
    return await boot()
  } finally {
    self.fetch = fetch
    WebAssembly.instantiateStreaming = instantiateStreaming
  }
}
