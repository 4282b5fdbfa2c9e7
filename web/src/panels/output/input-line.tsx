// The line that a running program waits for.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RunLog } from '../../run/run-log'
import { Button } from '../../ui/button'
import { announce } from '../../ui/toasts'

export function InputLine({ runs, fileName }: { runs: RunLog; fileName: string }) {
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => {
    field.current?.focus() // the program that one just ran asks: that is where one writes next
    announce(`${fileName} waits for input.`)
  }, [])

  const send = (event: Event) => {
    event.preventDefault()
    runs.input(text)
    setText('')
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey && event.key.toLowerCase() === 'd' && text === '') {
      event.preventDefault()
      runs.input(null)
    }
  }
  return (
    <form class="input-line" onSubmit={send}>
      <input
        ref={field}
        class="input"
        aria-label={`Input for ${fileName}`}
        placeholder="The program waits for a line"
        value={text}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        enterkeyhint="send"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      <Button type="submit" icon="return">
        Send
      </Button>
      <Button kind="quiet" onClick={() => runs.input(null)} data-tip="No more input (Ctrl+D)" data-side="end">
        End
      </Button>
    </form>
  )
}
