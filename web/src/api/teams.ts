// Teams: people who share rooms. The resources of the HTTP API, typed.
import { request } from './request'

/** Owners change the team and are hosts of its rooms; members write there. */
export type TeamRole = 'owner' | 'member'

export interface TeamShort {
  id: string
  name: string
  /** One's own. */
  role: TeamRole
  members: number
  rooms: number
}

export interface TeamMember {
  account: string
  login: string
  name: string
  color: string
  role: TeamRole
  joined_at: number
}

export interface Team {
  id: string
  name: string
  role: TeamRole
  members: TeamMember[]
}

/** A team that asks one in. */
export interface TeamInvitation {
  team: string
  name: string
  role: TeamRole
  /** The name of the owner who asks. */
  by: string
}

const path = (id: string) => `/api/teams/${encodeURIComponent(id)}`
const memberPath = (id: string, login: string) => `${path(id)}/members/${encodeURIComponent(login)}`

export const getTeamsAndInvitations = () => request<{ teams: TeamShort[]; invitations: TeamInvitation[] }>('GET', '/api/teams')
export const getTeams = async () => (await getTeamsAndInvitations()).teams

export const makeTeam = (name: string) => request<{ id: string }>('POST', '/api/teams', { name })

/** Throws ApiError 404 for a team that is not there, or not one's own. */
export const getTeam = (id: string) => request<Team>('GET', path(id))
export const renameTeam = (id: string, name: string) => request<unknown>('PATCH', path(id), { name })

/** Its rooms stay, as rooms of those who were in them. */
export const deleteTeam = (id: string) => request<null>('DELETE', path(id))

/** Asks somebody in by their login name; nothing tells whether anybody has it. */
export const inviteToTeam = (id: string, login: string) => request<null>('POST', `${path(id)}/invitations`, { login })
export const acceptTeam = (id: string) => request<null>('POST', `${path(id)}/invitation`)
export const declineTeam = (id: string) => request<null>('DELETE', `${path(id)}/invitation`)

/** Gives somebody of the team another role. */
export const setTeamMember = (id: string, login: string, role: TeamRole) => request<TeamMember>('PUT', memberPath(id, login), { role })
export const dropTeamMember = (id: string, login: string) => request<null>('DELETE', memberPath(id, login))
