// Which assets each runtime is made of. The names are those of scripts/build-runner.mjs.

import type { Runtime } from '../protocol/languages'

export interface RuntimeParts {
  /** As people call it: "Loading Python…". */
  label: string
  worker: string
  assets: string[]
}

export const RUNTIMES: Record<Exclude<Runtime, 'html'>, RuntimeParts> = {
  python: { label: 'Python', worker: 'python.js', assets: ['pyodide.asm.wasm', 'python_stdlib.zip'] },
  javascript: { label: 'JavaScript', worker: 'javascript.js', assets: [] },
  typescript: { label: 'TypeScript', worker: 'javascript.js', assets: [] },
  sqlite: { label: 'SQLite', worker: 'sqlite.js', assets: ['sqlite3.wasm'] },
}
