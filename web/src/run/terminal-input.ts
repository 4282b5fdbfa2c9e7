// What is typed or pasted into a terminal, cut into events that the server takes.

/** Of one event, below the server's bound. */
const TYPED_UNITS = 16_384

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
