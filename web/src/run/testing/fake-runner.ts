// A runner for tests: does what the test says, when it says so.

import type { Program } from '../messages'
import type { ProgramRunner, RunEnding, RunListener, RunnerOptions } from '../runner'

export class FakeRunner implements ProgramRunner {
  closed = false
  stops = 0
  /** What a stop does; a frame that hangs does nothing. */
  onStop: () => void = () => this.exit(null)
  readonly programs: Program[] = []
  readonly lines: (string | null)[] = []
  listener: RunListener | null = null

  constructor(readonly options: RunnerOptions) {}

  start(program: Program, listener: RunListener): void {
    if (this.listener !== null) throw new Error('A program is running already.')
    this.programs.push(program)
    this.listener = listener
  }

  stdin(line: string | null): void {
    this.lines.push(line)
  }

  stop(): void {
    this.stops++
    this.onStop()
  }

  close(): void {
    this.closed = true
  }

  running(): void {
    this.listener?.running()
  }

  print(text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    this.listener?.output([[stream, text]])
  }

  exit(code: number | null, more: Partial<RunEnding> = {}): void {
    const { listener } = this
    this.listener = null
    listener?.ended({ code, cut: false, failure: null, ...more })
  }
}
