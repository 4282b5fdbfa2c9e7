// A line to everybody in a room, or on the whole server.
import { useState } from 'preact/hooks'
import { sendMessage } from '../../api/admin'
import { sentence } from '../../api/problem'
import { Button } from '../../ui/button'
import { toast } from '../../ui/toasts'
import type { Watch } from './watch'

export function SayForm({ watch, room, label }: { watch: Watch; room: string | null; label: string }) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    if (text.trim() === '' || busy) return
    setBusy(true)
    try {
      const { heard } = await sendMessage(text, room)
      toast(heard === 0 ? 'Nobody was there to read it.' : `Shown on ${heard === 1 ? 'one page' : `${heard.toLocaleString()} pages`}.`, { icon: 'send' })
      setText('')
    } catch (error) {
      toast(`It was not sent. ${sentence(error)}`, { bad: true })
    }
    setBusy(false)
  }
  return (
    <form class="say" onSubmit={send}>
      <input
        class="input"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={watch.server.value?.notice_characters ?? 500}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" icon="send" aria-disabled={busy || text.trim() === ''}>
        Send
      </Button>
    </form>
  )
}
