// What may be said of saving. Pure.

export type Saving = 'saved' | 'saving' | 'not-saved'

export interface SavingFacts {
  welcomed: boolean
  /** The server said that it has all of this connection's messages. */
  caughtUp: boolean
  /** The server said that it cannot write now. */
  storageAway: boolean
  /** Edits were made here that the server never said were saved. */
  unsaved: boolean
  /** A document was had, now or from the local copy. */
  known: boolean
}

export function savingOf({ welcomed, caughtUp, storageAway, unsaved, known }: SavingFacts): Saving {
  if (welcomed) return storageAway ? 'not-saved' : caughtUp ? 'saved' : 'saving'
  if (unsaved) return 'not-saved'
  return known ? 'saved' : 'saving'
}
