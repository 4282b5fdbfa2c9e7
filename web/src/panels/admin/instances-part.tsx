// The instances of an installation: how each is, and draining one of them; shown where there are several.
import { type InstanceRow, type Server, setMode } from '../../api/admin'
import { Button } from '../../ui/button'
import { act } from './acting'
import { instanceName } from './instance-name'
import { ListTable } from './list-table'
import { useNow } from './now'
import type { Watch } from './watch'
import { ageWords, bytesWords, figureWords } from './words'

const heads = ['Instance', 'Up for', 'People', 'Rooms', 'Processor', 'Memory', '']

export function InstancesPart({ watch, server }: { watch: Watch; server: Server }) {
  const now = useNow(watch)
  if (server.instances.length < 2) return null
  const rows = server.instances.map((instance) => [
    <Name instance={instance} all={server.instances} />,
    ageWords(now - instance.started_at),
    figure(instance, (figures) => figureWords(figures.people)),
    figure(instance, (figures) => figureWords(figures.rooms)),
    figure(instance, (figures) => `${figures.cpu_percent.toFixed(0)} %`),
    figure(instance, (figures) => bytesWords(figures.memory_bytes)),
    <Turn watch={watch} instance={instance} name={instanceName(instance.id, server.instances)} />,
  ])
  return <ListTable label="Instances" heads={heads} rows={rows} empty="" />
}

function Name({ instance, all }: { instance: InstanceRow; all: readonly InstanceRow[] }) {
  return (
    <span title={`${instance.id}, version ${instance.version}`}>
      {instanceName(instance.id, all)}
      {instance.mode === 'open' ? null : <strong class="mark-bad"> {instance.mode === 'drain' ? 'drained' : instance.mode}</strong>}
    </span>
  )
}

const figure = (instance: InstanceRow, words: (figures: NonNullable<InstanceRow['figures']>) => string) =>
  instance.figures === null ? '–' : words(instance.figures)

function Turn({ watch, instance, name }: { watch: Watch; instance: InstanceRow; name: string }) {
  const drained = instance.mode === 'drain'
  const done = drained ? `${name} takes people in again.` : `Everybody at ${name} is being sent to the others.`
  return (
    <Button kind="quiet" onClick={() => void act(watch, setMode(drained ? 'open' : 'drain', '', instance.id), done)}>
      {drained ? 'Open' : 'Drain'}
      <span class="unseen"> {name}</span>
    </Button>
  )
}
