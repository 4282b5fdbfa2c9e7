// One icon as inline SVG. It is decoration: the control that carries it has the words.
import { type IconName, icons } from './icons'

export function Icon({ name, class: extra }: { name: IconName; class?: string | undefined }) {
  return (
    <svg class={extra === undefined ? 'icon' : `icon ${extra}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={icons[name]} />
    </svg>
  )
}
