// A `console` that writes to the run's output. Installed by the JavaScript worker before the program starts.

import { format, inspect } from './inspect'

type Write = (text: string) => void
type Rows = Record<string, unknown>

function table(data: unknown): string {
  const rows = Object.entries(data as Rows)
  const columns = [...new Set(rows.flatMap(([, row]) => (typeof row === 'object' && row !== null ? Object.keys(row) : [])))]
  const plain = rows.some(([, row]) => typeof row !== 'object' || row === null)
  const lines = rows.map(([index, row]) => {
    const isObject = typeof row === 'object' && row !== null
    const cells = columns.map((column) => (isObject && column in row ? inspect((row as Rows)[column]) : ''))
    return [index, ...cells, ...(plain ? [isObject ? '' : inspect(row)] : [])]
  })
  const all = [['(index)', ...columns, ...(plain ? ['Values'] : [])], ...lines]
  const widths = all[0]?.map((_, at) => Math.max(...all.map((line) => line[at]?.length ?? 0))) ?? []
  const draw = (line: string[]): string => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' │ ').trimEnd()
  const [head = [], ...body] = all
  return [draw(head), widths.map((width) => '─'.repeat(width)).join('─┼─'), ...body.map(draw)].join('\n')
}

/** `stackOf` writes an error's own lines. */
export function consoleTo(out: Write, err: Write, stackOf: (error: Error) => string): Console {
  let indent = ''
  const counts = new Map<string, number>()
  const timers = new Map<string, number>()
  const line = (write: Write) => (...values: unknown[]) => {
    write(`${indent}${format(values, stackOf).replaceAll('\n', `\n${indent}`)}\n`)
  }
  const log = line(out)
  const error = line(err)
  const sinceStart = (label: string, ...values: unknown[]): void => {
    const start = timers.get(label)
    if (start === undefined) error(`Timer '${label}' does not exist`)
    else log(`${label}: ${(performance.now() - start).toFixed(3)}ms`, ...values)
  }
  return {
    log,
    info: log,
    debug: log,
    warn: error,
    error,
    dir: (value: unknown) => log(inspect(value, stackOf)),
    dirxml: log,
    table: (data: unknown) => log(typeof data === 'object' && data !== null ? table(data) : data),
    trace: (...values: unknown[]) => error(stackOf(Object.assign(new Error(format(values, stackOf)), { name: 'Trace' }))),
    assert: (holds: unknown, ...values: unknown[]) => {
      if (!holds) error('Assertion failed', ...values)
    },
    group: (...values: unknown[]) => {
      if (values.length > 0) log(...values)
      indent += '  '
    },
    groupCollapsed: (...values: unknown[]) => {
      if (values.length > 0) log(...values)
      indent += '  '
    },
    groupEnd: () => {
      indent = indent.slice(2)
    },
    count: (label = 'default') => {
      counts.set(label, (counts.get(label) ?? 0) + 1)
      log(`${label}: ${counts.get(label)}`)
    },
    countReset: (label = 'default') => void counts.delete(label),
    time: (label = 'default') => void timers.set(label, performance.now()),
    timeLog: (label = 'default', ...values: unknown[]) => sinceStart(label, ...values),
    timeEnd: (label = 'default') => {
      sinceStart(label)
      timers.delete(label)
    },
    timeStamp: () => {},
    profile: () => {},
    profileEnd: () => {},
    clear: () => {},
  } as unknown as Console
}
