// One terminal on the page: xterm, with what a program may do to a page taken away. The output panel makes it and closes it;
// fetched when the first terminal is shown. It knows nothing of rooms: what is typed goes to `type`.
//
// Everybody in a room shows the same program's output, so a terminal must never answer by itself: a query of the program
// would be answered once for every page. The server takes queries out too.
import { type IFunctionIdentifier, Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { TerminalSize } from '../protocol/events'
import { terminalColors } from './terminal-colors'
import { piecesOf } from './terminal-input'
import './terminal-style'

const FONT_PIXELS = 13
const LEAST_FONT_PIXELS = 8
const LEAST_COLUMNS = 20
const MOST_COLUMNS = 240
/** xterm keeps them free at the right. */
const SCROLL_BAR_PIXELS = 14
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
  readonly #parent: HTMLElement
  /** A letter's width in full size. */
  readonly #letterPixels: number

  constructor({ parent, label, size, theme, type }: TerminalOptions) {
    const terminal = new Terminal({
      cols: size.columns,
      rows: size.rows,
      theme: terminalColors[theme],
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--font-code').trim() || 'monospace',
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
    this.#parent = parent
    this.#letterPixels = letterPixels(terminal.options.fontFamily ?? 'monospace')
    this.#disarm()
    terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event))
    terminal.onData((text) => {
      if (FOCUS_REPORTS.includes(text)) return
      for (const piece of piecesOf(text)) type(piece)
    })
    terminal.open(parent)
    terminal.textarea?.setAttribute('aria-label', label)
    if (terminal.textarea !== undefined) this.#takeInserted(terminal.textarea)
  }

  /** What comes without keys (emoji, dictation): for screen readers, xterm passes it over. */
  #takeInserted(field: HTMLTextAreaElement): void {
    let keyIsDown = false
    field.addEventListener('keydown', () => (keyIsDown = true), true)
    field.addEventListener('keyup', () => (keyIsDown = false), true)
    field.addEventListener('input', (event) => {
      const { data, inputType, isComposing } = event as InputEvent
      if (inputType === 'insertText' && data !== null && !isComposing && !keyIsDown) this.#terminal.input(data)
    })
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
    const style = getComputedStyle(this.#parent)
    const free = this.#parent.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - SCROLL_BAR_PIXELS
    return free > 0 ? Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, Math.floor(free / this.#letterPixels))) : null
  }

  /** Letters so small that its columns fit; below a size it is scrolled instead. */
  fitLetters(): void {
    const fitting = this.fittingColumns()
    if (fitting === null) return
    const size = Math.max(LEAST_FONT_PIXELS, Math.min(FONT_PIXELS, Math.floor((FONT_PIXELS * fitting) / this.#terminal.cols)))
    if (this.#terminal.options.fontSize !== size) this.#terminal.options.fontSize = size
  }

  /** The program is over: no cursor, and no more lines than were written. */
  finish(): void {
    const { active } = this.#terminal.buffer
    const isEmpty = (row: number) => (active.getLine(active.baseY + row)?.translateToString(true) ?? '') === ''
    let used = this.#terminal.rows
    while (used > 1 && isEmpty(used - 1)) used--
    // The cursor goes along: lines that it stands below would be pushed out above.
    this.#terminal.write(`\x1b[?25l\x1b[${used}H`, () => {
      if (active.baseY === 0) this.#terminal.resize(this.#terminal.cols, used)
    })
  }

  focus(): void {
    this.#terminal.focus()
  }

  close(): void {
    this.#terminal.dispose()
  }
}

/** As xterm measures it. */
function letterPixels(family: string): number {
  const measure = new OffscreenCanvas(1, 1).getContext('2d')
  if (measure === null) return FONT_PIXELS * 0.602
  measure.font = `${FONT_PIXELS}px ${family}`
  return measure.measureText('W').width
}
