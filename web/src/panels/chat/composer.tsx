// The field of the chat: Enter sends, Shift+Enter starts a line; a count appears when the limit is near.
import type { Signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { IconButton } from '../../ui/button'
import type { ChatLog } from './chat-log'

const countFrom = 0.9

/** What is counted as one character is a code point, as the server does. */
const lengthOf = (text: string) => [...text].length

export function Composer({ chat, most, focus }: { chat: ChatLog; most: number; focus: Signal<string | null> }) {
  const field = useRef<HTMLTextAreaElement>(null)
  const [offline, setOffline] = useState(false)
  const text = chat.draft.value
  const length = lengthOf(text.trim())
  const tooLong = length > most

  const wanted = focus.value === 'chat'
  useEffect(() => {
    if (!wanted) return
    field.current?.focus()
    focus.value = null
  }, [wanted])

  const send = (event: Event) => {
    event.preventDefault()
    if (length === 0 || tooLong) return
    const sent = chat.say(text.trim())
    setOffline(!sent)
    if (sent) chat.draft.value = ''
    field.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !event.ctrlKey && !event.metaKey) send(event)
  }
  return (
    <form class="composer" onSubmit={send}>
      <textarea
        ref={field}
        class="input"
        rows={1}
        aria-label="Message to everyone"
        aria-describedby="composer-says"
        aria-invalid={tooLong}
        placeholder="Message to everyone"
        enterkeyhint="send"
        value={text}
        onInput={(event) => {
          chat.draft.value = event.currentTarget.value
          setOffline(false)
        }}
        onKeyDown={press}
      />
      <IconButton icon="send" label="Send" keys="Enter" side="end" type="submit" kind="plain" aria-disabled={length === 0 || tooLong} />
      <p id="composer-says" class="composer-says meta" aria-live="polite">
        {offline ? <span class="composer-bad">Not connected: your message stays here.</span> : null}
        {length >= most * countFrom ? (
          <span class={tooLong ? 'composer-bad' : ''}>
            {tooLong ? `${length - most} too many of ${most} characters` : `${most - length} characters left`}
          </span>
        ) : null}
      </p>
    </form>
  )
}
