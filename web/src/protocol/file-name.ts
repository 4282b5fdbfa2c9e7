// Names of files are whatever clients wrote into the document, and old runs of the journal hold them as they were.

const unseen = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** A file's name without controls, bidi and zero-width marks: `a\u202egnp.exe` would be read as a picture's. */
export const shownFileName = (name: string): string => name.replace(unseen, '')
