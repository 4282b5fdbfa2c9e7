// The JavaScript and TypeScript worker. A program is a script in which `await`, `import` and `export` may be used; types are
// taken out, not checked. It is finished when its top level is done and no timer or input is pending; an uncaught error or
// an unhandled rejection ends it, as in Node.

import { transform } from 'sucrase'
import type { Program } from '../../src/run/messages'
import { consoleTo } from './console'
import { inspect } from './inspect'
import { ownStack, PREFIX_NAME } from './own-frames'
import { PendingWork } from './pending-work'
import { type RunIo, serve } from './serve'

type Exports = Record<string, unknown>
type Body = (require: (name: string) => unknown, module: { exports: Exports }, exports: Exports) => unknown

const SCRIPT = /\.[cm]?[jt]sx?$/
const TYPED = /\.[cm]?tsx?$/
const MODULE_SYNTAX = /^\s*(?:import\b(?!\s*[(.])|export\b)/m

const scope = self as unknown as Record<string, unknown>
const realWorker = self.Worker

class Exit extends Error {
  constructor(readonly code: number) {
    super('process.exit')
  }
}

/** A syntax error that knows its place already. */
class LocatedError extends SyntaxError {
  constructor(message: string, readonly place: string) {
    super(message)
  }
}

/** The text as the browser can run it, line for line. */
function compile(name: string, text: string): string {
  const transforms: ('typescript' | 'imports' | 'jsx')[] = []
  if (TYPED.test(name)) transforms.push('typescript')
  if (name.endsWith('x')) transforms.push('jsx')
  if (MODULE_SYNTAX.test(text)) transforms.push('imports')
  if (transforms.length === 0) return text
  try {
    return transform(text, { transforms, filePath: name, production: true, disableESTransforms: true, preserveDynamicImport: true }).code
  } catch (error) {
    const { message, loc } = error as { message: string; loc?: { line: number; column: number } }
    if (loc === undefined) throw error
    throw new LocatedError(message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, ''), `${name}:${loc.line}:${loc.column}`)
  }
}

/** The browser tells where a syntax error is only to the parent of a worker that has it. */
function placeOfSyntaxError(url: string, name: string): Promise<string> {
  return new Promise((resolve) => {
    const worker = new realWorker(url)
    worker.onerror = (event) => {
      event.preventDefault()
      worker.terminate()
      resolve(`${name}:${event.lineno}:${event.lineno === 1 ? Math.max(1, event.colno - PREFIX.length) : event.colno}`)
    }
  })
}

const REGISTRY = '__fourhands_program'
const PREFIX = `self.${REGISTRY}.${PREFIX_NAME}=async function(require,module,exports){`

async function evaluate(name: string, text: string, isEntry: boolean): Promise<Body> {
  const open = isEntry ? PREFIX : PREFIX.replace('async ', '')
  const script = `${open}${compile(name, text)}\n}\n//# sourceURL=${name}`
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const registry: { program?: Body } = {}
  scope[REGISTRY] = registry
  try {
    importScripts(url)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new LocatedError(error.message.replace(/^Failed to execute 'importScripts'[^:]*: /, ''), await placeOfSyntaxError(url, name))
  } finally {
    delete scope[REGISTRY]
    URL.revokeObjectURL(url)
  }
  if (registry.program === undefined) throw new SyntaxError(`${name} closes a bracket that it never opened.`)
  return registry.program
}

function resolveName(from: string, to: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of to.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** The program's files as modules that may require each other. */
class Modules {
  readonly #bodies = new Map<string, Body>()
  readonly #loaded = new Map<string, { exports: Exports }>()

  async prepare(files: Record<string, string>, entry: string): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      if (SCRIPT.test(name) || name === entry) this.#bodies.set(name, await evaluate(name, text, name === entry))
    }
  }

  /** Runs a module; the entry's promise is its top level's end. */
  start(name: string): unknown {
    const body = this.#bodies.get(name)
    const module = { exports: {} }
    this.#loaded.set(name, module)
    return body?.call(module.exports, (other) => this.#require(other, name), module, module.exports)
  }

  #require(name: string, from: string): unknown {
    const base = name.startsWith('.') ? resolveName(from, name) : null
    const found = [base, `${base}.ts`, `${base}.js`, base?.replace(/\.js$/, '.ts')].find((path) => path != null && this.#bodies.has(path))
    if (found == null) throw new Error(`Cannot find module '${name}': a program in the browser has the browser's own functions and no packages`)
    if (!this.#loaded.has(found)) this.start(found)
    return this.#loaded.get(found)?.exports
  }
}

function installGlobals(io: RunIo, work: PendingWork, stackOf: (error: Error) => string, exit: (code: number) => void, entry: string): void {
  const shown = consoleTo(io.out, io.err, stackOf)
  scope['console'] = shown
  scope['input'] = (prompt = '') => {
    io.out(String(prompt))
    return work.awaiting(io.line())
  }
  scope['prompt'] = (text = '') => {
    io.out(String(text))
    const line = io.lineNow()
    if (line === undefined) throw new Error("prompt() cannot wait in here. Use: const answer = await input('...')")
    return line
  }
  scope['close'] = () => exit(0) // the worker's own would end it without a word
  scope['alert'] = (text = '') => shown.log(text)
  scope['process'] = {
    argv: ['node', entry],
    env: {},
    platform: 'browser',
    stdout: { write: (text: unknown) => (io.out(String(text)), true) },
    stderr: { write: (text: unknown) => (io.err(String(text)), true) },
    nextTick: (callback: (...values: unknown[]) => void, ...values: unknown[]) => queueMicrotask(() => callback(...values)),
    exit: (code = 0) => {
      exit(Number(code) & 0xff)
      throw new Exit(Number(code))
    },
  }
}

async function run({ files, entry }: Program, io: RunIo): Promise<number> {
  const names = new Set(Object.keys(files))
  const stackOf = (error: Error): string => {
    const own = error instanceof LocatedError ? `SyntaxError: ${error.message}\n    at ${error.place}` : ownStack(error, names, PREFIX.length)
    return error.cause === undefined ? own : `${own}\n[cause]: ${inspect(error.cause, stackOf)}`
  }
  return new Promise((resolve) => {
    const fail = (error: unknown): void => {
      if (error instanceof Exit) return
      io.err(`Uncaught ${error instanceof Error ? stackOf(error) : inspect(error)}\n`)
      resolve(1)
    }
    const work = new PendingWork(fail)
    work.install()
    installGlobals(io, work, stackOf, resolve, entry)
    self.addEventListener('error', (event) => {
      event.preventDefault()
      fail(event.error ?? new Error(event.message))
    })
    self.addEventListener('unhandledrejection', (event) => {
      event.preventDefault()
      fail(event.reason)
    })
    const main = async (): Promise<void> => {
      const modules = new Modules()
      await modules.prepare(files, entry)
      await modules.start(entry)
      await work.idle()
      resolve(0)
    }
    main().catch(fail)
  })
}

serve({ boot: async () => {}, run })
