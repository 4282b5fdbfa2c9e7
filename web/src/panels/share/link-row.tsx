// One link: what it gives, the link itself to be seen and selected, and a button that copies it.
import { useEffect, useId, useState } from 'preact/hooks'
import { Button } from '../../ui/button'
import { copyText } from '../../ui/copy'
import { announce } from '../../ui/toasts'

export interface LinkRowProps {
  title: string
  says: string
  link: string
  /** The one that most people want. */
  main?: boolean
  /** Copies instead of the ordinary way, with what belongs to it; tells whether it was copied. */
  onCopy?: () => Promise<boolean>
}

const confirmedMs = 2000

export function LinkRow({ title, says, link, main = false, onCopy }: LinkRowProps) {
  const id = useId()
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')

  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), confirmedMs)
    return () => clearTimeout(timer)
  }, [state])

  const copy = async () => {
    const done = await (onCopy === undefined ? copyText(link) : onCopy())
    setState(done ? 'copied' : 'refused')
    announce(done ? 'Link copied.' : 'The browser does not allow copying. Select the link and copy it by hand.')
  }
  return (
    <div class="link-row">
      <div class="link-words">
        <label for={id}>{title}</label>
        <span id={`${id}-says`} class="meta">
          {says}
        </span>
      </div>
      <div class="link-line">
        <input id={id} class="input" readOnly value={link} aria-describedby={`${id}-says`} onFocus={(event) => event.currentTarget.select()} />
        <Button
          class="copy"
          kind={main ? 'primary' : 'plain'}
          icon={state === 'copied' ? 'check' : 'copy'}
          aria-label={state === 'copied' ? 'Copied' : `Copy the link: ${title}`}
          onClick={copy}
        >
          {state === 'copied' ? 'Copied' : state === 'refused' ? 'By hand' : 'Copy'}
        </Button>
      </div>
    </div>
  )
}
