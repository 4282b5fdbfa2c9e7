// Programs: those that run and wait on the server now, those that ended last, and how languages fared in the last hour.
import type { Executions } from '../../api/admin'
import { durationWords, sizeWords } from '../../ui/words'
import { useNow } from './now'
import { ListTable } from './list-table'
import type { Watch } from './watch'
import { ageWords, figureWords } from './words'

const share = (failed: number, ended: number) => (failed === 0 ? 'none' : `${failed} (${Math.round((failed / ended) * 100)} %)`)

export function ProgramsPart({ watch }: { watch: Watch }) {
  const now = useNow(watch)
  const { value: known } = watch.executions
  if (known === null) return <div class="desk-wait" aria-busy="true" />
  const problem = watch.server.value?.programs_problem ?? ''
  return (
    <div class="desk-lists">
      {problem === '' ? null : <p class="desk-note">{problem}</p>}
      <UnderWayList known={known} />
      {known.machines.length === 0 ? null : <MachineList known={known} />}
      <ListTable
        label="Languages in the last hour"
        heads={['Language', 'Ended', 'Failed']}
        rows={known.languages.map((one) => [one.language, figureWords(one.ended), share(one.failed, one.ended)])}
        empty="No program ended in the last hour."
      />
      <ListTable
        label="Ended last"
        heads={['Language', 'How', 'Where', 'Took', 'Memory', 'When', 'Room']}
        rows={known.recent.map((run) => [
          run.language,
          run.status.replaceAll('_', ' '),
          run.where,
          durationWords(run.duration_ms),
          run.memory_bytes === null ? '–' : sizeWords(run.memory_bytes),
          ageWords(now - run.at_ms),
          run.room ?? '–',
        ])}
        empty="No program has ended since the server was started."
      />
    </div>
  )
}

function UnderWayList({ known }: { known: Executions }) {
  const waiting = known.under_way.filter((one) => !one.running).length
  return (
    <ListTable
      label={`Under way: ${known.under_way.length - waiting} running, ${waiting} waiting`}
      heads={['Language', 'State', 'Room']}
      rows={known.under_way.map((one) => [one.language, one.running ? 'runs' : 'waits', one.room])}
      empty="No program runs or waits on the server now."
    />
  )
}

/** What runs programs for all servers; the queue before it is theirs, too. */
function MachineList({ known }: { known: Executions }) {
  const { batch, interactive } = known.queue
  return (
    <ListTable
      label={`Machines: ${known.machines.filter((one) => one.ok).length} of ${known.machines.length} run programs; ${batch + interactive} wait, of all servers`}
      heads={['Machine', 'State', 'Programs', 'Terminals', 'Memory', 'Languages']}
      rows={known.machines.map((one) => [
        one.host,
        one.ok ? 'runs' : one.sentence,
        `${one.batch} of ${one.batch_slots}`,
        `${one.interactive} of ${one.interactive_slots}`,
        `${one.memory_bytes === 0 ? '0' : sizeWords(one.memory_bytes)} of ${sizeWords(one.memory_most_bytes)}`,
        figureWords(one.languages),
      ])}
      empty=""
    />
  )
}
