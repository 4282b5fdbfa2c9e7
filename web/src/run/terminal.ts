// One terminal on the page: xterm, with what a program may do to a page taken away. The output panel makes it and closes it;
// fetched when the first terminal is shown. It knows nothing of rooms: what is typed goes to `type`.
//
// Everybody in a room shows the same program's output, so a terminal must never answer by itself: a query of the program
// would be answered once for every page. The server takes queries out too.
import { FitAddon } from '@xterm/addon-fit'
import { type IFunctionIdentifier, Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { TerminalSize } from '../protocol/events'
import { terminalColors } from './terminal-colors'
import './terminal-style'

/** Of one event to the server, below its bound. */
const TYPED_UNITS = 16_384
const FONT_PIXELS = 13
const LEAST_FONT_PIXELS = 8
const SCROLLBACK_LINES = 5000

/** Device attributes, status and cursor reports, modes, version, the window's size. */
const QUERIES: IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { prefix: '>', final: 'q' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { final: 't' },
]
/** Titles, colours of the palette and of the ground (which may ask, too), links, the clipboard. */
const INERT_OSC = [0, 1, 2, 4, 8, 10, 11, 12, 52]
/** What a terminal says when it gains or loses the focus, if the program wished so: everybody's would. */
const FOCUS_REPORTS = ['\x1b[I', '\x1b[O']

export interface TerminalOptions {
  parent: HTMLElement
  /** What a screen reader calls it. */
  label: string
  size: TerminalSize
  theme: 'light' | 'dark'
  type(text: string): void
}

export class TerminalScreen {
  readonly #terminal: Terminal
  readonly #fit = new FitAddon()

  constructor({ parent, label, size, theme, type }: TerminalOptions) {
    const terminal = new Terminal({
      cols: size.columns,
      rows: size.rows,
      theme: terminalColors[theme],
      fontFamily: getComputedStyle(parent).fontFamily,
      fontSize: FONT_PIXELS,
      lineHeight: 1.25,
      scrollback: SCROLLBACK_LINES,
      minimumContrastRatio: 4.5,
      screenReaderMode: true,
      cursorInactiveStyle: 'outline',
      rightClickSelectsWord: false,
      linkHandler: { activate: () => undefined },
    })
    this.#terminal = terminal
    terminal.loadAddon(this.#fit)
    this.#disarm()
    terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event))
    terminal.onData((text) => {
      if (FOCUS_REPORTS.includes(text)) return
      for (const piece of piecesOf(text)) type(piece)
    })
    terminal.open(parent)
    terminal.textarea?.setAttribute('aria-label', label)
  }

  #disarm(): void {
    const { parser } = this.#terminal
    for (const query of QUERIES) parser.registerCsiHandler(query, () => true)
    for (const number of INERT_OSC) parser.registerOscHandler(number, () => true)
    for (const intermediates of ['$', '+']) parser.registerDcsHandler({ intermediates, final: 'q' }, () => true)
  }

  /** Keys that stay the page's: those that lead out of the terminal, paste, and copy where something is selected. */
  #isForTerminal(event: KeyboardEvent): boolean {
    if (event.key === 'F6') return false
    const mod = event.ctrlKey && !event.altKey && !event.metaKey
    if (!mod) return true
    const key = event.key.toLowerCase()
    if (key === 'enter' || key === '.' || key === ',' || key === 'v') return false
    if (key === 'c' && (event.shiftKey || this.#terminal.hasSelection())) {
      if (event.type === 'keydown') this.#copy(event)
      return false
    }
    return true
  }

  #copy(event: KeyboardEvent): void {
    const text = this.#terminal.getSelection()
    event.preventDefault() // Ctrl+Shift+C opens a browser's tools
    if (text === '') return
    void navigator.clipboard?.writeText(text).catch(() => undefined) // refused: the text stays selected
    this.#terminal.clearSelection()
  }

  write(text: string, then?: () => void): void {
    this.#terminal.write(text, then)
  }

  /** Empty, as it was made. */
  reset(): void {
    this.#terminal.reset()
  }

  resize({ columns, rows }: TerminalSize): void {
    if (this.#terminal.cols !== columns || this.#terminal.rows !== rows) this.#terminal.resize(columns, rows)
  }

  set readOnly(is: boolean) {
    this.#terminal.options.disableStdin = is
  }

  set theme(theme: 'light' | 'dark') {
    this.#terminal.options.theme = terminalColors[theme]
  }

  /** As many columns as there is room for in letters of full size; null while it is not shown. */
  fittingColumns(): number | null {
    this.#terminal.options.fontSize = FONT_PIXELS
    return this.#fit.proposeDimensions()?.cols ?? null
  }

  /** Smaller letters, if its columns do not fit; below a size it is scrolled instead. */
  shrinkToFit(): void {
    const fitting = this.fittingColumns()
    if (fitting === null || fitting >= this.#terminal.cols) return
    this.#terminal.options.fontSize = Math.max(LEAST_FONT_PIXELS, Math.floor((FONT_PIXELS * fitting) / this.#terminal.cols))
  }

  /** The program is over: no cursor, and no more lines than were written. */
  finish(): void {
    const { active } = this.#terminal.buffer
    let used = active.cursorY + 1
    for (let row = this.#terminal.rows; row > used; row--) {
      if ((active.getLine(active.baseY + row - 1)?.translateToString(true) ?? '') !== '') used = row
    }
    if (used > 1 && (active.getLine(active.baseY + used - 1)?.translateToString(true) ?? '') === '') used--
    this.#terminal.write('\x1b[?25l')
    if (active.baseY === 0) this.#terminal.resize(this.#terminal.cols, Math.max(1, used))
  }

  focus(): void {
    this.#terminal.focus()
  }

  close(): void {
    this.#terminal.dispose()
  }
}

/** No piece ends in half a surrogate pair. */
export function piecesOf(text: string, units = TYPED_UNITS): string[] {
  const pieces: string[] = []
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + units)
    const last = text.charCodeAt(to - 1)
    if (to < text.length && last >= 0xd800 && last < 0xdc00) to--
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}
