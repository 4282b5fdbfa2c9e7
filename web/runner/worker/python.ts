// The Python worker: boots Pyodide from the assets it is given and runs a program in it, once. What happens on the Python
// side stands in python-program.py.

import { loadPyodide } from 'pyodide'
// @ts-expect-error the package gives this file no types; loadPyodide only passes it on
import createPyodideModule from 'pyodide/pyodide.asm.mjs'
import type { PyodideAPI } from 'pyodide'
import type { Program } from '../../src/run/messages'
import { ASSETS_URL, withAssets } from './assets'
import pythonProgram from './python-program.py?raw'
import { type RunIo, serve } from './serve'

/** Of pyodide-lock.json, by the build: the versions alone, since no package can be loaded. */
declare const __PYODIDE_INFO__: Record<string, string>

const HOME = '/home/pyodide'

let python: PyodideAPI | undefined

async function boot(): Promise<void> {
  python = await loadPyodide({
    indexURL: ASSETS_URL,
    packageBaseUrl: ASSETS_URL,
    lockFileContents: { info: __PYODIDE_INFO__, packages: {} } as never,
    createPyodideModule,
    env: { HOME, NO_COLOR: '1' },
  } as Parameters<typeof loadPyodide>[0])
  python.runPython('import asyncio, traceback, pyodide.code') // what every run needs, while nobody waits
}

/** Python writes bytes, and may cut a character in two. */
function writer(write: (text: string) => void): { isatty: boolean; write(bytes: Uint8Array): number } {
  const decoder = new TextDecoder()
  return {
    isatty: true,
    write: (bytes) => {
      write(decoder.decode(bytes, { stream: true }))
      return bytes.length
    },
  }
}

function writeFiles(fs: PyodideAPI['FS'], files: Record<string, string>): void {
  fs.chdir(HOME)
  for (const [name, text] of Object.entries(files)) {
    const folders = name.split('/').slice(0, -1)
    if (folders.length > 0) fs.mkdirTree(folders.join('/'))
    fs.writeFile(name, text)
  }
}

async function run({ files, entry, stdin }: Program, io: RunIo): Promise<number> {
  if (python === undefined) throw new Error('Python has not booted.')
  python.setStdout(writer(io.out))
  python.setStderr(writer(io.err))
  writeFiles(python.FS, files)
  const { promise: left, resolve: leave } = Promise.withResolvers<number>()
  const canSuspend = 'Suspending' in WebAssembly
  python.registerJsModule('runner_io', { line: io.line, lineNow: io.lineNow, ended: () => stdin !== null, leave, canSuspend })
  // What breaks the interpreter itself comes out here, and the program's promise never settles.
  const broken = (event: ErrorEvent | PromiseRejectionEvent): void => {
    event.preventDefault()
    const reason: unknown = 'reason' in event ? event.reason : (event.error ?? event.message)
    const status = (reason as { status?: unknown } | null)?.status
    if (typeof status !== 'number') io.err(`Python itself broke: ${String(reason)}\n`)
    leave(typeof status === 'number' ? status : 1)
  }
  self.addEventListener('error', broken)
  self.addEventListener('unhandledrejection', broken)
  python.runPython(pythonProgram, { filename: '<runner>' })
  const runProgram = python.globals['get']('run_program')
  return Promise.race([left, Promise.resolve(runProgram(python.toPy(files), entry)).then(Number)])
}

serve({ boot: (assets) => withAssets(assets, boot), run })
