// The languages the server knows, kept in this browser too: offline the picker still has them.
import type { LanguageInfo } from '../protocol/languages'
import { readStored, writeStored } from '../ui/stored'
import { request } from './request'

export type { LanguageInfo } from '../protocol/languages'

const key = 'languages'

function isLanguage(value: unknown): value is LanguageInfo {
  const given = value as Partial<LanguageInfo> | null
  if (typeof given !== 'object' || given === null || typeof given.id !== 'string' || typeof given.name !== 'string') return false
  return Array.isArray(given.where) && given.server !== undefined // an earlier version of the server said less
}

function remembered(): LanguageInfo[] | null {
  const known = readStored(key)
  return Array.isArray(known) && known.length > 0 && known.every(isLanguage) ? known : null
}

/** From the server, else as they were when it last answered. Throws where neither is to be had. */
export async function getLanguages(): Promise<LanguageInfo[]> {
  try {
    const languages = await request<LanguageInfo[]>('GET', '/api/languages')
    writeStored(key, languages)
    return languages
  } catch (error) {
    const known = remembered()
    if (known === null) throw error
    return known
  }
}

/** What is known without asking. */
export function rememberedLanguages(): LanguageInfo[] {
  return remembered() ?? []
}
