// The JSON events of `fourhands.v1` (frame type 16): the twin of src/fourhands/protocol/events.py.
// Times are milliseconds since the epoch; `by` and `member` are member ids unless they hold a whole member.

export type Role = 'viewer' | 'editor' | 'host'
export type GuestRole = 'editor' | 'viewer' | 'none'
export type OutputStream = 'stdout' | 'stderr'
export type FinalStatus = 'ok' | 'error' | 'stopped' | 'timeout' | 'output_limit'
export type RunStatus = 'running' | FinalStatus | 'lost'

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
}

export interface ChatMessage {
  id: number
  member: string
  name: string
  color: string
  text: string
  at: number
}

export interface Run {
  id: string
  member: string
  name: string
  language: string
  file: string
  where: 'browser'
  at: number
  status: RunStatus
  code: number | null
  ms: number | null
  output: [OutputStream, string][]
  truncated: boolean
  page: string | null
}

export interface Limits {
  chat_characters: number
  text_bytes: number
  message_bytes: number
  output_bytes: number
  run_seconds: number
}

export type ServerEvent =
  | { type: 'welcome'; me: Member; members: Member[]; room: Room; epoch: string; chat: ChatMessage[]; runs: Run[]; limits: Limits; version: string }
  | { type: 'saved'; count: number }
  | { type: 'member.joined'; member: Member }
  | { type: 'member.left'; member: string }
  | { type: 'member.changed'; member: Member }
  | { type: 'chat'; message: ChatMessage; ref: string | null }
  | { type: 'run.started'; run: Run }
  | { type: 'run.output'; run: string; stream: OutputStream; text: string }
  | { type: 'run.ended'; run: string; status: RunStatus; code: number | null; ms: number; truncated: boolean }
  | { type: 'run.stop'; run: string; by: string | null }
  | { type: 'room.changed'; room: Room; by: string | null }
  | { type: 'room.language'; file: string; language: string; by: string | null }
  | { type: 'room.storage'; ok: boolean; message: string }
  | { type: 'room.ended'; by: string | null }
  | { type: 'error'; code: string; message: string; sync: number | null; ref: string | null; retry_after: number | null }

export type ClientEvent =
  | { type: 'chat'; text: string; ref?: string }
  | { type: 'run.start'; run: string; language: string; file: string; page?: string }
  | { type: 'run.output'; run: string; stream: OutputStream; text: string }
  | { type: 'run.end'; run: string; status: FinalStatus; code: number | null; ms?: number }
  | { type: 'run.stop'; run: string }
  | { type: 'member.change'; name?: string; color?: string }
