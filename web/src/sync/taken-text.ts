// After the text of one room was saved in another: what this browser still keeps of it under the first can go. The page
// of the first room is closed by then.
import { LocalCopy } from './local-copy'

/** `rescued`: only the text that waited to be taken, if it is still that one; `all`: the room is no more. */
export async function dropTaken(root: string, roomId: string, what: 'rescued' | 'all', text: string): Promise<void> {
  const copy = new LocalCopy(root, roomId)
  const kept = await copy.load()
  if (what === 'all') await copy.forget()
  else if (kept?.rescued === text) await copy.setRescued(null)
  await copy.close()
}
