// Time to wait by: it goes on while the device sleeps (`performance.now` may stand still then), and never goes back when
// somebody sets the device's clock back.

let last = Date.now()
let ahead = 0

/** Milliseconds that only go forward; they mean something only beside each other. */
export function steadyMs(): number {
  const now = Date.now()
  if (now < last) ahead += last - now
  last = now
  return now + ahead
}
