// Error stacks without the runner's own frames, so that their lines point into the program's files. Pure.

/** The text before a program's first line in the script that is run; it is on that same line. */
export const PREFIX_NAME = 'program'

/** `prefixLength`: the characters that stand before the program on its first line. */
export function ownStack(error: Error, files: ReadonlySet<string>, prefixLength: number): string {
  const title = error.message === '' ? error.name : `${error.name}: ${error.message}`
  const lines = (error.stack ?? '').split('\n')
  const frames = lines.map((line) => ownFrame(line, files, prefixLength)).filter((frame) => frame !== null)
  return [title, ...frames].join('\n')
}

const LOCATION = /\(?([^\s()@]+):(\d+):(\d+)\)?$/

function ownFrame(line: string, files: ReadonlySet<string>, prefixLength: number): string | null {
  const found = LOCATION.exec(line)
  const [whole = '', file = '', row = '', column = ''] = found ?? []
  if (!files.has(file)) return null
  const shown = row === '1' ? String(Math.max(1, Number(column) - prefixLength)) : column
  const place = `${file}:${row}:${shown}`
  const caller = line.slice(0, line.length - whole.length).replace(/^\s*at\s+|@$/g, '').replace(/^async\s+/, '').trim()
  const named = caller !== '' && !caller.includes(PREFIX_NAME)
  return `    at ${named ? `${caller} (${place})` : place}`
}
