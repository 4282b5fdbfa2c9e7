import { expect, it } from 'vitest'
import type { ChatMessage } from '../../protocol/events'
import { grouped } from './grouped'

const message = (id: number, member: string, minute: number): ChatMessage => ({ id, member, name: member, color: '', text: '', at: minute * 60_000 })

it('puts what one person said shortly after each other under one head', () => {
  const groups = grouped([message(1, 'ada', 0), message(2, 'ada', 1), message(3, 'lin', 1), message(4, 'lin', 9)])
  expect(groups.map((group) => group.map((one) => one.id))).toEqual([[1, 2], [3], [4]])
})
