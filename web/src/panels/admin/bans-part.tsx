// Who is banned now, until when and why; they can be let in again.
import { useEffect, useState } from 'preact/hooks'
import { type Ban, getBans, removeBan } from '../../api/admin'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { timeWords } from '../../ui/words'
import { act } from './acting'
import { BanForm } from './ban-form'
import { ListTable } from './list-table'
import type { Watch } from './watch'

function Named({ ban }: { ban: Ban }) {
  return (
    <span title={ban.subject}>
      {ban.name} <code class="muted">{ban.subject}</code>
    </span>
  )
}

export function BansPart({ watch }: { watch: Watch }) {
  const [bans, setBans] = useState<Ban[] | null>(null)
  const [adding, setAdding] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const load = async () => {
    try {
      setBans(await getBans())
      setProblem(null)
    } catch (error) {
      setProblem(`The bans cannot be read. ${sentence(error)}`)
    }
  }
  useEffect(() => void load(), [])
  const letIn = async (ban: Ban) => {
    await act(watch, removeBan(ban.id), `${ban.name ?? ban.subject} is let in again.`)
    await load()
  }
  return (
    <div class="desk-lists">
      <div class="desk-acts">
        <Button onClick={() => setAdding(true)}>Ban an address…</Button>
      </div>
      {problem === null ? null : <Problem text={problem} />}
      {bans === null ? null : (
        <ListTable
          label="Banned now"
          heads={['Who', 'Kind', 'Since', 'Until', 'By', 'Why', 'Act']}
          rows={bans.map((ban) => [
            ban.name === null ? <code key="who">{ban.subject}</code> : <Named key="who" ban={ban} />,
            ban.kind === 'member' ? 'guest of a room' : ban.kind,
            timeWords(ban.at),
            ban.until === null ? 'for good' : timeWords(ban.until),
            ban.by,
            ban.reason,
            <Button key="act" aria-label={`Let in again: ${ban.name ?? ban.subject}`} onClick={() => void letIn(ban)}>
              Let in again
            </Button>,
          ])}
          empty="Nobody is banned. Bans of people are made from their row among People."
        />
      )}
      {adding ? (
        <BanForm
          kind="address"
          subject=""
          who=""
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false)
            void load()
          }}
        />
      ) : null}
    </div>
  )
}
