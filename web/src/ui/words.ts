// Times, durations and names as people read them.

const initialsOf = typeof Intl !== 'undefined' && 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null

function firstLetter(word: string): string {
  const first = initialsOf?.segment(word)[Symbol.iterator]().next().value?.segment
  return first ?? [...word][0] ?? ''
}

/** One or two letters for a name: `Ada` A, `Ada Lovelace` AL. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = words[0]
  if (first === undefined) return '?'
  const last = words.length > 1 ? words.at(-1) : undefined
  return (firstLetter(first) + (last === undefined ? '' : firstLetter(last))).toUpperCase()
}

/** `Ada`, `Ada and Lin`, `Ada, Lin and 2 others`. */
export function listNames(names: readonly string[], most = 3): string {
  const shown = names.length > most ? names.slice(0, most - 1) : [...names]
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} others`
  const last = shown.pop() ?? ''
  return shown.length > 0 ? `${shown.join(', ')} and ${last}` : last
}

/** How many were not seen, as short as a badge needs; '' for none. */
export function unreadWords(count: number): string {
  if (count === 0) return ''
  return `${count > 9 ? '9+' : count} unread`
}

/** A duration: `41 ms`, `2.4 s`, `1 min 12 s`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The time of day, with the date where it was another day. */
export function timeWords(at: number, now: number = Date.now()): string {
  const date = new Date(at)
  const time = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
  if (date.toDateString() === new Date(now).toDateString()) return time
  return `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })}, ${time}`
}

/** A size in memory: `9 MB`, `1.2 GB`. */
export function sizeWords(bytes: number): string {
  const megabytes = bytes / 1_048_576
  if (megabytes < 1) return `${Math.max(1, Math.round(bytes / 1024))} kB`
  if (megabytes < 1000) return `${megabytes < 9.95 ? +megabytes.toFixed(1) : Math.round(megabytes)} MB`
  return `${+(megabytes / 1024).toFixed(1)} GB`
}
