// The audit log, newest first, some lines at a time; all of it as JSON lines.
import { useEffect, useState } from 'preact/hooks'
import { type AuditLine, auditExport, getAudit } from '../../api/admin'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { timeWords } from '../../ui/words'
import { ListTable } from './list-table'

const kinds = [
  { value: '', text: 'Everything' },
  { value: 'admin', text: 'What administrators did' },
  { value: 'account', text: 'Accounts and logins' },
  { value: 'member', text: 'People in rooms' },
  { value: 'room', text: 'Rooms' },
]

const detailOf = (line: AuditLine) =>
  Object.entries(line.detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

export function AuditPart() {
  const [what, setWhat] = useState('')
  const [lines, setLines] = useState<AuditLine[] | null>(null)
  const [before, setBefore] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const load = async (from: number | null) => {
    try {
      const page = await getAudit(what, from)
      setLines((known) => (from === null ? page.lines : [...(known ?? []), ...page.lines]))
      setBefore(page.before)
      setProblem(null)
    } catch (error) {
      setProblem(`The log cannot be read. ${sentence(error)}`)
    }
  }
  useEffect(() => {
    setLines(null)
    void load(null)
  }, [what])
  return (
    <div class="desk-lists">
      <div class="desk-acts">
        <select class="input narrow" aria-label="Which lines" value={what} onChange={(event) => setWhat(event.currentTarget.value)}>
          {kinds.map((kind) => (
            <option key={kind.value} value={kind.value}>
              {kind.text}
            </option>
          ))}
        </select>
        <Button onClick={() => void load(null)}>Look again</Button>
        <a class="button" href={auditExport(what)} download="fourhands-audit.jsonl">
          Export as JSON lines
        </a>
      </div>
      {problem === null ? null : <Problem text={problem} />}
      {lines === null ? null : (
        <ListTable
          label="Audit log, newest first"
          heads={['When', 'What', 'Who', 'From', 'Room', 'On', 'More']}
          rows={lines.map((line) => [timeWords(line.at), line.what, line.by.name || `${line.by.kind} ${line.by.id}`.trim(), line.by.address, line.room, line.on, detailOf(line)])}
          empty="Nothing of this kind was noted yet."
        />
      )}
      {before === null ? null : <Button onClick={() => void load(before)}>Older lines</Button>}
    </div>
  )
}
