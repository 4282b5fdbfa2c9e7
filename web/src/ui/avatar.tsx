// A person as a disc of their colour with their initials: never the colour alone.
import { initials } from './words'

export function Avatar({ name, color, small = false }: { name: string; color: string; small?: boolean }) {
  return (
    <span class={small ? 'avatar small' : 'avatar'} style={{ backgroundColor: color }} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
