// A person who uses the unmodified y-websocket provider, driven by lines of JSON: commands come in on stdin, what
// happens goes out on stdout. Arguments: the server's `ws://.../sync`, the room's id, its token, and how much faster
// than ours its time passes.
import { createInterface } from 'node:readline'

const [server, room, token, speed = '1'] = process.argv.slice(2)

// The provider waits for 15 and 30 seconds here and there, which cannot be set; so its clock is, before it
// is loaded.
if (Number(speed) !== 1) {
  const { now } = Date
  const start = now()
  Date.now = () => start + (now() - start) * Number(speed)
  const { setInterval } = globalThis
  globalThis.setInterval = (what, wait, ...more) => setInterval(what, wait / Number(speed), ...more)
}

const { default: WebSocket } = await import('ws')
const { WebsocketProvider } = await import('y-websocket')
const Y = await import('yjs')
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
  say({ event: 'people', users, states: Object.fromEntries(provider.awareness.getStates()), me: doc.clientID })
})
provider.awareness.on('update', ({ updated }, origin) => {
  if (origin === 'local' && updated.includes(doc.clientID)) say({ event: 'renewed' })
})

// Whoever types backwards: no letter joins the one before it.
const prepend = (count) => {
  doc.transact(() => {
    for (let number = 0; number < count; number++) text.insert(0, String.fromCharCode(97 + (number % 26)))
  })
}

let undoing

const commands = {
  prepend: ({ count }) => prepend(count),
  size: () => say({ event: 'size', bytes: Y.encodeStateAsUpdate(doc).length }),
  remember: () => {
    undoing = new Y.UndoManager(text)
  },
  undo: () => undoing.undo(),
  redo: () => undoing.redo(),
  insert: ({ at, text: what }) => text.insert(at < 0 ? text.length : at, what),
  remove: ({ at, length }) => text.delete(at, length),
  present: ({ do: _, ...fields }) => provider.awareness.setLocalState({ ...provider.awareness.getLocalState(), ...fields }),
  hide: () => provider.awareness.setLocalState(null),
  disconnect: () => provider.disconnect(),
  connect: () => provider.connect(),
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  commands[command.do](command)
}
provider.destroy()
process.exit(0)
