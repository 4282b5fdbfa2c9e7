// Builds all that the server serves into one folder: `node scripts/build.mjs [FOLDER]` (default src/fourhands/static).
// Everything is made in a folder beside it and put in place at the end, so that a running server never sees a half.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildServiceWorker } from './build-service-worker.mjs'
import { compressFolder } from './compress.mjs'
import { checkFirstLoad } from './first-load.mjs'

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const target = resolve(process.argv[2] ?? resolve(web, '../src/fourhands/static'))
const fresh = `${target}.new-${process.pid}`
const old = `${target}.old-${process.pid}`

function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: web, stdio: 'inherit', env: { ...process.env, FOURHANDS_STATIC: fresh } })
  if (status !== 0) throw new Error(`${args[0]} failed`)
}

mkdirSync(fresh, { recursive: true })
try {
  if (existsSync(resolve(web, 'scripts/build-runner.mjs'))) node('scripts/build-runner.mjs', fresh)
  for (const project of ['.', 'tsconfig.service-worker.json', 'runner', 'runner/worker']) {
    node('node_modules/@typescript/native/bin/tsc', '-p', project)
  }
  node('node_modules/@typescript/native/bin/tsc', '-p', 'runner')
  node('node_modules/@typescript/native/bin/tsc', '-p', 'runner/worker')
  node('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn')
  await buildServiceWorker(web, fresh)
  checkFirstLoad(fresh)
  rmSync(resolve(fresh, 'manifest.json'))
  await compressFolder(fresh, resolve(web, 'node_modules/.cache/fourhands'))
  if (existsSync(target)) renameSync(target, old)
  renameSync(fresh, target)
} catch (error) {
  console.error(`The pages were not built: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  rmSync(fresh, { recursive: true, force: true })
  rmSync(old, { recursive: true, force: true })
}
