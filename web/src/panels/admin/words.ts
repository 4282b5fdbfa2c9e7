// How the desk writes ages, sizes and figures: short enough to stand in a column.

/** `now`, `5 s`, `12 min`, `3 h`, `4 d`. */
export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** `0:27`. */
export function countdownWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** `0`, `0.4`, `12`, `1,204`. */
export function figureWords(value: number): string {
  return value < 10 && value % 1 !== 0 ? value.toFixed(1) : Math.round(value).toLocaleString()
}

/** `0.08 ms`, `4.2 ms`, `120 ms`; a dash where nothing was measured. */
export function latencyWords(ms: number | null): string {
  if (ms === null) return '–'
  return `${ms < 1 ? ms.toFixed(2) : ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** `812 B`, `12 kB`, `3.4 MB`. */
export function bytesWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1_048_576) return `${Math.round(bytes / 1024)} kB`
  const megabytes = bytes / 1_048_576
  if (megabytes < 1000) return `${megabytes < 9.95 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`
  return `${(megabytes / 1024).toFixed(1)} GB`
}
