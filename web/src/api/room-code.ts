// Reads what somebody typed or pasted as a room's code: any case, with or without dashes, or a whole link.

export interface RoomAddress {
  id: string
  key: string | null
}

const canonical = /^[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}$/

/** The id that was meant: o is read as 0, i and l as 1 (Crockford's base32). Null if it cannot be one. */
export function roomIdFrom(text: string): string | null {
  const letters = text.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')
  const id = `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`
  return canonical.test(id) ? id : null
}

/** The room of a path or link (`…/r/ID`), whose name may also be one that an administrator lets people choose. */
export function roomFromLink(text: string): RoomAddress | null {
  const match = /(?:^|\/)r\/([A-Za-z0-9_-]{1,64})\/?(?:\?[^#]*)?(?:#(.*))?$/.exec(text.trim())
  if (match === null) return null
  const name = match[1] ?? ''
  const key = match[2] ?? ''
  return { id: roomIdFrom(name) ?? name, key: key === '' ? null : key }
}

export function readRoomCode(text: string): RoomAddress | null {
  const link = roomFromLink(text)
  if (link !== null) return link
  const [code, key] = text.trim().split('#')
  const id = roomIdFrom(code ?? '')
  return id === null ? null : { id, key: key === undefined || key === '' ? null : key }
}
