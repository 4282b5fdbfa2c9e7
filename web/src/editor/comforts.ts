// Completion, closing brackets and search: not needed to write the first letter, so fetched right after it could be.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Prec, type Extension } from '@codemirror/state'
import { keymap } from '@codemirror/view'

export function comforts(options: { closeBrackets: boolean }): Extension {
  return [
    search({ top: true }),
    highlightSelectionMatches(),
    autocompletion({ icons: false }),
    options.closeBrackets ? [closeBrackets(), Prec.high(keymap.of(closeBracketsKeymap))] : [],
    keymap.of([...completionKeymap, ...searchKeymap]),
  ]
}
