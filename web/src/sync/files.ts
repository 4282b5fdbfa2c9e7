// The part of the document's layout that the page touches itself: `files` (id -> name, language, order) and the texts.
// A file's text is the top-level Y.Text `file:<id>`; the first file is `main`, which the server makes with the room.
import * as Y from 'yjs'
import { shownFileName } from '../protocol/file-name'

export const MAIN_FILE = 'main'

export function fileText(doc: Y.Doc, fileId: string): Y.Text {
  return doc.getText(`file:${fileId}`)
}

/** The text of the main file. */
export function mainText(doc: Y.Doc): string {
  return fileText(doc, MAIN_FILE).toString()
}

/** Its name as it may be shown; of one without any its id. */
export function nameOfFile(doc: Y.Doc, fileId: string): string {
  const file = doc.getMap('files').get(fileId)
  const name = file instanceof Y.Map ? file.get('name') : null
  return (typeof name === 'string' ? shownFileName(name) : '') || shownFileName(fileId)
}

export function languageOf(doc: Y.Doc, fileId: string): string | null {
  const file = doc.getMap('files').get(fileId)
  const language = file instanceof Y.Map ? file.get('language') : null
  return typeof language === 'string' ? language : null
}

/** Choose a file's language and name, for everyone; makes the file's entry where it is missing. */
export function setFileLanguage(doc: Y.Doc, fileId: string, language: string, name: string): void {
  const files = doc.getMap('files')
  doc.transact(() => {
    let file = files.get(fileId)
    if (!(file instanceof Y.Map)) {
      file = new Y.Map<unknown>([['order', files.size]])
      files.set(fileId, file)
    }
    const entry = file as Y.Map<unknown>
    if (entry.get('language') !== language) entry.set('language', language)
    if (entry.get('name') !== name) entry.set('name', name)
  })
}
