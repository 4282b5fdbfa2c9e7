// A question that stands where a button was or below it: it takes the focus, Escape says no, and the focus goes back to the button.
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

export function useQuestion() {
  const [asking, setAsking] = useState(false)
  const was = useRef(false)
  const opener = useRef<HTMLButtonElement>(null)
  const answer = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    if (asking) answer.current?.focus()
    else if (was.current) opener.current?.focus()
    was.current = asking
  }, [asking])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    setAsking(false)
  }
  return { asking, setAsking, opener, answer, onKeyDown }
}
