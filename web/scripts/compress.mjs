// Writes a .br and a .gz beside everything compressible over 1 KB. What was compressed once is kept in `cache`, named
// by its content, since the large runtimes take a minute and seldom change.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const compressible = /\.(html|js|mjs|css|svg|json|wasm|map|txt|ttf|webmanifest|py|xml|data)$/
const small = 1024
const huge = 4 * 1024 * 1024 // above it brotli's best level takes minutes for one more percent

const ways = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: bytes.length > huge ? 10 : 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
}

export async function compressFolder(folder, cache) {
  mkdirSync(cache, { recursive: true })
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && compressible.test(path) && statSync(path).size > small) await compressFile(path, cache)
  }
}

async function compressFile(path, cache) {
  const bytes = readFileSync(path)
  const name = createHash('sha256').update(bytes).digest('hex')
  for (const [ending, compress] of Object.entries(ways)) {
    const kept = join(cache, `${name}.${ending}`)
    if (!existsSync(kept)) {
      const unfinished = `${kept}.${process.pid}`
      writeFileSync(unfinished, await compress(bytes))
      renameSync(unfinished, kept)
    }
    if (statSync(kept).size < bytes.length) copyFileSync(kept, `${path}.${ending}`)
  }
}
