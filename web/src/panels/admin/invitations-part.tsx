// Invitations to register, each for one person: made, shown once, revoked.
import { useEffect, useState } from 'preact/hooks'
import { getInvitations, type Invitation, makeInvitation, revokeInvitation } from '../../api/admin'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy'
import { Problem } from '../../ui/field'
import { timeWords } from '../../ui/words'
import { act } from './acting'
import { ListTable } from './list-table'
import type { Watch } from './watch'

export function InvitationsPart({ watch }: { watch: Watch }) {
  const [made, setMade] = useState<readonly Invitation[] | null>(null)
  const [fresh, setFresh] = useState<{ id: string; link: string } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const load = async () => {
    try {
      setMade(await getInvitations())
      setProblem(null)
    } catch (error) {
      setProblem(`The invitations cannot be read. ${sentence(error)}`)
    }
  }
  useEffect(() => void load(), [])
  const make = async () => {
    try {
      setFresh(await makeInvitation())
    } catch (error) {
      return setProblem(sentence(error))
    }
    await load()
  }
  const revoke = async (one: Invitation) => {
    if ((await act(watch, revokeInvitation(one.id), 'The invitation is good no more.')) && fresh?.id === one.id) setFresh(null)
    await load()
  }
  return (
    <div class="desk-invitations">
      {made === null ? null : (
        <ListTable
          label="Invitations to register"
          heads={['Made', 'Good until', 'By', 'State', 'Act']}
          rows={made.map((one) => [
            timeWords(one.created_at),
            timeWords(one.expires_at),
            one.by === null ? 'the operator' : (one.made_by ?? 'a deleted account'),
            stateOf(one),
            one.good ? (
              <Button key="act" aria-label={`Revoke the invitation of ${timeWords(one.created_at)}`} onClick={() => void revoke(one)}>
                Revoke
              </Button>
            ) : null,
          ])}
          empty="Nobody is invited. A link lets one person register, also where registering is closed to others."
        />
      )}
      <div aria-live="polite">
        {fresh === null ? null : (
          <div class="desk-made">
            <p>Copy it now, it is not shown again:</p>
            <div class="desk-made-row">
              <code>{fresh.link}</code>
              <CopyButton text={fresh.link} what="Link" />
            </div>
          </div>
        )}
      </div>
      {problem === null ? null : <Problem text={problem} />}
      <div class="desk-acts">
        <Button icon="plus" onClick={() => void make()}>
          Make a link
        </Button>
      </div>
    </div>
  )
}

function stateOf({ good, used_by }: Invitation): string {
  return used_by !== null ? 'used' : good ? 'not used yet' : 'good no more'
}
