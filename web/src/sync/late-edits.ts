// Edits that a page which goes away has not got into IndexedDB yet: a write there takes a moment, and the page has none.
// `LocalCopy` leaves them in localStorage, which is written at once, and the next page of the room takes them up.
//
// Invariant: an edit is taken out of here only after the database has it.

const PREFIX = 'fourhands:late:'

interface Late {
  epoch: string
  updates: string[]
}

export interface LateEdits {
  updates: Uint8Array[]
  /** The database has them: forget them here. */
  taken(): void
}

/** Leave edits behind for the next page of this room. Where storage is full or blocked they are lost with the page. */
export function leaveBehind(copy: string, tab: string, epoch: string, updates: Iterable<Uint8Array>): void {
  const late: Late = { epoch, updates: Array.from(updates, toText) }
  if (late.updates.length === 0) return
  try {
    localStorage.setItem(`${PREFIX}${copy}:${tab}`, JSON.stringify(late))
  } catch (error) {
    console.warn('The last keys before this page went away could not be kept.', error)
  }
}

/** What earlier pages of this room left behind; edits of another epoch are not handed out, and forgotten too. */
export function leftBehind(copy: string, epoch: string): LateEdits {
  const keys = keysOf(copy)
  const updates = keys.flatMap((key) => {
    try {
      const late = JSON.parse(localStorage.getItem(key) ?? 'null') as Late | null
      return late?.epoch === epoch ? late.updates.map(toBytes) : []
    } catch (error) {
      console.warn('What a page left behind cannot be read.', error)
      return []
    }
  })
  return { updates, taken: () => keys.forEach((key) => localStorage.removeItem(key)) }
}

function keysOf(copy: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${copy}:`))
  } catch {
    return [] // storage is blocked: nothing was left there either
  }
}

function toText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}
