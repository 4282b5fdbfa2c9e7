// A state as a sign and a word, coloured; the colour is never alone.
import { Icon } from './icon'
import type { IconName } from './icons'

export interface LightProps {
  state: 'good' | 'warn' | 'bad' | 'quiet'
  text: string
  icon?: IconName
  /** A ring instead of a disc, so that the state is seen without colour. */
  hollow?: boolean
}

export function Light({ state, text, icon, hollow = false }: LightProps) {
  return (
    <span class={`light ${state}${hollow ? ' hollow' : ''}`}>
      {icon === undefined ? <span class="dot" aria-hidden="true" /> : <Icon name={icon} />}
      <span>{text}</span>
    </span>
  )
}
