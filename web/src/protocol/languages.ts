// What GET /api/languages says of a language. The api layer fetches it; run and editor choose by it.

export type Runtime = 'python' | 'javascript' | 'typescript' | 'html' | 'sqlite'

/** What runs a language on the server. */
export interface OnServer {
  /** What it is called: "GCC", "Node.js". */
  name: string
  version: string
  /** What it has besides: "numpy". */
  libraries: string[]
  compiled: boolean
  /** Lines can be typed into it one by one. */
  repl: boolean
}

export interface LanguageInfo {
  id: string
  name: string
  /** Without its dot, e.g. "py". */
  extension: string
  /** The name that CodeMirror's language-data knows it by. */
  mode: string
  /** What else it is called. */
  aliases: string[]
  /** The browser runtime that runs it; null: no browser can. */
  runtime: Runtime | null
  where: ('browser' | 'server')[]
  server: OnServer | null
  /** Why the server does not run it, and what to do; empty where it does, and for what is only written. */
  why: string
  sample: string
}
