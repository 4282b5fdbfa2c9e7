// Binds an editor to a Y.Text: what is typed goes into the text, what others type goes into the editor, and undo takes
// back one's own edits alone. CodeEditor puts it into its state; key maps call `undo` and `redo`.
//
// Invariant: editor and text hold the same characters at the same places. So lines end in "\n" alone (see CodeEditor),
// and something that is no character, which only a foreign page can have put into the text, stands as one (a list of values as one each).
import { Annotation, EditorSelection, Facet, Transaction, type ChangeSet, type ChangeSpec, type EditorState, type Extension, type StateCommand, type Text } from '@codemirror/state'
import { EditorView, ViewPlugin, type PluginValue, type ViewUpdate } from '@codemirror/view'
import * as Y from 'yjs'

/** Edits within this time are undone together. */
const GROUP_MS = 400
const EMBED = '\ufffc'

/** Marks a change that comes from the text. */
export const fromText = Annotation.define<true>()

export class SharedText {
  readonly text: Y.Text
  /** The origin of the transactions that write what was typed here. */
  readonly origin = Symbol('typed here')
  readonly history: Y.UndoManager

  constructor(text: Y.Text) {
    this.text = text
    this.history = new Y.UndoManager(text, { captureTimeout: GROUP_MS, trackedOrigins: new Set([this.origin]) })
  }

  toString(): string {
    const plain = this.text.toString()
    if (plain.length === this.text.length) return plain
    let shown = ''
    for (let item = this.text._start; item; item = item.right) {
      if (!item.deleted && item.countable) shown += item.content instanceof Y.ContentString ? item.content.str : EMBED.repeat(item.length)
    }
    return shown
  }

  position(index: number, assoc = 0): Y.RelativePosition {
    return Y.createRelativePositionFromTypeIndex(this.text, index, assoc)
  }

  /** Where a position is now; null: it belongs to another text, or to edits that have not come yet. */
  index(position: Y.RelativePosition): number | null {
    const found = this.text.doc && Y.createAbsolutePositionFromRelativePosition(position, this.text.doc)
    return found?.type === this.text ? found.index : null
  }
}

const bound = Facet.define<SharedText, SharedText | null>({ combine: ([shared]) => shared ?? null })

/** The text that an editor of this state is bound to. */
export function sharedTextOf(state: EditorState): SharedText {
  const shared = state.facet(bound)
  if (shared === null) throw new Error('This editor is bound to no text.')
  return shared
}

/** Something that counts in a text and is neither a character nor embedded: no editor puts that there. */
function isHidden(item: Y.Item): boolean {
  const { content } = item
  return !item.deleted && item.countable && !(content instanceof Y.ContentString || content instanceof Y.ContentEmbed || content instanceof Y.ContentType)
}

function hidesValues(text: Y.Text): boolean {
  for (let item = text._start; item; item = item.right) if (isHidden(item)) return true
  return false
}

class Binding implements PluginValue {
  readonly #view: EditorView
  readonly #shared: SharedText
  /** There may be values in the text that Yjs counts and leaves out of its deltas, so that these tell other places. */
  #hidesValues: boolean

  constructor(view: EditorView) {
    this.#view = view
    this.#shared = sharedTextOf(view.state)
    this.#hidesValues = hidesValues(this.#shared.text)
    this.#shared.text.observe(this.#take)
    this.#removeValues()
  }

