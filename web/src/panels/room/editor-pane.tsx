// The place of the code: the file's tab above, the editor below, lines in grey until it is there. The editor is fetched
// while the connection is made.
import { computed } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { EditorSettings } from '../../editor/code-editor'
import { root } from '../../api/root'
import { registerServiceWorker } from '../../sync/offline-shell'
import { Button } from '../../ui/button'
import { coarsePointer } from '../../ui/media'
import { preferences, shownTheme } from '../../ui/preferences'
import { toast } from '../../ui/toasts'
import { useLate } from '../../ui/wait'
import { FollowFrame } from './follow'
import type { OpenRoom } from './open-room'
import { saySaved } from './shortcuts'

const settings = computed<EditorSettings>(() => {
  const { fontSize, tabSize, keymap, wrap, closeBrackets, ligatures } = preferences.value
  return { theme: shownTheme.value, fontSize, tabSize, keymap, wrap, closeBrackets, ligatures }
})

type State = 'loading' | 'ready' | 'failed'

async function makeEditor(room: OpenRoom, parent: HTMLElement): Promise<() => void> {
  const [{ CodeEditor }] = await Promise.all([import('../../editor/code-editor'), room.sync.ready])
  if (!parent.isConnected) return () => undefined
  const editor = new CodeEditor({
    parent,
    sync: room.sync,
    fileId: 'main',
    settings,
    mode: computed(() => room.language.value?.mode ?? ''),
    readOnly: computed(() => !room.mayEdit.value),
    onRun: () => room.run(),
    onSave: () => saySaved(room),
    onTooLarge: (limit) =>
      toast(`Nothing was changed: the text would be larger than the ${Math.round(limit / 1000)} KB that a room takes.`, { bad: true }),
    label: 'Code editor',
  })
  room.editor.value = editor
  return () => {
    room.editor.value = null
    editor.destroy()
  }
}

export function EditorPane({ room }: { room: OpenRoom }) {
  const place = useRef<HTMLDivElement>(null)
  const [state, setState] = useState<State>('loading')

  useEffect(() => {
    if (state !== 'loading' || place.current === null) return
    let gone = false
    let end: () => void = () => undefined
    makeEditor(room, place.current).then(
      (destroy) => {
        if (gone) return destroy()
        end = destroy
        setState('ready')
        const free = document.activeElement === null || document.activeElement === document.body
        if (free && !coarsePointer.value) room.editor.value?.focus() // on a phone it would raise the keyboard unasked
        registerServiceWorker(root()) // not before: what it keeps for offline must not compete with the first load
      },
      () => gone || setState('failed'),
    )
    return () => {
      gone = true
      end()
    }
  }, [room])

  return (
    <>
      <div class="file-tabs">
        <span class="file-tab">{room.fileName.value}</span>
        {room.mayEdit.value ? null : <span class="meta file-note">Read only</span>}
      </div>
      <FollowFrame room={room}>
        <div
          ref={place}
          class="editor-place"
          onFocusIn={() => (room.editorFocused.value = true)}
          onFocusOut={() => (room.editorFocused.value = false)}
        />
        {state === 'loading' ? <EditorSkeleton /> : null}
        {state === 'failed' ? <EditorFailed onAgain={() => location.reload()} /> : null}
      </FollowFrame>
    </>
  )
}

const lineWidths = [38, 24, 52, 46, 30, 0, 44, 28]

function EditorSkeleton() {
  const late = useLate()
  return (
    <div class="editor-skeleton" role="status">
      <span class="unseen">{late ? 'Loading the text…' : ''}</span>
      {late ? lineWidths.map((width, index) => <div key={index} class="skeleton" style={{ width: `${width}%` }} />) : null}
    </div>
  )
}

function EditorFailed({ onAgain }: { onAgain(): void }) {
  return (
    <div class="editor-skeleton" role="alert">
      <p>The editor could not be loaded. The room's text is safe on the server.</p>
      <Button onClick={onAgain}>Reload the page</Button>
    </div>
  )
}
