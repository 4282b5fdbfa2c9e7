// A room opened for a text gets it when the server's document is here. The text waits on, and what the old room keeps of
// it stays, until the server has said that it is saved.
import { effect, type ReadonlySignal } from '@preact/signals'
import { dropWaitingText, markPlaced, waitingText } from '../../api/new-room'
import { forgetRoom } from '../../api/person'
import { root } from '../../api/root'
import { fileText } from '../../sync/files'
import type { RoomSync } from '../../sync/room-sync'
import { dropTaken } from '../../sync/taken-text'

export interface NewHome {
  id: string
  sync: Pick<RoomSync, 'doc' | 'synced' | 'me' | 'saving' | 'rescued'>
  mayEdit: ReadonlySignal<boolean>
}

/** Returns what ends it. */
export function placeWaitingText({ id, sync, mayEdit }: NewHome): () => void {
  let placedHere = false // whoever deletes it then does not get it back
  return effect(() => {
    if (!sync.synced.value || sync.me.value === null || !mayEdit.value) return
    const waiting = waitingText(id)
    if (waiting === null) return
    const text = fileText(sync.doc, 'main')
    if (!placedHere && (text.length === 0 || !waiting.placed)) {
      placedHere = true // first: the insertion runs this again
      markPlaced(id)
      text.insert(0, text.length === 0 ? waiting.text : `${waiting.text}\n\n`)
    }
    if (sync.saving.value !== 'saved' || sync.rescued.value !== null) return
    dropWaitingText(id)
    const { room, drop } = waiting.from
    if (drop === 'all') forgetRoom(room)
    if (drop !== 'nothing') void dropTaken(root(), room, drop, waiting.text)
  })
}
