// Puts messages that one person said in a row, shortly after each other, under one head.
import type { ChatMessage } from '../../protocol/events'

const togetherMs = 5 * 60_000

export function grouped(messages: readonly ChatMessage[]): ChatMessage[][] {
  const groups: ChatMessage[][] = []
  for (const message of messages) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const goesOn = last !== undefined && last.member === message.member && last.name === message.name && message.at - last.at < togetherMs
    if (group !== undefined && goesOn) group.push(message)
    else groups.push([message])
  }
  return groups
}
