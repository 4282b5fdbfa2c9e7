// The field for a code or a link that somebody was given.
import { useState } from 'preact/hooks'
import { readRoomCode } from '../../api/room-code'
import { Button } from '../../ui/button'

export interface HaveCodeProps {
  onRoom(id: string, key: string | null): void
}

const unreadable = 'A code has twelve letters and digits, like k7f3-9q2m-x4tz. A whole link works too.'

export function HaveCode({ onRoom }: HaveCodeProps) {
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)

  const enter = (event: Event) => {
    event.preventDefault()
    const address = readRoomCode(text)
    if (address === null) setWrong(true)
    else onRoom(address.id, address.key)
  }

  return (
    <form class="have-code" onSubmit={enter} noValidate>
      <label for="code">Have a code?</label>
      <div class="have-code-row">
        <input
          id="code"
          class="input large"
          value={text}
          placeholder="k7f3-9q2m-x4tz"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="go"
          aria-invalid={wrong}
          aria-describedby="code-says"
          onInput={(event) => {
            setText(event.currentTarget.value)
            setWrong(false)
          }}
        />
        <Button type="submit" class="large">
          Join
        </Button>
      </div>
      <p id="code-says" class={wrong ? 'have-code-says wrong' : 'have-code-says meta'} aria-live="polite">
        {wrong ? unreadable : ''}
      </p>
    </form>
  )
}
