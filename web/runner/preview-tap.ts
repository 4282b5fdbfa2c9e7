// What runs first in a previewed page: its console also goes to the run's output. It is sent into the page as text, so it
// must use nothing from outside itself. The page may undo it: that only silences its own output.

/** `most`: characters; past them it falls silent, or a page that writes in a loop would fill the memory with messages. */
export function tap(most: number): void {
  let said = 0
  const show = (value: unknown): string => {
    if (typeof value === 'string') return value
    if (value instanceof Error) return value.stack ?? String(value)
    if (value instanceof Element) return value.outerHTML
    try {
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
    } catch {
      return String(value)
    }
  }
  const say = (stream: string, text: string): void => {
    if (said > most) return
    said += text.length + 1
    parent.postMessage({ stream, text: `${text}\n` }, '*')
  }
  const streams = { log: 'stdout', info: 'stdout', debug: 'stdout', warn: 'stderr', error: 'stderr' } as const
  for (const name of ['log', 'info', 'debug', 'warn', 'error'] as const) {
    const real = console[name].bind(console)
    console[name] = (...values: unknown[]) => {
      say(streams[name], values.map(show).join(' '))
      real(...values)
    }
  }
  addEventListener('error', (event) => {
    const place = event.lineno > 0 ? ` (line ${event.lineno})` : ''
    if (event.message) say('stderr', `${event.message}${place}`)
  })
  addEventListener('unhandledrejection', (event) => say('stderr', `Uncaught (in promise) ${show(event.reason)}`))
  document.addEventListener('securitypolicyviolation', (event) => {
    say('stderr', `Blocked: ${event.blockedURI || 'this'} — a page in the preview has no network`)
  })
  window.alert = (text) => say('stdout', `alert: ${String(text)}`)
  // The frame's own policy forbids connections; where the browser enforces it, making one would end the whole frame.
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(window, name)
}
