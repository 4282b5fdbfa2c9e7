// The budget: what a room page fetches before its editor accepts keys stays below 200 KB gzipped. Counted from the
// build's manifest: index.html, the entry, everything it imports statically, and the page's own chunks for a room.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const budget = 200_000

/** What a room page fetches on its own before the editor stands, by source; the entry itself always counts. */
const roomSources = ['src/panels/registry.ts', 'src/editor/code-editor.ts']

/** All files that the chunk of key `start` needs at once, its own included. */
export function staticClosure(manifest, start, files = new Set(), seen = new Set()) {
  const chunk = manifest[start]
  if (!chunk || seen.has(start)) return files
  seen.add(start)
  files.add(chunk.file)
  for (const sheet of chunk.css ?? []) files.add(sheet)
  for (const name of chunk.imports ?? []) staticClosure(manifest, name, files, seen)
  return files
}

export function firstLoad(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  const files = new Set(['index.html'])
  const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry)
  for (const source of roomSources) {
    if (!Object.values(manifest).some((chunk) => chunk.src === source)) throw new Error(`${source} is no chunk of its own any more: scripts/first-load.mjs counts by it`)
  }
  for (const key of [...entries, ...roomSources]) staticClosure(manifest, key, files)
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  for (const [, script] of html.matchAll(/<script src="\.\/([^"]+)"/g)) files.add(script)
  return [...files].map((file) => ({ file, gz: gzipSync(readFileSync(join(folder, file)), { level: 9 }).length }))
}

export function checkFirstLoad(folder) {
  const parts = firstLoad(folder).sort((a, b) => b.gz - a.gz)
  const total = parts.reduce((sum, part) => sum + part.gz, 0)
  for (const { file, gz } of parts) console.log(`${(gz / 1000).toFixed(1).padStart(8)} KB gz  ${file}`)
  console.log(`${(total / 1000).toFixed(1).padStart(8)} KB gz  before a room's editor accepts keys (budget ${budget / 1000})`)
  if (total > budget) throw new Error(`a room's first load is ${total} bytes gzipped, over the budget of ${budget}`)
}
