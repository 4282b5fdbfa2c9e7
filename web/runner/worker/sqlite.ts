// The SQL worker: one SQLite database in memory a run; each statement shows its rows as a table or how many rows it
// changed. Stops at the first error, with its line, as a script would.

import sqlite3InitModule, { type Sqlite3Static } from '@sqlite.org/sqlite-wasm'
import type { Program } from '../../src/run/messages'
import { withAssets } from './assets'
import { type RunIo, serve } from './serve'
import { type Cell, TextTable } from './sql-table'

const POINTER_BYTES = 4 // this build is 32-bit WebAssembly
const BLANK = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*/
const CHANGES = /^(?:insert|update|delete|replace|with)\b/i

let sqlite: Sqlite3Static | undefined

class SqlError extends Error {}

/** Runs a script's statements one after the other. Raises SqlError with the line and what SQLite says. */
class Script {
  readonly #sqlite: Sqlite3Static
  readonly #db: number
  readonly #io: RunIo
  readonly #entry: string
  readonly #bytes: Uint8Array
  #ran = 0
  #said = false

  constructor(sqlite: Sqlite3Static, db: number, io: RunIo, entry: string, text: string) {
    this.#sqlite = sqlite
    this.#db = db
    this.#io = io
    this.#entry = entry
    this.#bytes = new TextEncoder().encode(text)
  }

  run(): void {
    const { capi, wasm } = this.#sqlite
    const size = this.#bytes.length
    const text = wasm.alloc(size + 1)
    const statementOut = wasm.alloc(2 * POINTER_BYTES)
    const tailOut = statementOut + POINTER_BYTES
    wasm.heap8u().set(this.#bytes, text)
    wasm.poke8(text + size, 0)
    try {
      let at = 0
      while (at < size) {
        wasm.pokePtr(statementOut, 0)
        wasm.pokePtr(tailOut, 0)
        if (capi.sqlite3_prepare_v3(this.#db, text + at, size - at, 0, statementOut, tailOut) !== 0) throw this.#error(at, size, true)
        const end = wasm.peekPtr(tailOut) - text
        const statement = wasm.peekPtr(statementOut)
        if (statement !== 0) this.#statement(statement, at, end)
        at = end
      }
      if (!this.#said && this.#ran > 0) this.#io.out(`${this.#ran} ${this.#ran === 1 ? 'statement' : 'statements'} done\n`)
    } finally {
      wasm.dealloc(statementOut)
      wasm.dealloc(text)
    }
  }

  #statement(statement: number, start: number, end: number): void {
    const { capi } = this.#sqlite
    try {
      const columns = Array.from({ length: capi.sqlite3_column_count(statement) }, (_, at) => capi.sqlite3_column_name(statement, at))
      const table = columns.length > 0 ? new TextTable(columns, (text) => this.#io.out(text)) : null
      if (table !== null && this.#said) this.#io.out('\n')
      let result = capi.sqlite3_step(statement)
      for (; result === capi.SQLITE_ROW; result = capi.sqlite3_step(statement)) {
        table?.add(columns.map((_, at) => capi.sqlite3_column_js(statement, at) as Cell))
      }
      if (result !== capi.SQLITE_DONE) throw this.#error(start, end, false)
      table?.end()
      if (table !== null) this.#said = true
      else if (CHANGES.test(this.#text(start, end).replace(BLANK, ''))) this.#sayChanges(Number(capi.sqlite3_changes(this.#db)))
      this.#ran++
    } finally {
      capi.sqlite3_finalize(statement)
    }
  }

  #sayChanges(count: number): void {
    this.#io.out(`${count} ${count === 1 ? 'row' : 'rows'} changed\n`)
    this.#said = true
  }

  #text(start: number, end: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(start, end))
  }

  #error(start: number, end: number, preparing: boolean): SqlError {
    const { capi } = this.#sqlite
    const message = capi.sqlite3_errmsg(this.#db)
    const rest = this.#text(start, end)
    const blank = BLANK.exec(rest)?.[0] ?? ''
    const offset = preparing ? capi.sqlite3_error_offset(this.#db) : -1
    const before = offset >= 0 ? this.#text(0, start + offset) : this.#text(0, start) + blank
    const line = before.split('\n').length
    const source = new TextDecoder().decode(this.#bytes).split('\n')[line - 1]?.trim() ?? ''
    const hint = rest.slice(blank.length).startsWith('.')
      ? 'Commands of the sqlite3 shell such as .tables do not exist here. Try: SELECT name FROM sqlite_schema;\n'
      : ''
    return new SqlError(`${this.#entry}, line ${line}: ${message}\n    ${source}\n${hint}`)
  }
}

async function run({ files, entry }: Program, io: RunIo): Promise<number> {
  if (sqlite === undefined) throw new Error('SQLite has not booted.')
  const db = new sqlite.oo1.DB(':memory:')
  if (db.pointer === undefined) throw new Error('SQLite gave no database.')
  try {
    new Script(sqlite, Number(db.pointer), io, entry, files[entry] ?? '').run()
    return 0
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    io.err(error.message)
    return 1
  } finally {
    db.close()
  }
}

serve({
  boot: async (assets) => {
    sqlite = await withAssets(assets, () => sqlite3InitModule())
  },
  run,
})
