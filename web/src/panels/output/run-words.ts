// How a run's state is said: a sign, a word, and what a screen reader hears when it ends.
import type { Run } from '../../protocol/events'
import type { RunView } from '../../run/run-log'
import type { IconName } from '../../ui/icons'
import { durationWords } from '../../ui/words'

export interface StateWords {
  state: 'good' | 'warn' | 'bad' | 'quiet'
  icon: IconName
  text: string
}

function endWord(run: Run): Omit<StateWords, 'text'> & { word: string } {
  switch (run.status) {
    case 'ok':
      return { state: 'good', icon: 'ok', word: 'Done' }
    case 'error':
      return { state: 'bad', icon: 'failed', word: run.code === null ? 'Failed' : `Failed with exit code ${run.code}` }
    case 'stopped':
      return { state: 'quiet', icon: 'stopped', word: 'Stopped' }
    case 'timeout':
      return { state: 'warn', icon: 'clock', word: 'Ended at the time limit' }
    case 'output_limit':
      return { state: 'warn', icon: 'warning', word: 'Output limit' }
    case 'compile_error':
      return { state: 'bad', icon: 'failed', word: 'Did not compile' }
    case 'wall_time':
    case 'cpu_time':
      return { state: 'warn', icon: 'clock', word: 'Ended at the time limit' }
    case 'memory_limit':
      return { state: 'warn', icon: 'warning', word: 'Ended at the memory limit' }
    case 'killed':
      return { state: 'quiet', icon: 'stopped', word: 'Stopped' }
    case 'busy':
    case 'unavailable':
      return { state: 'warn', icon: 'warning', word: 'Not run' }
    case 'queued':
      return { state: 'quiet', icon: 'loader', word: 'Waiting' }
    case 'lost':
      return { state: 'warn', icon: 'warning', word: 'Lost' }
    case 'running':
      return { state: 'quiet', icon: 'loader', word: 'Running' }
  }
}

/** The note of these says all that their word does, and who or why. */
const saidByNote: readonly Run['status'][] = ['stopped', 'timeout', 'lost']

export function noteBeside({ run, note }: Pick<RunView, 'run' | 'note'>): string | null {
  return saidByNote.includes(run.status) ? null : note
}

export function stateWords({ run, note }: Pick<RunView, 'run' | 'note'>): StateWords {
  const { word: ownWord, ...sign } = endWord(run)
  const word = note !== null && saidByNote.includes(run.status) ? note.replace(/\.$/, '') : ownWord
  return { ...sign, text: run.ms === null || run.status === 'running' ? word : `${word} · ${durationWords(run.ms)}` }
}

/** Who does what with the file. Of others' runs it is not known whether their runtime still loads. */
export function doingWords({ run, began }: Pick<RunView, 'run' | 'began'>, own: boolean): { who: string; does: string } {
  const who = own ? 'You' : run.name
  if (run.status !== 'running') return { who, does: 'ran' }
  return { who, does: `${own ? 'are' : 'is'} ${began ? 'running' : 'starting'}` }
}

/** What it is doing now. A page has no end of its own: it is there until it is put away. */
export function goingWords({ run, stage, waitingForInput }: Pick<RunView, 'run' | 'stage' | 'waitingForInput'>): StateWords {
  if (stage !== null) return { state: 'quiet', icon: 'loader', text: 'Starting' }
  if (run.page !== null) return { state: 'quiet', icon: 'page', text: 'Page is open' }
  return { state: 'quiet', icon: 'loader', text: waitingForInput ? 'Waiting for input' : 'Running' }
}

/** Whether the card shows the question of the person whose run has gone on for long; it brings its own Stop. */
export function asksNow({ mine, asksToGoOn, waitingForInput }: Pick<RunView, 'mine' | 'asksToGoOn' | 'waitingForInput'>): boolean {
  return mine && asksToGoOn && !waitingForInput
}

/** What a screen reader hears: how it ended, and the end of what it wrote. */
export function announcementOf(view: Pick<RunView, 'run' | 'mine'>): string {
  const last = view.run.output.at(-1)?.[1].trim().split('\n').at(-1) ?? ''
  const who = view.mine ? view.run.file : `${view.run.file} by ${view.run.name}`
  const { word } = endWord(view.run)
  return `${who}: ${word}.${last === '' ? '' : ` Last line: ${last.slice(0, 200)}`}`
}
