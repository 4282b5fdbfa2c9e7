// What GET /api/languages says of a language. The api layer fetches it; run and editor choose by it.

export type Runtime = 'python' | 'javascript' | 'typescript' | 'html' | 'sqlite'

export interface LanguageInfo {
  id: string
  name: string
  /** Without its dot, e.g. "py". */
  extension: string
  /** The name that CodeMirror's language-data knows it by. */
  mode: string
  /** The browser runtime that runs it; null: this language cannot be run here. */
  runtime: Runtime | null
  where: 'browser'[]
  sample: string
}
