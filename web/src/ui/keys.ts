// How keys are named for the person's machine, and read from events.

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

/** `Mod+Enter` as this machine writes it: ⌘Enter or Ctrl+Enter. */
export function keyName(keys: string, mac: boolean = isMac): string {
  if (!mac) return keys.replace('Mod', 'Ctrl')
  return keys.replace('Mod+', '⌘').replace('Ctrl+', '⌃').replace('Shift+', '⇧').replace('Alt+', '⌥')
}

/** Whether the event is exactly these keys, written like `Mod+J` or `F6`. */
export function isKey(event: KeyboardEvent, keys: string, mac: boolean = isMac): boolean {
  const parts = keys.split('+')
  const key = parts.pop() ?? ''
  const mod = parts.includes('Mod')
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    event.ctrlKey === (parts.includes('Ctrl') || (mod && !mac)) &&
    event.metaKey === (mod && mac) &&
    event.altKey === parts.includes('Alt') &&
    event.shiftKey === parts.includes('Shift')
  )
}

/** Whether keys pressed there write text, so that a plain letter must not be taken as a shortcut. */
export function writesText(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)
}
