// The chat: what was said, grouped by who said it, and the field to say something.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { ChatMessage, Limits, Member } from '../../protocol/events'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Icon } from '../../ui/icon'
import { linkify } from '../../ui/linkify'
import { announce } from '../../ui/toasts'
import { timeWords } from '../../ui/words'
import type { ChatLog, Outgoing } from './chat-log'
import { Composer } from './composer'
import { grouped } from './grouped'
import './chat.css'

export interface ChatPanelProps {
  chat: ChatLog
  me: ReadonlySignal<Member | null>
  limits: ReadonlySignal<Limits | null>
  /** `chat`: the field is to take the focus. */
  focus: Signal<string | null>
}

export function ChatPanel({ chat, me, limits, focus }: ChatPanelProps) {
  const messages = chat.messages.value
  const outgoing = chat.outgoing.value
  const list = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const visible = chat.visible.value

  useLayoutEffect(() => {
    const { current } = list
    if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight
  }, [messages, outgoing, visible])
  useTellNew(messages, me, visible)

  const scrolled = () => {
    const { current } = list
    if (current !== null && visible) atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 24
  }
  const empty = messages.length === 0 && outgoing.length === 0
  return (
    <div class="chat">
      <div ref={list} class="chat-list" onScroll={scrolled} tabIndex={0} role="log" aria-live="off" aria-label="Messages">
        {empty ? <p class="empty">Say something to everyone in the room. What is said stays with the room.</p> : null}
        {grouped(messages).map((group) => (
          <div key={group[0]?.id} class="chat-group">
            <Said messages={group} mine={group[0]?.member === me.value?.id} />
          </div>
        ))}
        {outgoing.map((one) => (
          <Pending key={one.ref} message={one} chat={chat} />
        ))}
      </div>
      <Composer chat={chat} most={limits.value?.chat_characters ?? 2000} focus={focus} />
    </div>
  )
}

function Said({ messages, mine }: { messages: readonly ChatMessage[]; mine: boolean }) {
  const first = messages[0]
  if (first === undefined) return null
  return (
    <>
      <Avatar name={first.name} color={first.color} />
      <div class="chat-words">
        <p class="chat-who">
          <strong>{first.name}</strong>
          {mine ? <span class="muted"> (you)</span> : null}
          <time class="meta" dateTime={new Date(first.at).toISOString()}>
            {timeWords(first.at)}
          </time>
        </p>
        {messages.map((one) => (
          <Text key={one.id} text={one.text} />
        ))}
      </div>
    </>
  )
}

function Text({ text }: { text: string }) {
  return (
    <p class="chat-text">
      {linkify(text).map((part, index) =>
        part.href === null ? (
          part.text
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ),
      )}
    </p>
  )
}

function Pending({ message, chat }: { message: Outgoing; chat: ChatLog }) {
  const { ref, text, problem } = message
  return (
    <div class="chat-pending">
      <Text text={text} />
      {problem === null ? (
        <p class="meta">Sending…</p>
      ) : (
        <div class="chat-failed">
          <p class="problem">
            <Icon name="warning" />
            <span>{problem}</span>
          </p>
          <Button onClick={() => chat.again(ref)}>Send again</Button>
          <Button
            kind="quiet"
            onClick={() => {
              if (chat.draft.value === '') chat.draft.value = text
              chat.forget(ref)
            }}
          >
            Take back
          </Button>
        </div>
      )}
    </div>
  )
}

/** New messages of others are read out while the panel is open (a live region would read the whole list at first). */
function useTellNew(messages: readonly ChatMessage[], me: ReadonlySignal<Member | null>, visible: boolean): void {
  const last = useRef(messages.at(-1)?.id ?? 0)
  useEffect(() => {
    const fresh = messages.filter((one) => one.id > last.current && one.member !== me.value?.id)
    last.current = messages.at(-1)?.id ?? last.current
    const said = fresh.at(-1)
    if (visible && said !== undefined) announce(`${said.name}: ${said.text}`)
  }, [messages, visible])
}
