// A frame's side of the handshake: says hello to the page around it and takes the one port that it answers with.

import type { DownMessage, UpMessage } from '../src/run/messages'

export type Up = (message: UpMessage) => void

/** Calls `start` once, with the way up; what it gives back is called with each message that comes down. */
export function meetThePage(start: (up: Up) => (message: DownMessage) => void): void {
  let port: MessagePort | undefined
  addEventListener('message', (event: MessageEvent) => {
    const given = event.ports[0]
    if (event.source !== parent || port !== undefined || event.data !== 'port' || given === undefined) return
    port = given
    const take = start((message) => given.postMessage(message))
    given.onmessage = ({ data }: MessageEvent<DownMessage>) => take(data)
  })
  // The frame's own origin is opaque and the page's is not known here; the word holds nothing to hide.
  parent.postMessage('hello', '*')
}
