// One link: what it gives, the link itself to be seen and selected, and a button that copies it.
import { useId } from 'preact/hooks'
import { Button } from '../../ui/button'
import { copyText, useCopying } from '../../ui/copy'

export interface LinkRowProps {
  title: string
  says: string
  link: string
  /** The one that most people want. */
  main?: boolean
  /** Copies instead of the ordinary way, with what belongs to it; tells whether it was copied. */
  onCopy?: () => Promise<boolean>
}

export function LinkRow({ title, says, link, main = false, onCopy }: LinkRowProps) {
  const id = useId()
  const { state, start } = useCopying('Link', onCopy ?? (() => copyText(link)))
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
          onClick={start}
        >
          {state === 'copied' ? 'Copied' : state === 'refused' ? 'By hand' : 'Copy'}
        </Button>
      </div>
    </div>
  )
}
