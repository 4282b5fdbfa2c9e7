// The JSON events of `fourhands.v1` (frame type 16): the twin of src/fourhands/protocol/events.py.
// Times are milliseconds since the epoch; `by` and `member` are member ids unless they hold a whole member.

export type Role = 'viewer' | 'editor' | 'host'
export type GuestRole = 'editor' | 'viewer' | 'none'
export type OutputStream = 'stdout' | 'stderr'
export type FinalStatus = 'ok' | 'error' | 'stopped' | 'timeout' | 'output_limit'
/** How runs on the server may end besides; the words are those of src/fourhands/execution/port.py. */
export type ServerStatus = 'compile_error' | 'wall_time' | 'cpu_time' | 'memory_limit' | 'killed' | 'busy' | 'unavailable'
/** `queued` and ServerStatus are of runs on the server alone; `lost`: what ran it went away. */
export type RunStatus = 'queued' | 'running' | FinalStatus | 'lost' | ServerStatus
export type RunWhere = 'browser' | 'server'
export type StageName = 'compile' | 'run'

export interface Member {
  id: string
  name: string
  color: string
  role: Role
}

export interface Room {
  id: string
  title: string
  language: string
  guest_role: GuestRole
  ephemeral: boolean
  created_at: number
  /** Where the host wants programs to run; null: on the server where that can be had. */
  run_where: RunWhere | null
  /** Whether newcomers are asked for a password, wait for a host, or cannot come in at all. */
  password: boolean
  lobby: boolean
  locked: boolean
  /** Only hosts edit. */
  read_only: boolean
  /** Who may run: editors and hosts, hosts alone, nobody. */
  run_role: 'editor' | 'host' | 'none'
  /** The room is ended then; milliseconds since the epoch. */
  expires_at: number | null
}

export interface ChatMessage {
  id: number
  member: string
  name: string
  color: string
  text: string
  at: number
}

export interface TerminalSize {
  columns: number
  rows: number
}

export interface RunPicture {
  media_type: 'image/png'
  /** Base64. */
  data: string
}

/** What stands after `page` is of runs on the server. */
export interface Run {
  id: string
  member: string
  name: string
  language: string
  file: string
  where: RunWhere
  at: number
  status: RunStatus
  code: number | null
  ms: number | null
  output: [OutputStream, string][]
  truncated: boolean
  page: string | null
  /** It has a terminal, of that size now. */
  terminal: TerminalSize | null
  /** A language's prompt, with no file. */
  repl: boolean
  /** In the queue; 1 is next. */
  position: number | null
  /** The one it is in, or ended in. */
  stage: StageName | null
  pictures: RunPicture[]
  signal: string | null
  cpu_ms: number | null
  /** The most that it used at once. */
  memory_bytes: number | null
  /** Why it could not be run, or not to its end. */
  message: string | null
  /** The room has kept as much output today as it may: this is shown to those who are there, and not kept. */
  unkept: boolean
}

export interface Limits {
  chat_characters: number
  text_bytes: number
  message_bytes: number
  output_bytes: number
  run_seconds: number
}

export interface RunEnded {
  type: 'run.ended'
  run: string
  status: RunStatus
  code: number | null
  ms: number
  truncated: boolean
  signal: string | null
  cpu_ms: number | null
  memory_bytes: number | null
  message: string | null
  unkept: boolean
}

/** The room will be ended at `at`, `seconds` from when this was said; `by` is null if an administrator of the server ends it. */
export interface RoomEnding {
  type: 'room.ending'
  at: number
  seconds: number
  /** What the room holds is erased then. */
  erases: boolean
  by: string | null
}

/** What an administrator of the server has to say; plain text. */
export interface Notice {
  type: 'notice'
  text: string
  at: number
}

export type ServerEvent =
  | { type: 'welcome'; me: Member; members: Member[]; room: Room; epoch: string; chat: ChatMessage[]; runs: Run[]; limits: Limits; version: string; waiting: Member[] }
  | { type: 'saved'; count: number }
  | { type: 'member.joined'; member: Member }
  | { type: 'member.left'; member: string }
  | { type: 'member.changed'; member: Member; by: string | null }
  | { type: 'member.removed'; member: string; by: string | null }
  | { type: 'lobby.wait'; title: string; me: Member }
  | { type: 'lobby.knock'; member: Member }
  | { type: 'lobby.left'; member: string }
  | { type: 'chat'; message: ChatMessage; ref: string | null }
  | { type: 'run.started'; run: Run }
  | { type: 'run.output'; run: string; stream: OutputStream; text: string }
  | { type: 'run.queued'; run: string; position: number }
  | { type: 'run.stage'; run: string; stage: StageName }
  | ({ type: 'run.picture'; run: string } & RunPicture)
  | ({ type: 'run.resized'; run: string } & TerminalSize)
  | RunEnded
  | { type: 'run.stop'; run: string; by: string | null }
  | { type: 'room.changed'; room: Room; by: string | null }
  | { type: 'room.language'; file: string; language: string; by: string | null }
  | { type: 'room.storage'; ok: boolean; message: string }
  | { type: 'room.reach'; ok: boolean; message: string }
  | RoomEnding
  | { type: 'room.ending_cancelled' }
  | { type: 'room.erased'; by: string }
  | { type: 'room.ended'; by: string | null }
  | Notice
  | { type: 'error'; code: string; message: string; sync: number | null; ref: string | null; retry_after: number | null }

/** Run the room's files on the server, as they stand there. */
export interface RunAsk {
  type: 'run.ask'
  /** Made up by the client. */
  run: string
  /** The id of the file that is run, by default `main`. */
  file?: string
  /** Another than the file's own. */
  language?: string
  args?: string[]
  /** All of the input, where there is no terminal. */
  stdin?: string
  terminal?: TerminalSize | null
  repl?: boolean
}

export type ClientEvent =
  | { type: 'chat'; text: string; ref?: string }
  | { type: 'run.start'; run: string; language: string; file: string; page?: string }
  | { type: 'run.output'; run: string; stream: OutputStream; text: string }
  | { type: 'run.end'; run: string; status: FinalStatus; code: number | null; ms?: number }
  | { type: 'run.stop'; run: string }
  | RunAsk
  | { type: 'run.input'; run: string; text: string }
  | { type: 'run.input_end'; run: string }
  | ({ type: 'run.resize'; run: string } & TerminalSize)
  | { type: 'run.signal'; run: string; signal: string }
  | { type: 'member.change'; name?: string; color?: string }
