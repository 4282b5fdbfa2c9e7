// The input of the next run, asked for beforehand: this browser cannot wait inside a running program.
import type { Signal } from '@preact/signals'

export function InputAhead({ input }: { input: Signal<string> }) {
  return (
    <details class="input-ahead" open={input.peek() !== ''}>
      <summary>Input for the program</summary>
      <textarea
        class="input"
        rows={3}
        aria-label="Input for the program, a line for each time it asks"
        placeholder="A line for each time the program asks"
        spellcheck={false}
        value={input.value}
        onInput={(event) => (input.value = event.currentTarget.value)}
      />
      <p class="meta">This browser cannot ask while the program runs, so it reads these lines.</p>
    </details>
  )
}
