// Builds what runs people's code in the browser, into FOLDER/runner: `node scripts/build-runner.mjs FOLDER`.
//   frame.html, preview.html      one inline script each (the server puts its hash into the frame's policy)
//   assets/NAME-HASH.ext          workers and what they need; the page fetches them and hands them to a frame
// The table of names and sizes goes where the page's own build finds it (runner-assets-plugin.mjs).
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const { resolve: locate } = createRequire(import.meta.url)
const WORKERS = ['python', 'javascript', 'sqlite']
const FILES = { 'pyodide.asm.wasm': 'pyodide/pyodide.asm.wasm', 'python_stdlib.zip': 'pyodide/python_stdlib.zip', 'sqlite3.wasm': '@sqlite.org/sqlite-wasm/sqlite3.wasm' }

function pyodideInfo() {
  const { info } = JSON.parse(readFileSync(locate('pyodide/pyodide-lock.json'), 'utf8'))
  const { version } = JSON.parse(readFileSync(locate('pyodide/package.json'), 'utf8'))
  return { ...info, version }
}

/** The packages' own addresses would draw their files into the script (or let it fetch them); they come from the page. */
const fromMemory = {
  name: 'from-memory',
  enforce: 'pre',
  transform(code, id) {
    if (!/node_modules\/(pyodide|@sqlite\.org)\//.test(id)) return null
    return { code: code.replaceAll('import.meta.url', '"https://assets.invalid/"'), map: null }
  },
}

/** One script from one entry: everything inside it, and nothing that is fetched later. */
async function bundle(entry, define = {}) {
  const outputs = await build({
    configFile: false,
    root: web,
    logLevel: 'error',
    publicDir: false,
    define,
    plugins: [fromMemory],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      lib: { entry: join(web, entry), formats: ['iife'], name: 'runner', fileName: () => 'script.js' },
    },
  })
  const chunks = [outputs].flat().flatMap(({ output }) => output)
  if (chunks.length !== 1) throw new Error(`${entry} became ${chunks.length} files: ${chunks.map(({ fileName }) => fileName).join(', ')}`)
  return chunks[0].code
}

async function writeFrame(folder, name) {
  const script = (await bundle(`runner/${name}.ts`)).trim().replaceAll('</script', '<\\/script')
  const style = name === 'preview' ? '<style>html,body{height:100%;margin:0}iframe{border:0;display:block;width:100%;height:100%}</style>' : ''
  writeFileSync(join(folder, `${name}.html`), `<!doctype html><html lang="en"><meta charset="utf-8"><title>Runner</title>${style}<body><script>${script}</script></body></html>\n`)
}

function writeAsset(folder, name, bytes) {
  const extension = extname(name)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const file = `${name.slice(0, -extension.length)}-${hash}${extension}`
  writeFileSync(join(folder, 'assets', file), bytes)
  return [name, { file: `runner/assets/${file}`, bytes: bytes.length }]
}

/** Builds into `FOLDER/runner`; gives back the table of assets: name -> {file, bytes}. */
export async function buildRunner(target) {
  const folder = join(target, 'runner')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  await writeFrame(folder, 'frame')
  await writeFrame(folder, 'preview')
  const entries = []
  for (const name of WORKERS) {
    const code = await bundle(`runner/worker/${name}.ts`, { __PYODIDE_INFO__: JSON.stringify(pyodideInfo()) })
    entries.push(writeAsset(folder, `${name}.js`, Buffer.from(code)))
  }
  for (const [name, source] of Object.entries(FILES)) entries.push(writeAsset(folder, name, readFileSync(locate(source))))
  const table = Object.fromEntries(entries)
  const cache = join(web, 'node_modules/.cache/fourhands')
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, 'runner-assets.json'), JSON.stringify(table))
  return table
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.argv[2] ?? process.env.FOURHANDS_STATIC
  if (target === undefined) throw new Error('Say where to build: node scripts/build-runner.mjs FOLDER')
  await buildRunner(resolve(target))
}