  readonly #take = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this.#shared.origin) return
    if (this.#hidesValues) {
      this.#startOver()
      this.#removeValues()
      return
    }
    const changes: ChangeSpec[] = []
    let at = 0
    for (const { insert, delete: gone, retain } of event.delta) {
      if (insert !== undefined) {
        changes.push({ from: at, insert: typeof insert === 'string' ? insert : EMBED })
      } else if (gone !== undefined) {
        changes.push({ from: at, to: at + gone })
        at += gone
      } else {
        at += retain ?? 0
      }
    }
    this.#dispatch(changes)
    if (this.#view.state.doc.length === this.#shared.text.length) return
    this.#hidesValues = hidesValues(this.#shared.text)
    if (!this.#hidesValues) console.error('The editor was out of step with the text; it is shown anew.')
    this.#startOver()
    this.#removeValues()
  }

  #dispatch(spec: ChangeSpec): void {
    const changes = this.#view.state.changes(spec)
    const effects = movesView(this.#view, changes) ? (this.#view.scrollSnapshot().map(changes) ?? []) : []
    this.#view.dispatch({ changes, effects, annotations: [fromText.of(true), Transaction.remote.of(true)] })
  }

  /** Take out what hides from deltas: Yjs deletes letters behind it in its place. Whoever may not write only sees it. */
  #removeValues(): void {
    if (!this.#hidesValues) return
    queueMicrotask(() => {
      const { text } = this.#shared
      if (this.#view.state.readOnly) return
      text.doc?.transact((transaction) => {
        for (let item = text._start; item; item = item.right) if (isHidden(item)) item.delete(transaction)
      })
    })
  }

  /** Show the text as it is, whatever was shown; cursors stay where it is the same. */
  #startOver(): void {
    const before = this.#view.state.doc.toString()
    const after = this.#shared.toString()
    let alike = 0
    while (alike < Math.min(before.length, after.length) && before[alike] === after[alike]) alike += 1
    const [from, to, until] = [alike, before.length, after.length]
    let behind = 0
    while (behind < Math.min(to, until) - from && before[to - behind - 1] === after[until - behind - 1]) behind += 1
    this.#dispatch({ from, to: to - behind, insert: after.slice(from, until - behind) })
    this.#hidesValues &&= hidesValues(this.#shared.text)
  }

  update(update: ViewUpdate): void {
    const typed = update.transactions.filter((transaction) => transaction.docChanged && !transaction.annotation(fromText))
    if (typed.length === 0) return
    const { text, origin } = this.#shared
    text.doc?.transact(() => {
      for (const { changes, startState, newDoc } of typed) {
        changes.iterChanges((fromOld, toOld, fromNew, toNew) => {
          const [before, after] = halves(startState.doc, newDoc, { fromOld, toOld, fromNew, toNew })
          const start = fromNew - before
          if (toOld + after > fromOld - before) text.delete(start, toOld + after - (fromOld - before))
          if (toNew + after > start) text.insert(start, newDoc.sliceString(start, toNew + after, '\n'))
        })
      }
    }, origin)
  }

  destroy(): void {
    this.#shared.text.unobserve(this.#take)
  }
}

/** How far a change must reach out on either side, lest it split a character of two units, which Yjs would break. */
function halves(old: Text, fresh: Text, at: Record<'fromOld' | 'toOld' | 'fromNew' | 'toNew', number>): [number, number] {
  const unit = (doc: Text, index: number): number => doc.sliceString(index, index + 1).charCodeAt(0) & 0xfc00
  const isHigh = (doc: Text, index: number): boolean => unit(doc, index) === 0xd800
  const isLow = (doc: Text, index: number): boolean => unit(doc, index) === 0xdc00
  const before = isHigh(old, at.fromOld - 1) && (isLow(old, at.fromOld) || isLow(fresh, at.fromNew))
  const after = isLow(old, at.toOld) && (isHigh(old, at.toOld - 1) || isHigh(fresh, at.toNew - 1))
  return [before ? 1 : 0, after ? 1 : 0]
}

/**
 * Whether a change that others made would move what one is looking at: lines come or go above it, or the view is at the
 * end, to which CodeMirror would keep it. (It keeps the view still by itself, but not if two changes fall into one frame.)
 */
function movesView(view: EditorView, changes: ChangeSet): boolean {
  const { scrollTop, scrollHeight, clientHeight } = view.scrollDOM
  if (scrollTop <= 1) return false
  if (!view.lineWrapping && changes.apply(view.state.doc).lines === view.state.doc.lines) return false
  if (scrollTop + clientHeight >= scrollHeight - 5) return true
  const top = view.lineBlockAtHeight(scrollTop - view.documentPadding.top).from
  return changes.touchesRange(0, top) !== false
}

interface Kept {
  anchor: Y.RelativePosition
  head: Y.RelativePosition
}

interface StackEvent {
  stackItem: { meta: Map<unknown, unknown> }
}

/** Puts the cursor back to where it was before what is undone. Must stand before `Binding`, to see the old selection. */
class UndoneSelection implements PluginValue {
  readonly #view: EditorView
  readonly #shared: SharedText
  #before: Kept | null = null

  constructor(view: EditorView) {
    this.#view = view
    this.#shared = sharedTextOf(view.state)
    this.#shared.history.on('stack-item-added', this.#added)
    this.#shared.history.on('stack-item-popped', this.#popped)
  }

  readonly #added = ({ stackItem }: StackEvent): void => {
    if (this.#before && !stackItem.meta.has(UndoneSelection)) stackItem.meta.set(UndoneSelection, this.#before)
  }

  readonly #popped = ({ stackItem }: StackEvent): void => {
    const kept = stackItem.meta.get(UndoneSelection) as Kept | undefined
    const anchor = kept && this.#shared.index(kept.anchor)
    const head = kept && this.#shared.index(kept.head)
    if (anchor == null || head == null) return
    this.#view.dispatch({ selection: EditorSelection.range(anchor, head), scrollIntoView: true })
  }

  update(update: ViewUpdate): void {
    const typed = update.docChanged && update.transactions.some((transaction) => !transaction.annotation(fromText))
    if (!typed) return
    const { anchor, head } = update.startState.selection.main
    this.#before = { anchor: this.#shared.position(anchor), head: this.#shared.position(head) }
  }

  destroy(): void {
    this.#shared.history.off('stack-item-added', this.#added)
    this.#shared.history.off('stack-item-popped', this.#popped)
  }
}

export const undo: StateCommand = ({ state }) => {
  if (!state.readOnly) sharedTextOf(state).history.undo()
  return true
}

export const redo: StateCommand = ({ state }) => {
  if (!state.readOnly) sharedTextOf(state).history.redo()
  return true
}

/** The extension; its plugins bind when the view is made and let go when it is destroyed. */
export function bindText(shared: SharedText): Extension {
  return [
    bound.of(shared),
    ViewPlugin.fromClass(UndoneSelection),
    ViewPlugin.fromClass(Binding),
    EditorView.domEventHandlers({
      beforeinput(event, view) {
        if (event.inputType === 'historyUndo') return undo(view)
        if (event.inputType === 'historyRedo') return redo(view)
        return false
      },
    }),
  ]
}
