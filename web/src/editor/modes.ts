// Finds and loads the grammar of a language; each is a chunk of its own that is fetched when first chosen.
import type { Extension } from '@codemirror/state'

/** The grammar that CodeMirror's language-data calls `name`; nothing for plain text or a name that it does not know. */
export async function loadMode(name: string): Promise<Extension> {
  const wanted = name.trim().toLowerCase()
  if (wanted === '' || wanted === 'plain text' || wanted === 'text') return []
  const { languages } = await import('@codemirror/language-data')
  const known = languages.find((language) => language.name.toLowerCase() === wanted || language.alias.includes(wanted))
  return known ? known.load() : []
}
