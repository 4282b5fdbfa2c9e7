// Where a language's programs run: on the server where that can be had, unless the room's host, or the person for once,
// wants it otherwise. Pure.
import type { RunWhere } from '../protocol/events'
import type { LanguageInfo } from '../protocol/languages'

type Told = Pick<LanguageInfo, 'runtime' | 'server'>

export function placesOf(language: Told | null): RunWhere[] {
  const places: RunWhere[] = []
  if (language?.server != null) places.push('server')
  if (language?.runtime != null) places.push('browser')
  return places
}

/** Null: it can only be written. `wanted`: what the room's host chose, if that can be had for this language. */
export function whereRun(language: Told | null, wanted: RunWhere | null): RunWhere | null {
  const places = placesOf(language)
  return places.find((place) => place === wanted) ?? places[0] ?? null
}
