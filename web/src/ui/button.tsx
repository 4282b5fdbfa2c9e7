// Buttons: with words, with an icon and words, or an icon alone whose words stand in a tooltip.
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { Icon } from './icon'
import type { IconName } from './icons'
import { keyName } from './keys'

type Native = Omit<ButtonHTMLAttributes, 'icon' | 'label' | 'disabled' | 'type'>

export interface ButtonProps extends Native {
  kind?: 'plain' | 'primary' | 'quiet' | 'danger'
  icon?: IconName | undefined
  type?: 'button' | 'submit'
  disabled?: boolean
  children?: ComponentChildren
}

export function Button({ kind = 'plain', icon, class: extra, type = 'button', children, ...rest }: ButtonProps) {
  const names = ['button', kind === 'plain' ? '' : kind, typeof extra === 'string' ? extra : ''].filter(Boolean).join(' ')
  return (
    <button {...rest} type={type} class={names}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children'> {
  icon: IconName
  label: string
  /** What stands on it beside the icon, said after the label. */
  extra?: string
  /** Keys that do the same, written `Mod+J`. */
  keys?: string
  side?: 'bottom' | 'right' | 'end' | 'top'
  children?: ComponentChildren
}

export function IconButton({ icon, label, extra = '', keys, side = 'bottom', kind = 'quiet', class: given, children, ...rest }: IconButtonProps) {
  const tip = keys === undefined ? label : `${label} (${keyName(keys)})`
  return (
    <Button
      {...rest}
      kind={kind}
      icon={icon}
      class={`icon-only ${typeof given === 'string' ? given : ''}`}
      aria-label={extra === '' ? label : `${label}, ${extra}`}
      data-tip={tip}
      data-side={side}
    >
      {children}
    </Button>
  )
}
