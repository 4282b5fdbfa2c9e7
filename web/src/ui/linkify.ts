// Finds the links in a plain text. What it returns is text and addresses; the caller builds elements, never markup.

export interface TextPart {
  text: string
  href: string | null
}

/** A bidi control ends a link: inside one, an isolate could show its parts in another order. Who draws them closes them in, too (`.chat-text a`). */
const link = /\bhttps?:\/\/[^\s<>"'`\u202a-\u202e\u2066-\u2069]+/gi

/** Punctuation that ends a sentence or closes a bracket opened before the link is not part of it. */
function withoutTrailing(text: string): string {
  let end = text.length
  for (;;) {
    const last = text[end - 1] ?? ''
    const kept = text.slice(0, end)
    const unopened = (last === ')' && !balanced(kept, '(', ')')) || (last === ']' && !balanced(kept, '[', ']'))
    if (!/[.,;:!?*_~]/.test(last) && !unopened) return kept
    end -= 1
  }
}

function balanced(text: string, open: string, close: string): boolean {
  return text.split(open).length >= text.split(close).length
}

function address(text: string): string | null {
  try {
    const url = new URL(text)
    return url.hostname === '' ? null : url.href
  } catch {
    return null // looked like a link and is none: stays text
  }
}

export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = []
  let done = 0
  for (const match of text.matchAll(link)) {
    const found = withoutTrailing(match[0])
    const href = address(found)
    if (href === null) continue
    if (match.index > done) parts.push({ text: text.slice(done, match.index), href: null })
    parts.push({ text: found, href })
    done = match.index + found.length
  }
  if (done < text.length) parts.push({ text: text.slice(done), href: null })
  return parts
}
