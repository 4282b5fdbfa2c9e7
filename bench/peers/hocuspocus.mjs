// node hocuspocus.mjs PORT [FOLDER]: @hocuspocus/server as it comes, without its log; with a folder, documents are kept there as files; with
// $REDIS_PORT it is one of several, by its own extension.
// The packages are found in $PEERS/node_modules.
import { createRequire } from 'node:module'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const peers = createRequire(join(process.env.PEERS, 'package.json'))
const load = (name) => import(pathToFileURL(peers.resolve(name)).href)

const { Server } = await load('@hocuspocus/server')
const [port, folder] = process.argv.slice(2)
const extensions = []
if (folder) {
  const { Database } = await load('@hocuspocus/extension-database')
  const path = (name) => join(folder, encodeURIComponent(name))
  extensions.push(
    new Database({
      fetch: ({ documentName }) => readFile(path(documentName)).catch((error) => (error.code === 'ENOENT' ? null : Promise.reject(error))),
      store: async ({ documentName, state }) => {
        await writeFile(`${path(documentName)}.new`, state)
        await rename(`${path(documentName)}.new`, path(documentName))
      },
    }),
  )
}
if (process.env.REDIS_PORT) {
  const { Redis } = await load('@hocuspocus/extension-redis')
  extensions.push(new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT) }))
}
await new Server({ port: Number(port), address: '127.0.0.1', quiet: true, extensions }).listen()
