// One-click copy with a confirmation where the press was.
import { useEffect, useState } from 'preact/hooks'
import { Button } from './button'
import { announce } from './toasts'

/** Copies; false when the browser allows neither way (then the text must stay selectable). */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text) // no clipboard outside a secure context
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'unseen'
  const home = document.querySelector('dialog[open]') ?? document.body // an open dialog makes the rest inert
  const before = document.activeElement
  home.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}

const confirmedMs = 2000

/** What a button says after it has copied `what`, for a moment, and what does it; `copy` tells whether it was copied. */
export function useCopying(what: string, copy: () => Promise<boolean>) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')

  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), confirmedMs)
    return () => clearTimeout(timer)
  }, [state])

  const start = async () => {
    const done = await copy()
    setState(done ? 'copied' : 'refused')
    announce(done ? `${what} copied.` : `The browser does not allow copying. Select the ${what.toLowerCase()} and copy it by hand.`)
  }
  return { state, start }
}

export function CopyButton({ text, label, what }: { text: string; label?: string; what: string }) {
  const { state, start } = useCopying(what, () => copyText(text))
  const words = { idle: label ?? 'Copy', copied: 'Copied', refused: 'Copy by hand' }[state]
  return (
    <Button icon={state === 'copied' ? 'check' : 'copy'} class="copy" onClick={start} aria-label={state === 'idle' ? `Copy ${what}` : words}>
      {words}
    </Button>
  )
}
