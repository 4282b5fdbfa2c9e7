// What the room page needs to know of a panel that it shows beside the code; the registry makes them.
import type { ReadonlySignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { IconName } from '../../ui/icons'

export interface Pane {
  id: string
  label: string
  icon: IconName
  /** Keys that show it and put it away, written `Mod+J`. */
  keys?: string
  /** It has a place to write, which takes the focus when the pane is opened by its keys. */
  writes?: boolean
  unread: ReadonlySignal<number>
  view(): JSX.Element
}
