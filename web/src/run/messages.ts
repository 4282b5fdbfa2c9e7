// The words between the page, a runner frame and the workers inside it. Imported by both builds (the page's and the
// runner's); holds no code that runs. Whatever comes up from a frame or a worker is a claim and is checked by its reader.

import type { OutputStream } from '../protocol/events'

export type Chunk = [OutputStream, string]

/** What a runner is asked to run: `files` maps a file's name to its text, `entry` names the one that starts. */
export interface Program {
  files: Record<string, string>
  entry: string
  /** All the input, given beforehand; `null`: lines are asked for while it runs. */
  stdin: string | null
}

/** An asset as a worker gets it: compiled, if it is WebAssembly. */
export type WorkerAssets = Record<string, Blob | WebAssembly.Module>

/** Page to frame, on the frame's port. `worker` names the asset that is the worker's script. */
export type DownMessage =
  | { t: 'init'; assets: Record<string, ArrayBuffer>; worker: string; outputBytes: number }
  | { t: 'run'; program: Program }
  | { t: 'stdin'; line: string | null }
  | { t: 'stop' }
  | { t: 'ping' }

/** Frame to page, on the frame's port. `cut`: the output went past its limit and the program was ended for it. */
export type UpMessage =
  | { t: 'ready' }
  | { t: 'failed'; message: string }
  | { t: 'running' }
  | { t: 'output'; chunks: Chunk[] }
  | { t: 'input' }
  | { t: 'exit'; code: number | null; cut: boolean }
  | { t: 'pong' }

/** Frame to worker. */
export type WorkerDown =
  | { t: 'boot'; assets: WorkerAssets }
  | { t: 'run'; program: Program }
  | { t: 'stdin'; line: string | null }

/** Worker to frame. */
export type WorkerUp =
  | { t: 'ready' }
  | { t: 'fatal'; message: string }
  | { t: 'output'; stream: OutputStream; text: string }
  | { t: 'input' }
  | { t: 'exit'; code: number }
