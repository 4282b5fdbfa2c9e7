// The page of the runner's checks: a RunLog with a room that only remembers what it was sent. On `window.lab`.

import { signal } from '@preact/signals-core'
import type { ClientEvent, Limits, Member, ServerEvent } from '../../src/protocol/events'
import type { LanguageInfo, Runtime } from '../../src/protocol/languages'
import { RunLog } from '../../src/run/run-log'
import type { RoomLink } from '../../src/run/room-link'
import type { RunView } from '../../src/run/run-view'

const NAMES: Record<Runtime, string> = { python: 'main.py', javascript: 'main.js', typescript: 'main.ts', sqlite: 'main.sql', html: 'index.html' }
const ada: Member = { id: 'ada', name: 'Ada', color: '#2f5fd0', role: 'editor' }
const listeners = new Set<(event: ServerEvent) => void>()
const limits = signal<Limits>({ chat_characters: 2000, text_bytes: 1e6, message_bytes: 8e6, output_bytes: 1_048_576, run_seconds: 30 })
const sent: ClientEvent[] = []

const sync: RoomLink = {
  me: signal(ada),
  members: signal([ada]),
  limits,
  on: (listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  send: (event) => {
    sent.push(event)
    return true
  },
}

const frames = document.getElementById('frames') as HTMLElement
const panel = document.getElementById('panel') as HTMLElement
const log = new RunLog({ sync, root: '', frames })

interface Asked {
  answers?: (string | null)[]
  stdin?: string
  /** Milliseconds after its start at which it is stopped. */
  stopAfter?: number
}

interface Outcome {
  status: string
  code: number | null
  out: string
  err: string
  all: string
  note: string | null
  ms: number | null
  stages: string[]
  /** From `start` to running, and from asking to stop to the end. */
  startMs: number
  stopMs: number | null
}

const textOf = (view: RunView, stream?: string): string =>
  view.run.output
    .filter(([kind]) => stream === undefined || kind === stream)
    .map(([, text]) => text)
    .join('')

function start(runtime: Runtime, text: string, stdin?: string): string {
  const language: LanguageInfo = { id: runtime, name: runtime, extension: '', mode: '', runtime, where: ['browser'], aliases: [], server: null, why: '', sample: '' }
  log.start({ language, fileName: NAMES[runtime], text, ...(stdin === undefined ? {} : { stdin }) })
  const id = log.runs.value.at(-1)?.run.id ?? ''
  if (runtime === 'html') log.preview(id, panel)
  return id
}

function run(runtime: Runtime, text: string, asked: Asked = {}): Promise<Outcome> {
  const answers = [...(asked.answers ?? [])]
  const began = performance.now()
  let runningAt: number | null = null
  let stopAt: number | null = null
  const stages: string[] = []
  const id = start(runtime, text, asked.stdin)
  return new Promise((resolve) => {
    const leave = log.runs.subscribe((views) => {
      const view = views.find((one) => one.run.id === id)
      if (view === undefined) return
      if (view.stage !== null && stages.at(-1) !== view.stage) stages.push(view.stage)
      if (view.began && runningAt === null) {
        runningAt = performance.now()
        if (asked.stopAfter !== undefined) {
          setTimeout(() => {
            stopAt = performance.now()
            log.stop(id)
          }, asked.stopAfter)
        }
      }
      if (view.waitingForInput && answers.length > 0) {
        const line = answers.shift() ?? null
        setTimeout(() => log.input(line))
      }
      if (view.run.status === 'running') return
      queueMicrotask(() => leave())
      const now = performance.now()
      resolve({
        status: view.run.status,
        code: view.run.code,
        out: textOf(view, 'stdout'),
        err: textOf(view, 'stderr'),
        all: textOf(view),
        note: view.note,
        ms: view.run.ms,
        stages,
        startMs: Math.round((runningAt ?? now) - began),
        stopMs: stopAt === null ? null : Math.round(now - stopAt),
      })
    })
  })
}

/** Settles when `text` stands in the run's output; rejects with what stands there when it has ended without. */
function until(id: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = log.runs.subscribe((views) => {
      const view = views.find((one) => one.run.id === id)
      if (view === undefined) return
      const said = textOf(view).includes(text)
      if (!said && view.run.status === 'running') return
      queueMicrotask(() => leave())
      if (said) resolve()
      else reject(new Error(`The run has ended (${view.run.status}) and never said ${JSON.stringify(text)}: ${JSON.stringify(textOf(view).slice(-2000))}`))
    })
  })
}

const say = (event: ServerEvent): void => {
  for (const listener of listeners) listener(event)
}

const lab = { log, run, start, until, say, sent, limits, panel, frames }
export type Lab = typeof lab
Object.assign(window, { lab })
