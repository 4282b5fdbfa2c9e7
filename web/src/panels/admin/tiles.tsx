// The figures on top of the desk, each with its last hour.
import type { Sample } from '../../api/admin'
import { TrendTile } from './trend-tile'
import type { Watch } from './watch'
import { bytesWords, figureWords, latencyWords } from './words'

type Figure = (sample: Sample) => number | null

const slowMs = 50

export function Tiles({ watch }: { watch: Watch }) {
  const { value: samples } = watch.samples
  const { value: latest } = watch.latest
  const now = Date.now() + watch.ahead.value
  const points = (figure: Figure) => samples.map((sample) => ({ at: sample.at, value: figure(sample) }))
  const shown = (write: (value: number) => string, figure: Figure) => {
    const value = latest === null ? null : figure(latest)
    return value === null ? '–' : write(value)
  }
  const tile = (name: string, figure: Figure, write: (value: number) => string, more: { beside?: string; least?: number; bad?: boolean } = {}) => (
    <TrendTile name={name} value={shown(write, figure)} points={points(figure)} now={now} write={write} {...more} />
  )
  const beside = (words: string) => (latest === null ? '' : words)
  return (
    <dl class="tiles" aria-label="Figures of the last hour">
      {tile('Connections', (one) => one.connections, figureWords, { beside: beside(`${figureWords(latest?.people ?? 0)} ${latest?.people === 1 ? 'person' : 'people'}`), least: 4 })}
      {tile('Rooms in memory', (one) => one.rooms, figureWords, { least: 4 })}
      {tile('Messages a second', (one) => one.messages_per_second, figureWords, {
        beside: beside(`${figureWords(latest?.edits_per_second ?? 0)} edits`),
        least: 4,
      })}
      {tile('Edits wait, p99', (one) => one.edit_p99_ms, latencyWords, {
        beside: beside(`p50 ${latencyWords(latest?.edit_p50_ms ?? null)}`),
        least: 5,
        bad: (latest?.edit_p99_ms ?? 0) > slowMs,
      })}
      {tile('Commits take, p99', (one) => one.commit_p99_ms, latencyWords, { beside: beside(`p50 ${latencyWords(latest?.commit_p50_ms ?? null)}`), least: 5 })}
      {tile('Memory', (one) => one.memory_bytes, bytesWords, { least: 1 })}
      {tile('Processor', (one) => one.cpu_percent, (value) => `${figureWords(value)} %`, { beside: 'of one core', least: 10 })}
      {tile('Programs running', (one) => one.programs_running, figureWords, { beside: beside(`${latest?.programs_waiting ?? 0} waiting`), least: 2 })}
    </dl>
  )
}
