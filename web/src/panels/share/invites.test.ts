// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { inviteWords } from './invites'

it('says what a link gives, for how many and until when', () => {
  expect(inviteWords({ role: 'editor', single_use: true, expires_at: null })).toBe('Write, for one person')
  expect(inviteWords({ role: 'viewer', single_use: false, expires_at: 1_700_000_000_000 })).toMatch(/^View, for many, until .*2023/)
})
