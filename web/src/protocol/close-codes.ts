// WebSocket close codes and what they ask of a client: the twin of src/fourhands/protocol/close.py.

export const CloseCode = {
  invalid: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  noSuchRoom: 4404,
  conflict: 4409,
  roomEnded: 4410,
  tooLarge: 4413,
  unavailable: 4503,
  tooSlow: 4508,
  tooFast: 4529,
  restart: 1012,
} as const

/** Whether a client may come back after this code; y-websocket obeys the same range. */
export function mayComeBack(code: number): boolean {
  return code < 4400 || code > 4499
}
