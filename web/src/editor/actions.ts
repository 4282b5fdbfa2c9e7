// What the editor asks of the page around it, as a facet, so that every key map can reach it from a view.
import { Facet } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'

export interface Actions {
  run(): void
  save(): void
  /** A key map that has modes is in another one now. */
  mode(name: string): void
}

export const actions = Facet.define<Actions, Actions>({
  combine: ([given]) => given ?? { run: () => undefined, save: () => undefined, mode: () => undefined },
})

export const run = (view: EditorView): boolean => {
  view.state.facet(actions).run()
  return true
}

export const save = (view: EditorView): boolean => {
  view.state.facet(actions).save()
  return true
}
