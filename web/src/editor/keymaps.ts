// The three key maps. The standard one is there at once; Vim's and Emacs' are fetched when chosen.
import { defaultKeymap, indentWithTab } from '@codemirror/commands'
import { foldKeymap } from '@codemirror/language'
import { Prec, type Extension } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { run, save } from './actions'
import { redo, undo } from './shared-text'

export type KeymapName = 'standard' | 'vim' | 'emacs'

const running = Prec.highest(
  keymap.of([
    { key: 'Mod-Enter', run, preventDefault: true },
    { key: 'Ctrl-Enter', run, preventDefault: true },
  ]),
)

const saving = Prec.highest(keymap.of([{ key: 'Mod-s', run: save, preventDefault: true }]))

/** Emacs searches with Ctrl-S; there only a Mac's Command-S saves. */
const savingOnMac = Prec.highest(keymap.of([{ mac: 'Cmd-s', run: save, preventDefault: true }]))

/** Keys that every key map falls back to. */
export const commonKeys: Extension = [
  running,
  keymap.of([
    { key: 'Mod-z', run: undo, preventDefault: true },
    { key: 'Mod-y', mac: 'Mod-Shift-z', run: redo, preventDefault: true },
    { key: 'Mod-Shift-z', run: redo, preventDefault: true },
    ...defaultKeymap,
    ...foldKeymap,
    indentWithTab,
  ]),
]

/** Vim and Emacs come before all else: their Escape must not be taken by a completion that is still being worked out. */
export async function loadKeymap(name: KeymapName): Promise<Extension> {
  if (name === 'vim') return [saving, Prec.highest((await import('./vim-keys')).vimKeys())]
  if (name === 'emacs') return [savingOnMac, Prec.highest((await import('./emacs-keys')).emacsKeys())]
  return saving
}
