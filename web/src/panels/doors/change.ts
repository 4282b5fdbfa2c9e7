// How the rows of the room's settings change it.
import type { RoomChange } from '../../api/rooms'

/** Tells whether it was changed; what went wrong is shown by the dialog. */
export type Change = (change: RoomChange) => Promise<boolean>
