// What a close code that means "do not come back" says to the person. RoomSync asks; the page shows it.
import { CloseCode } from '../protocol/close-codes'

export interface Ending {
  kind: 'join-again' | 'unknown-room' | 'ended' | 'refused' | 'too-large' | 'replaced'
  message: string
  /** Text that the server never said was saved, to be offered before it is forgotten. */
  unsent: string | null
}

const sentences: Record<number, [Ending['kind'], string]> = {
  [CloseCode.unauthenticated]: ['join-again', 'Your place in this room has run out. Join again to go on.'],
  [CloseCode.forbidden]: ['refused', 'You may not enter this room. Ask its host for a link.'],
  [CloseCode.noSuchRoom]: ['unknown-room', 'There is no room here. Check the link, or open a new room.'],
  [CloseCode.conflict]: ['replaced', 'This room is open in another place. Reload to go on here.'],
  [CloseCode.roomEnded]: ['ended', 'This room has ended.'],
  [CloseCode.tooLarge]: ['too-large', 'What this page had to send is larger than the room takes.'],
}

/** `reason`: what the server said; where it lets nobody in, it says why. */
export function endingOf(code: number, unsent: string | null, reason = ''): Ending {
  if (code === CloseCode.forbidden && reason !== '') return { kind: 'refused', message: reason, unsent }
  const [kind, message] = sentences[code] ?? ['refused', 'The server does not let this page in. Reload to try again.']
  return { kind, message, unsent }
}
