// Says where a text was found, in words.
import type { Erased } from '../../api/erasures'

const few = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']

const number = (count: number) => few[count] ?? String(count)
const places = (count: number) => (count === 1 ? 'one place' : `${number(count)} places`)

/** A line for each kind of place. `nameOf`: the name of a file by its id. */
export function foundIn(found: Erased, nameOf: (file: string) => string): string[] {
  const lines: string[] = []
  for (const [file, count] of Object.entries(found.texts)) {
    if (file === '') lines.push(`${capital(places(count))} where it was written and gone again before anybody saw it`)
    else lines.push(`${capital(places(count))} in ${nameOf(file)}, now or earlier`)
  }
  if (found.values > 0) lines.push(`${capital(places(found.values))} in names of files, formats or values`)
  if (found.named > 0) lines.push(found.named === 1 ? 'In the id of one file, which goes whole' : `In the ids of ${number(found.named)} files, which go whole`)
  if (found.chat > 0) lines.push(`${capital(places(found.chat))} in the chat`)
  if (found.runs > 0) lines.push(`${capital(places(found.runs))} in what was run: output, arguments, pages`)
  if (found.names > 0) lines.push(`${capital(places(found.names))} in names of people or invitations`)
  if (found.title > 0) lines.push('In the room’s title')
  return lines
}

/** Whether it stands in the text of now; null where that needs no word. */
export function standsNow(found: Erased): string | null {
  const inTexts = Object.values(found.texts).reduce((sum, count) => sum + count, 0)
  if (inTexts === 0) return null
  if (found.now === 0) return 'It does not stand in the text any more, but in its history.'
  return found.now === 1 ? 'It stands in the text now, once.' : `It stands in the text now, in ${places(found.now)}.`
}

/** What stays, since it never stood together with the rest. */
export function piecesLeft(found: Erased): string | null {
  if (found.pieces === 0) return null
  const parts = found.pieces === 1 ? 'A longer part of it was' : `${capital(number(found.pieces))} longer parts of it were`
  return `${parts} also written without the rest, and ${found.pieces === 1 ? 'stays' : 'stay'}. Erase ${found.pieces === 1 ? 'it' : 'them'} next if that says too much.`
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
