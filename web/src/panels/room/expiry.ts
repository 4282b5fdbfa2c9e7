// When the end of a room is said to those in it.
const shownMs = 10 * 60_000

/** Whole minutes until the room ends, at least one, in its last ten; null: it is not said yet, or it does not end. */
export function minutesLeft(expiresAt: number | null, now: number): number | null {
  if (expiresAt === null || expiresAt - now > shownMs) return null
  return Math.max(1, Math.ceil((expiresAt - now) / 60_000))
}
