// What the room records, for everybody in it; and of that one's own: to download, and one's name to be taken out.
import { useState } from 'preact/hooks'
import { forgetOwnName, ownDataAddress } from '../../api/own-data'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Problem } from '../../ui/field'
import { Icon } from '../../ui/icon'
import './own-data.css'

export function OwnDataDialog({ id, onClose }: { id: string; onClose(): void }) {
  const [step, setStep] = useState<'look' | 'sure' | 'busy'>('look')
  const [problem, setProblem] = useState<string | null>(null)

  const forget = async () => {
    setStep('busy')
    try {
      await forgetOwnName(id)
      onClose()
    } catch (error) {
      setProblem(`Your name still stands there. ${sentence(error)}`)
      setStep('sure')
    }
  }

  return (
    <Dialog title="What this room keeps" onClose={onClose}>
      <div class="own-data">
        <p>Every edit with its time and who made it, the chat, what was run with its output, and who joined. Everybody in the room can read it.</p>
        {step === 'look' ? null : (
          <p role="status">
            You become “Someone” in the list of people, in the chat and in runs, before and from now on. What you wrote stays, as part of the room. Everyone
            is connected again in a moment.
          </p>
        )}
        {problem === null ? null : <Problem text={problem} />}
        <div class="own-data-acts">
          <a class="button" href={ownDataAddress(id)} download>
            <Icon name="download" />
            Download what is yours
          </a>
          {step === 'look' ? (
            <Button icon="eraser" onClick={() => setStep('sure')}>
              Take your name out…
            </Button>
          ) : (
            <Button kind="danger" icon="eraser" aria-disabled={step === 'busy'} onClick={forget}>
              {step === 'busy' ? 'Taking it out…' : 'Take it out'}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  )
}
