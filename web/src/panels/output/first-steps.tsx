// What the empty output shows: how to run, and for whoever opens their first room a few quiet steps, each of which
// leaves for good once it was taken.
import { stored } from '../../ui/stored'
import { Button } from '../../ui/button'
import type { IconName } from '../../ui/icons'
import { keyName } from '../../ui/keys'
import { coarsePointer } from '../../ui/media'

type Step = 'example' | 'share' | 'name'

const done = stored<Step[]>('steps', (value) => (Array.isArray(value) ? (value as Step[]) : []))

export function takeStep(step: Step): void {
  if (!done.value.includes(step)) done.value = [...done.value, step]
}

export interface FirstStepsProps {
  mayEdit: boolean
  runnable: boolean
  /** Why the server does not run it; empty where it does, and for what is only written. */
  whyNot: string
  languageName: string
  /** An example may be put in: the text is empty and the language has one. */
  example: (() => void) | null
  /** What the others read, as long as no name was given: what the server calls everyone who did not say. */
  calledNow: string | null
  run(): void
  share(): void
  nameSelf(): void
}

export function FirstSteps({ mayEdit, runnable, whyNot, languageName, example, calledNow, run, share, nameSelf }: FirstStepsProps) {
  if (!mayEdit) return <p class="empty">When somebody runs the code, its output appears here.</p>
  const open = (step: Step) => !done.value.includes(step)
  const take = (step: Step, act: () => void) => () => {
    takeStep(step)
    act()
  }
  return (
    <div class="first-steps">
      <p class="muted">{runnable ? 'Run the code: everyone sees its output here.' : `${languageName} can be written here. ${whyNot}`}</p>
      {runnable ? <Step icon="play" label="Run" says={coarsePointer.value ? null : keyName('Mod+Enter')} onTake={run} /> : null}
      {example !== null && runnable && open('example') ? (
        <Step icon="code" label="Put in an example" says="something to run at once" onTake={take('example', example)} />
      ) : null}
      {open('share') ? <Step icon="share" label="Share the link" says="to write together" onTake={take('share', share)} /> : null}
      {calledNow !== null && open('name') ? (
        <Step icon="pencil" label="Say who you are" says={`others see you as ${calledNow}`} onTake={take('name', nameSelf)} />
      ) : null}
    </div>
  )
}

function Step({ icon, label, says, onTake }: { icon: IconName; label: string; says: string | null; onTake(): void }) {
  return (
    <div class="first-step">
      <Button icon={icon} onClick={onTake}>
        {label}
      </Button>
      {says === null ? null : <span class="meta">{says}</span>}
    </div>
  )
}
