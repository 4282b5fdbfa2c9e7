// Builds src/service-worker.ts to sw.js at the root of the folder, told which files make up the pages' shell: the
// entry and the page's own chunks. What comes from packages on demand (languages, key maps) is kept when first used.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { staticClosure } from './first-load.mjs'

/** `html` names files that the manifest does not: the theme's boot script, the icon. */
function shellFiles(manifest, html) {
  const files = new Set(Array.from(html.matchAll(/"\.\/(assets\/[^"]+)"/g), ([, file]) => file))
  for (const [key, chunk] of Object.entries(manifest)) {
    if (chunk.isEntry || chunk.src?.startsWith('src/')) staticClosure(manifest, key, files)
  }
  return [...files].filter((file) => !file.startsWith('runner/')).sort()
}

export async function buildServiceWorker(web, folder) {
  const source = join(web, 'src/service-worker.ts')
  if (!existsSync(source)) return
  const files = shellFiles(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')), readFileSync(join(folder, 'index.html'), 'utf8'))
  const version = createHash('sha256').update(readFileSync(join(folder, 'index.html'))).update(files.join()).digest('hex').slice(0, 12)
  await build({
    configFile: false,
    root: web,
    logLevel: 'warn',
    publicDir: false,
    define: { __SHELL_FILES__: JSON.stringify(files), __SHELL_VERSION__: JSON.stringify(version) },
    build: {
      outDir: folder,
      emptyOutDir: false,
      reportCompressedSize: false,
      target: 'es2022',
      lib: { entry: source, formats: ['iife'], name: 'shell', fileName: () => 'sw.js' },
    },
  })
}
