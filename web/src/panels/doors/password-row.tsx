// The password that newcomers are asked for: set, changed, taken away. It is never shown again.
import { useId, useState } from 'preact/hooks'
import { Button } from '../../ui/button'
import type { Change } from './change'

export function Password({ has, change }: { has: boolean; change: Change }) {
  const [text, setText] = useState('')
  const id = useId()
  const keep = async (event: Event) => {
    event.preventDefault()
    if (text !== '' && (await change({ password: text }))) setText('')
  }
  return (
    <form class="door door-password" onSubmit={keep}>
      <label class="door-words" for={id}>
        <span>Password</span>
        <span class="meta">{has ? 'Newcomers are asked for it.' : 'None: whoever has a link comes in.'}</span>
      </label>
      <div class="door-entry">
        <input
          id={id}
          class="input"
          type="password"
          value={text}
          maxLength={256}
          autocomplete="new-password"
          placeholder={has ? 'Another password' : 'A password'}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" aria-disabled={text === ''}>
          {has ? 'Change' : 'Set'}
        </Button>
        {has ? <Button onClick={() => void change({ password: '' })}>Take away</Button> : null}
      </div>
    </form>
  )
}
