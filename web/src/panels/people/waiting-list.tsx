// Who waits in the lobby: a host lets them in or refuses.
import { useState } from 'preact/hooks'
import { sentence } from '../../api/problem'
import type { Member } from '../../protocol/events'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import type { MoveMember } from './person-row'

export function WaitingList({ waiting, move }: { waiting: readonly Member[]; move: MoveMember }) {
  const [problem, setProblem] = useState<string | null>(null)
  const say = async (member: string, state: 'in' | 'removed') => {
    try {
      setProblem(null)
      await move(member, { state })
    } catch (error) {
      setProblem(sentence(error))
    }
  }
  return (
    <section class="people-waiting" aria-label="Waiting to be let in" aria-live="polite">
      <p class="people-waiting-title">Waiting to be let in</p>
      <ul class="people-list">
        {waiting.map((one) => (
          <li key={one.id} class="person">
            <Avatar name={one.name} color={one.color} />
            <span class="person-words person-name">{one.name}</span>
            <Button kind="primary" aria-label={`Let in ${one.name}`} onClick={() => void say(one.id, 'in')}>
              Let in
            </Button>
            <Button kind="quiet" aria-label={`Refuse ${one.name}`} onClick={() => void say(one.id, 'removed')}>
              Refuse
            </Button>
          </li>
        ))}
      </ul>
      {problem === null ? null : <Problem text={problem} />}
    </section>
  )
}
