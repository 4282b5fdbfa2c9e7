// Following somebody: the view goes where they go, framed in their colour, until one presses a key or the mouse in the
// editor, or they leave.
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { OpenRoom } from './open-room'

export function FollowFrame({ room, children }: { room: OpenRoom; children: ComponentChildren }) {
  const { value: id } = room.following
  const member = room.sync.members.value.find((one) => one.id === id)
  const stop = () => (room.following.value = null)

  useEffect(() => {
    if (id !== null && member === undefined) stop()
  }, [id, member])

  const generation = room.sync.generation.value
  useEffect(() => {
    if (id === null) return
    const { awareness, doc } = room.sync
    let frame = 0
    // The editor places the others once a frame: a frame asked for later comes after it.
    const go = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => room.editor.value?.goTo(id))
    }
    room.editor.value?.goTo(id)
    awareness.on('change', go)
    doc.on('update', go) // a place may come before the text that it is in
    return () => {
      cancelAnimationFrame(frame)
      awareness.off('change', go)
      doc.off('update', go)
    }
  }, [id, generation])

  return (
    <div class="editor-frame" onKeyDownCapture={stop} onPointerDownCapture={stop}>
      {children}
      {member === undefined ? null : (
        <>
          <div class="follow-frame" style={{ borderColor: member.color }} />
          <button type="button" class="follow-word" style={{ backgroundColor: member.color }} onClick={stop}>
            Following {member.name} · stop
          </button>
        </>
      )}
    </div>
  )
}
