// Rows as an aligned text table, streamed: the widths come from the first rows, later rows keep to them. Pure.

export type Cell = string | number | bigint | null | Uint8Array | ArrayBuffer | Int8Array

const SAMPLE_ROWS = 200 // widths are decided after so many rows
const WIDEST = 80 // a column is padded to this at most; longer values are shown whole and push the rest aside

export function cellText(cell: Cell): string {
  if (cell === null) return 'NULL'
  if (typeof cell === 'object') {
    const bytes = cell instanceof ArrayBuffer ? new Uint8Array(cell) : new Uint8Array(cell.buffer, cell.byteOffset, cell.byteLength)
    return `x'${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`
  }
  return String(cell).replaceAll('\n', '⏎').replaceAll('\r', '').replaceAll('\t', '    ')
}

// East Asian wide characters and emoji take two columns in a monospaced font.
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const NO_WIDTH = /\p{M}|\u200b|\u200d/u

export function textWidth(text: string): number {
  let width = 0
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

const isNumber = (cell: Cell): boolean => typeof cell === 'number' || typeof cell === 'bigint'

export class TextTable {
  #rows: Cell[][] = []
  #widths: number[] | null = null
  #right: boolean[] = []
  #count = 0
  readonly #columns: string[]
  readonly #write: (text: string) => void

  constructor(columns: string[], write: (text: string) => void) {
    this.#columns = columns
    this.#write = write
  }

  add(row: Cell[]): void {
    this.#count++
    if (this.#widths !== null) {
      this.#write(this.#line(row))
      return
    }
    this.#rows.push(row)
    if (this.#rows.length >= SAMPLE_ROWS) this.#start()
  }

  /** Writes what waits and the number of rows. */
  end(): void {
    if (this.#widths === null) this.#start()
    this.#write(`(${this.#count} ${this.#count === 1 ? 'row' : 'rows'})\n`)
  }

  #start(): void {
    const rows = this.#rows.splice(0)
    this.#right = this.#columns.map((_, at) => {
      const cells = rows.map((row) => row[at] ?? null).filter((cell) => cell !== null)
      return cells.length > 0 && cells.every(isNumber)
    })
    const widths = this.#columns.map((name, at) =>
      Math.min(WIDEST, rows.reduce((widest, row) => Math.max(widest, textWidth(cellText(row[at] ?? null))), textWidth(name))),
    )
    this.#widths = widths
    const rule = widths.map((width) => '─'.repeat(width)).join('──')
    this.#write(`${this.#line(this.#columns)}${rule}\n${rows.map((row) => this.#line(row)).join('')}`)
  }

  #line(row: Cell[]): string {
    const cells = this.#columns.map((_, at) => {
      const text = cellText(row[at] ?? null)
      const pad = ' '.repeat(Math.max(0, (this.#widths?.[at] ?? 0) - textWidth(text)))
      return this.#right[at] === true ? pad + text : text + pad
    })
    return `${cells.join('  ').trimEnd()}\n`
  }
}
