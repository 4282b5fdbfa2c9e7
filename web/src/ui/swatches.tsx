// The twelve colours of people as radio buttons; the chosen one carries a tick, each has its name.
import { useId } from 'preact/hooks'
import { personColors } from './colors'
import { Icon } from './icon'

export interface ColorSwatchesProps {
  labelledBy: string
  value: string
  onChange(color: string): void
}

export function ColorSwatches({ labelledBy, value, onChange }: ColorSwatchesProps) {
  const group = useId()
  return (
    <div class="swatches" role="radiogroup" aria-labelledby={labelledBy}>
      {personColors.map((color) => (
        <label key={color.value} class="swatch" style={{ backgroundColor: color.value }} title={color.name}>
          <input type="radio" name={group} aria-label={color.name} checked={color.value === value} onChange={() => onChange(color.value)} />
          {color.value === value ? <Icon name="check" /> : null}
        </label>
      ))}
    </div>
  )
}
