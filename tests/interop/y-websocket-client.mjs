// A person who uses the unmodified y-websocket provider, driven by lines of JSON: commands come in on stdin, what
// happens goes out on stdout. Arguments: the server's `ws://.../sync`, the room's id, its token.
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const [server, room, token] = process.argv.slice(2)
const doc = new Y.Doc()
const text = doc.getText('file:main')
const provider = new WebsocketProvider(server, room, doc, { params: { token }, WebSocketPolyfill: WebSocket, disableBc: true })

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
provider.on('status', ({ status }) => say({ event: 'status', status }))
provider.on('sync', (synced) => say({ event: 'synced', synced }))
provider.on('connection-close', (close) => say({ event: 'closed', code: close?.code ?? null }))
text.observe(() => say({ event: 'text', text: text.toString() }))
provider.awareness.on('change', () => {
  const users = [...provider.awareness.getStates().values()].map((state) => state.user ?? null)
  say({ event: 'people', users })
})

const commands = {
  insert: ({ at, text: what }) => text.insert(at < 0 ? text.length : at, what),
  remove: ({ at, length }) => text.delete(at, length),
  present: ({ user }) => provider.awareness.setLocalStateField('user', user),
  disconnect: () => provider.disconnect(),
  connect: () => provider.connect(),
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  commands[command.do](command)
}
provider.destroy()
process.exit(0)
