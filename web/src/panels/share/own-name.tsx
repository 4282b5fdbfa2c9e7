// Who one is, above the links, for whoever opened a room without a name: it is what the first guest reads at the door.
// It stays until the dialog is closed, so that nothing moves when the name is kept.
import type { ReadonlySignal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { nameCharacters, person, rememberPerson } from '../../api/person'
import type { Member } from '../../protocol/events'
import { Field } from '../../ui/field'
import { keepName, type NameChange } from './keep-name'

export interface OwnNameProps {
  me: ReadonlySignal<Member | null>
  change(change: NameChange): boolean
}

export function OwnName({ me, change }: OwnNameProps) {
  const [asks] = useState(() => person.value.name === '')
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { value: self } = me
  if (!asks || self === null) return null

  const keep = () => setProblem(keepName(text, { me: self, change, remember: rememberPerson }))
  return (
    <div class="share-name">
      <Field label="Your name" hint={`You are here as ${self.name}.`} problem={problem}>
        {(control) => (
          <input
            {...control}
            class="input"
            value={text}
            maxLength={nameCharacters}
            autocomplete="nickname"
            placeholder={self.name}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && keep()}
            onBlur={keep}
          />
        )}
      </Field>
    </div>
  )
}
