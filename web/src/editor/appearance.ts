// How the editor looks: the page's CSS variables reach into its shadow root, so both themes share these rules, and
// `color-scheme` on the host chooses. Nothing here needs a style attribute or a nonce.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { grounds, palette, type Shade } from './palette'

const both = ({ light, dark }: Shade): string => `light-dark(${light}, ${dark})`

/** Each tag once: of two rules for one tag the later alone would count. */
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.definitionKeyword, tags.self], color: both(palette.keyword) },
  { tag: [tags.string, tags.docString, tags.character, tags.attributeValue, tags.inserted], color: both(palette.string) },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit, tags.color], color: both(palette.number) },
  { tag: [tags.comment, tags.quote], color: both(palette.comment), fontStyle: 'italic' },
  { tag: tags.meta, color: both(palette.comment) },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.labelName, tags.macroName], color: both(palette.called) },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.standard(tags.variableName)], color: both(palette.type) },
  { tag: [tags.operator, tags.punctuation, tags.bracket, tags.separator], color: both(palette.operator) },
  { tag: [tags.propertyName, tags.attributeName, tags.definition(tags.propertyName)], color: both(palette.property) },
  { tag: [tags.regexp, tags.escape, tags.special(tags.string), tags.special(tags.variableName)], color: both(palette.special) },
  { tag: [tags.tagName, tags.annotation, tags.processingInstruction], color: both(palette.special) },
  { tag: tags.heading, color: both(palette.called), fontWeight: '600' },
  { tag: [tags.link, tags.url], color: both(palette.called), textDecoration: 'underline' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.invalid, tags.deleted], color: both(palette.invalid) },
])

const ground = (name: keyof typeof grounds.light): string => both({ light: grounds.light[name], dark: grounds.dark[name] })

const looks = EditorView.theme({
  '&': { height: '100%', color: both(palette.ink), backgroundColor: 'var(--paper)', fontSize: 'var(--code-size)' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused > .cm-scroller': { boxShadow: 'inset 2px 0 0 var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--font-code, monospace)', lineHeight: '1.5714', fontVariantLigatures: 'var(--code-ligatures)' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 12px 0 8px' },
  '.cm-cursor, .cm-dropCursor': { borderLeft: '2px solid var(--ink)', marginLeft: '-1px' },
  '&.cm-focused .cm-fat-cursor': { background: 'var(--accent)', color: 'var(--accent-ink) !important' }, // Vim's
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'transparent', border: 'none', backgroundImage: 'linear-gradient(var(--paper), var(--paper))' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '32px', padding: '0 4px 0 12px' },
  '.cm-activeLine': { backgroundColor: `color-mix(in srgb, ${ground('activeLine')}, transparent 30%)` },
  '.cm-activeLineGutter': { color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: ground('selection') },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'transparent', outline: '1px solid var(--line-strong)', borderRadius: '2px' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', outline: '1px solid var(--bad)', borderRadius: '2px' },
  '.cm-foldPlaceholder': { color: 'var(--muted)', background: 'var(--sunken)', border: '1px solid var(--line)', padding: '0 6px' },
  '.cm-foldGutter .cm-gutterElement': { padding: '0 2px', cursor: 'pointer' },
  '.cm-searchMatch': { backgroundColor: 'transparent', outline: '1px solid var(--warn)', borderRadius: '2px' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'var(--warn-soft)', outline: '2px solid var(--warn)' },
  '.cm-selectionMatch': { backgroundColor: 'transparent', outline: '1px solid var(--line-strong)', borderRadius: '2px' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.cm-panels': { color: 'var(--ink)', backgroundColor: 'var(--raised)', font: '13px/20px var(--font-ui, sans-serif)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 32px 6px 8px' },
  '.cm-panel.cm-search [name=close]': { color: 'inherit', fontSize: '18px', top: '4px', right: '8px', width: '24px', height: '24px', cursor: 'pointer' },
  '.cm-textfield': { color: 'inherit', background: 'var(--paper)', border: '1px solid var(--line-strong)', borderRadius: '6px', padding: '2px 8px', font: 'inherit' },
  '.cm-button': { color: 'inherit', background: 'var(--sunken)', border: '1px solid var(--line)', borderRadius: '6px', padding: '2px 8px', font: 'inherit' },
  '.cm-tooltip': { color: 'var(--ink)', background: 'var(--raised)', border: '1px solid var(--line)', borderRadius: '6px', boxShadow: '0 4px 16px var(--shadow)', overflow: 'hidden' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: 'var(--ink)', background: 'var(--accent-soft)' },
  '.cm-completionDetail': { color: 'var(--muted)' },
})

/** Dark or light, for what CodeMirror itself decides by. */
export const scheme = (theme: 'light' | 'dark'): Extension => EditorView.darkTheme.of(theme === 'dark')

export const appearance: Extension = [looks, syntaxHighlighting(highlighting)]
