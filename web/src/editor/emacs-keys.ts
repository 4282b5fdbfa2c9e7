// Emacs' keys over the shared text: undo takes back one's own edits, C-x C-s is the page's "save". Fetched when chosen.
import { insertNewlineAndIndent } from '@codemirror/commands'
import { emacs, EmacsHandler } from '@replit/codemirror-emacs'
import type { Extension } from '@codemirror/state'
import { save } from './actions'
import { redo, undo } from './shared-text'

EmacsHandler.bindKey('C-/|C-x u|S-C--|C-z', undo)
EmacsHandler.bindKey('S-C-/|S-C-x u|C--|S-C-z', redo)
EmacsHandler.bindKey('C-x C-s', save)
EmacsHandler.bindKey('Return|C-m', insertNewlineAndIndent)

const { yankRotate } = EmacsHandler.commands
EmacsHandler.addCommands({
  /** The package takes the last yank back with an undo of its own, which knows nothing of the shared text. */
  yankRotate: {
    ...yankRotate,
    exec(handler: EmacsHandler) {
      if (handler.$data.lastCommand === 'yank') undo(handler.view)
      yankRotate.exec(handler)
    },
  },
})

export function emacsKeys(): Extension {
  return emacs()
}
