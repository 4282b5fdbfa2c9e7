// How a run's state is said: a sign, a word, and what a screen reader hears when it ends.
import type { LanguageInfo } from '../../api/languages'
import type { Run } from '../../protocol/events'
import type { RunView } from '../../run/run-log'
import type { IconName } from '../../ui/icons'
import { isGoing } from '../../run/run-view'
import { durationWords, sizeWords } from '../../ui/words'

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
      return run.signal === 'SIGINT' ? { state: 'quiet', icon: 'stopped', word: 'Interrupted' } : { state: 'bad', icon: 'failed', word: failedWord(run) }
    case 'stopped':
    case 'killed':
      return { state: 'quiet', icon: 'stopped', word: 'Stopped' }
    case 'timeout':
    case 'wall_time':
      return { state: 'warn', icon: 'clock', word: 'Ended at the time limit' }
    case 'output_limit':
      return { state: 'warn', icon: 'warning', word: run.where === 'server' ? 'Ended: it wrote more than is allowed' : 'Output limit' }
    case 'compile_error':
      return { state: 'bad', icon: 'failed', word: 'Did not compile' }
    case 'cpu_time':
      return { state: 'warn', icon: 'clock', word: 'Ended: it computed for longer than is allowed' }
    case 'memory_limit':
      return { state: 'warn', icon: 'warning', word: 'Ended at the memory limit' }
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

const signalWords: Record<string, string> = {
  SIGSEGV: 'Crashed: it reached into memory that is not its own',
  SIGBUS: 'Crashed: it reached into memory that is not there',
  SIGFPE: 'Crashed: it calculated what cannot be, such as a division by zero',
  SIGILL: 'Crashed: it came to an instruction that is none',
  SIGABRT: 'Crashed: it gave up by itself',
  SIGKILL: 'Killed',
}

function failedWord({ code, signal }: Run): string {
  if (signal !== null) return signalWords[signal] === undefined ? `Ended by ${signal}` : `${signalWords[signal]} (${signal})`
  return code === null ? 'Failed' : `Failed with exit code ${code}`
}

/** The note of these says all that their word does, and who or why. */
const saidByNote: readonly Run['status'][] = ['stopped', 'killed', 'timeout', 'lost']

export function noteBeside({ run, note }: Pick<RunView, 'run' | 'note'>): string | null {
  return saidByNote.includes(run.status) || isRefused(run) ? null : note
}

/** The server did not run it, or not to its end: its card says why, and what one can do. */
export const isRefused = ({ status }: Pick<Run, 'status'>): boolean => status === 'busy' || status === 'unavailable'

/** It was stopped while it waited for its turn: of whatever ran on the server one knows the memory. */
const neverBegan = ({ where, status, memory_bytes: memory }: Pick<Run, 'where' | 'status' | 'memory_bytes'>): boolean =>
  where === 'server' && status === 'killed' && memory === null

export function stateWords({ run, note }: Pick<RunView, 'run' | 'note'>): StateWords {
  const { word: ownWord, ...sign } = endWord(run)
  const word = note !== null && saidByNote.includes(run.status) ? note.replace(/\.$/, '') : ownWord
  const figures = isGoing(run) || isRefused(run) || neverBegan(run) ? [] : [run.ms === null ? '' : durationWords(run.ms), run.memory_bytes ? sizeWords(run.memory_bytes) : '']
  return { ...sign, text: [word, ...figures.map((figure) => figure.replaceAll(' ', '\u00A0'))].filter(Boolean).join(' · ') }
}

/** Who does what with the file. Of others' runs in a browser it is not known whether their runtime still loads. */
export function doingWords({ run, began }: Pick<RunView, 'run' | 'began'>, own: boolean): { who: string; does: string } {
  const who = own ? 'You' : run.name
  if (run.repl) return { who, does: 'opened a prompt of' }
  if (isRefused(run) || neverBegan(run)) return { who, does: 'wanted to run' }
  if (!isGoing(run)) return { who, does: 'ran' }
  if (run.status === 'queued') return { who, does: `${own ? 'are' : 'is'} about to run` }
  return { who, does: `${own ? 'are' : 'is'} ${began ? 'running' : 'starting'}` }
}

/** In what it is written, what runs it, and where: `Python, CPython 3.11.2, on the server`. */
export function aboutWords(run: Pick<Run, 'where' | 'name' | 'language' | 'repl'>, language: LanguageInfo | null, own: boolean): string {
  const name = language?.name ?? run.language
  if (run.where === 'browser') return `${name}, ${own ? 'in your browser' : `in ${run.name}’s browser`}`
  const by = language?.server == null ? '' : `${language.server.name} ${language.server.version}`
  const said = by === '' ? name : by.startsWith(name) || run.repl ? by : `${name}, ${by}`
  return `${said}, on the server`
}

/** What it is doing now. A page has no end of its own: it is there until it is put away. */
export function goingWords({ run, stage, waitingForInput }: Pick<RunView, 'run' | 'stage' | 'waitingForInput'>): StateWords {
  if (run.status === 'queued') return { state: 'quiet', icon: 'clock', text: waitingWords(run.position) }
  if (run.stage === 'compile') return { state: 'quiet', icon: 'loader', text: 'Compiling' }
  if (stage !== null) return { state: 'quiet', icon: 'loader', text: 'Starting' }
  if (run.page !== null) return { state: 'quiet', icon: 'page', text: 'Page is open' }
  return { state: 'quiet', icon: 'loader', text: waitingForInput ? 'Waiting for input' : 'Running' }
}

function waitingWords(position: number | null): string {
  if (position === null) return 'Asking the server'
  if (position === 0) return 'Waiting: the queue does not answer'
  return position === 1 ? 'Waiting: next to run' : `Waiting: ${position - 1} before it`
}

/** Whether the card shows the question of the person whose run has gone on for long; it brings its own Stop. */
export function asksNow({ mine, asksToGoOn, waitingForInput }: Pick<RunView, 'mine' | 'asksToGoOn' | 'waitingForInput'>): boolean {
  return mine && asksToGoOn && !waitingForInput
}

/** What a screen reader hears: how it ended, and the end of what it wrote. */
export function announcementOf(view: Pick<RunView, 'run' | 'mine'>): string {
  const last = view.run.output.at(-1)?.[1].trim().split('\n').at(-1) ?? ''
  const what = view.run.repl ? 'Prompt' : view.run.file
  const who = view.mine ? what : `${what} by ${view.run.name}`
  const { word } = endWord(view.run)
  return `${who}: ${word}.${last === '' ? '' : ` Last line: ${last.slice(0, 200)}`}`
}
