// Vim's keys over the shared text: `u` and Ctrl-R undo one's own edits, `:w` is the page's "save". Fetched when chosen.
import { getCM, Vim, vim, type CodeMirror } from '@replit/codemirror-vim'
import type { Extension } from '@codemirror/state'
import { ViewPlugin, type EditorView } from '@codemirror/view'
import { actions, run, save } from './actions'
import { redo, sharedTextOf, undo } from './shared-text'

interface Editor {
  cm6: EditorView
}

const repeat = (times: number | undefined, command: typeof undo, { cm6 }: Editor): void => {
  for (let time = 0; time < (times ?? 1); time += 1) command(cm6)
}

Vim.defineAction('undo', (cm: unknown, { repeat: times }: { repeat?: number }) => repeat(times, undo, cm as Editor))
Vim.defineAction('redo', (cm: unknown, { repeat: times }: { repeat?: number }) => repeat(times, redo, cm as Editor))
Vim.defineEx('undo', 'u', (cm: unknown) => repeat(1, undo, cm as Editor))
Vim.defineEx('redo', 'red', (cm: unknown) => repeat(1, redo, cm as Editor))
Vim.defineEx('write', 'w', (cm: unknown) => save((cm as Editor).cm6))
Vim.defineEx('run', 'run', (cm: unknown) => run((cm as Editor).cm6))

const tellMode = ViewPlugin.define((view) => {
  const cm = getCM(view) as CodeMirror | null
  const tell = ({ mode, subMode }: { mode: string; subMode?: string }): void => {
    const lines = subMode === 'linewise' ? ' LINE' : subMode === 'blockwise' ? ' BLOCK' : ''
    view.state.facet(actions).mode(`${mode.toUpperCase()}${lines}`)
    sharedTextOf(view.state).history.stopCapturing() // what one insertion typed is undone as one
  }
  cm?.on('vim-mode-change', tell)
  tell({ mode: 'normal' })
  return {
    destroy: () => {
      cm?.off('vim-mode-change', tell)
      view.state.facet(actions).mode('')
    },
  }
})

export function vimKeys(): Extension {
  return [vim(), tellMode]
}
