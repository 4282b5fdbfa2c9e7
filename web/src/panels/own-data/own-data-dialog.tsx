// What the room records, for everybody in it; and of that one's own: to download, and to be erased.
import { useState } from 'preact/hooks'
import { forgetOwnName, forgetOwnWords, ownDataAddress } from '../../api/own-data'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Problem } from '../../ui/field'
import { Icon } from '../../ui/icon'
import './own-data.css'

const ways = {
  name: {
    ask: 'Take your name out…',
    sure: 'You become “Someone” in the list of people, in the chat and in runs, before and from now on. What you wrote stays, as part of the room.',
    act: 'Take it out',
    failed: 'Your name still stands there.',
    do: forgetOwnName,
  },
  words: {
    ask: 'Erase your messages and runs…',
    sure: 'The text of your chat messages, and what your runs took in and gave out, go from the room and its history. Others see that something stood there. The code that you wrote stays.',
    act: 'Erase them',
    failed: 'Nothing was erased.',
    do: forgetOwnWords,
  },
}
type Way = keyof typeof ways

export function OwnDataDialog({ id, onClose }: { id: string; onClose(): void }) {
  const [way, setWay] = useState<Way | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const erase = async (chosen: Way) => {
    setBusy(true)
    try {
      await ways[chosen].do(id)
      onClose()
    } catch (error) {
      setProblem(`${ways[chosen].failed} ${sentence(error)}`)
      setBusy(false)
    }
  }

  return (
    <Dialog title="What this room keeps" onClose={onClose}>
      <div class="own-data">
        <p>Every edit with its time and who made it, the chat, what was run with its output, and who joined. Everybody in the room can read it.</p>
        {way === null ? null : <p role="status">{ways[way].sure} Everyone is connected again in a moment.</p>}
        {problem === null ? null : <Problem text={problem} />}
        <div class="own-data-acts">
          <a class="button" href={ownDataAddress(id)} download>
            <Icon name="download" />
            Download what is yours
          </a>
          {way === null ? (
            (['words', 'name'] as const).map((one) => (
              <Button key={one} icon="eraser" onClick={() => setWay(one)}>
                {ways[one].ask}
              </Button>
            ))
          ) : (
            <Button kind="danger" icon="eraser" aria-disabled={busy} onClick={() => void erase(way)}>
              {busy ? 'Erasing…' : ways[way].act}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  )
}
