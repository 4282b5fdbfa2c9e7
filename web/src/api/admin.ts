// What administrators see of the server and do to it: the resources below /api/admin, typed.
import { root } from './root'
import { request } from './request'

export type ModeName = 'open' | 'maintenance' | 'drain'
export type LogLevel = 'debug' | 'info' | 'warning' | 'error'

export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warning', 'error']

/** The server at one time. Latencies in milliseconds, of the last minute; null: nothing was measured. */
export interface Sample {
  at: number
  rooms: number
  people: number
  connections: number
  edits_per_second: number
  messages_per_second: number
  edit_p50_ms: number | null
  edit_p99_ms: number | null
  commit_p50_ms: number | null
  commit_p99_ms: number | null
  memory_bytes: number
  cpu_percent: number
  programs_running: number
  programs_waiting: number
  programs_ended: number
  programs_failed: number
}

/** One of several servers of an installation; `figures` are its own. */
export interface InstanceRow {
  id: string
  host: string
  started_at: number
  version: string
  mode: ModeName
  log_level: LogLevel
  figures: Sample | null
}

/** `instances`: none where there can be but this one. */
export interface Server {
  started_at: number
  versions: Record<string, string>
  database: { kind: string; milliseconds: number | null; writing: boolean; problem: string }
  redis: string | null
  programs_problem: string
  mode: ModeName
  mode_since: number
  mode_message: string
  log_level: LogLevel
  cores: number
  load: number
  ending_seconds: number
  notice_characters: number
  instances: InstanceRow[]
}

export interface Stats {
  now: number
  sample_seconds: number
  server: Server
  samples: Sample[]
}

export interface RoomRow {
  id: string
  title: string
  language: string
  people: number
  connections: number
  created_at: number
  used_at: number
  edits: number
  document_bytes: number
  memory_bytes: number
  ephemeral: boolean
  programs: boolean
  ending_at: number | null
  instances: string[]
}

/** A connection: somebody may have several. */
export interface PersonRow {
  id: string
  member: string
  name: string
  color: string
  role: string
  room: string
  since: number
  address: string
  account: string | null
  rate: number
  page: boolean
  instance: string
}

/** A table, or what has changed of it since the tick that was asked for. */
export interface Changes<Row> {
  tick: number
  whole: boolean
  rows: Row[]
  gone: string[]
}

export interface UnderWay {
  id: string
  language: string
  room: string
  person: string
  running: boolean
}

export interface Execution {
  id: string
  room: string | null
  member: string | null
  language: string
  where: 'browser' | 'server'
  status: string
  duration_ms: number
  cpu_ms: number | null
  memory_bytes: number | null
  at_ms: number
}

/** A machine that runs programs for all servers; `languages`: how many it has. */
export interface Machine {
  id: string
  host: string
  ok: boolean
  sentence: string
  languages: number
  batch: number
  batch_slots: number
  interactive: number
  interactive_slots: number
  memory_bytes: number
  memory_most_bytes: number
}

export interface Executions {
  under_way: UnderWay[]
  recent: Execution[]
  languages: { language: string; ended: number; failed: number }[]
  queue: Record<'batch' | 'interactive', number>
  machines: Machine[]
}

export interface AuditLine {
  id: number
  at: number
  what: string
  by: { kind: string; id: string; name: string; address: string }
  room: string
  on: string
  detail: Record<string, string | number | boolean | null>
}

export interface Ban {
  id: string
  /** `member`: somebody without an account, in one room; the subject is ROOM/MEMBER. */
  kind: 'address' | 'account' | 'member'
  subject: string
  /** Of an account or a guest; null where it is not known. */
  name: string | null
  reason: string
  by: string
  at: number
  until: number | null
}

const path = '/api/admin'
const room = (id: string) => `${path}/rooms/${encodeURIComponent(id)}`

export const getStats = (after: number) => request<Stats>('GET', `${path}/stats?after=${after}`)
export const getRooms = (since: number) => request<Changes<RoomRow>>('GET', `${path}/rooms?since=${since}`)
export const getPeople = (since: number) => request<Changes<PersonRow>>('GET', `${path}/people?since=${since}`)
export const getExecutions = () => request<Executions>('GET', `${path}/executions`)

export const startEnding = (id: string, erases: boolean) => request<{ at: number }>('PUT', `${room(id)}/ending`, { erases })
export const cancelEnding = (id: string) => request<null>('DELETE', `${room(id)}/ending`)
export const removeMember = (id: string, member: string) => request<null>('DELETE', `${room(id)}/members/${encodeURIComponent(member)}`)
export const sendMessage = (text: string, to: string | null) => request<{ heard: number }>('POST', `${path}/messages`, { text, room: to })

/** `instance`: that one alone, without one all. */
export const setMode = (mode: ModeName, message: string, instance: string | null = null) =>
  request<object>('PUT', `${path}/mode`, { mode, message, instance })
export const setLogLevel = (level: LogLevel) => request<object>('PUT', `${path}/log-level`, { level })

export const getBans = () => request<Ban[]>('GET', `${path}/bans`)
export const addBan = (ban: { kind: Ban['kind']; subject: string; seconds: number | null; reason: string }) => request<Ban>('POST', `${path}/bans`, ban)
export const removeBan = (id: string) => request<null>('DELETE', `${path}/bans/${encodeURIComponent(id)}`)

/** Of an invitation to register; its link is told once, when it is made. */
export interface Invitation {
  id: string
  /** The account that made it; null: the operator at the server. */
  by: string | null
  /** Its login name; null also where the account was deleted. */
  made_by: string | null
  created_at: number
  expires_at: number
  used_by: string | null
  good: boolean
}

export async function getInvitations(): Promise<Invitation[]> {
  const { invitations }: { invitations: Invitation[] } = await request('GET', `${path}/invitations`)
  return invitations
}

export const makeInvitation = () => request<Invitation & { link: string }>('POST', `${path}/invitations`, {})
export const revokeInvitation = (id: string) => request<null>('DELETE', `${path}/invitations/${encodeURIComponent(id)}`)

export function getAudit(what: string, before: number | null): Promise<{ lines: AuditLine[]; before: number | null }> {
  const asked = new URLSearchParams({ limit: '100' })
  if (what !== '') asked.set('what', what)
  if (before !== null) asked.set('before', String(before))
  return request('GET', `${path}/audit?${asked}`)
}

/** Where the whole log is to be had as JSON lines. */
export function auditExport(what: string): string {
  return `${root()}${path}/audit.jsonl${what === '' ? '' : `?${new URLSearchParams({ what })}`}`
}
