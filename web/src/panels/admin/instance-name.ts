// What an instance is called on the desk: its machine, and which of several there.
import type { InstanceRow } from '../../api/admin'

const LETTERS = 4

/** The name of that instance; one that has gone meanwhile is known by the beginning of its id. */
export function instanceName(id: string, all: readonly Pick<InstanceRow, 'id' | 'host'>[]): string {
  const short = id.slice(0, LETTERS)
  const found = all.find((instance) => instance.id === id)
  return found === undefined ? short : `${found.host} · ${short}`
}

/** Those names in a row. */
export const instanceNames = (ids: readonly string[], all: readonly Pick<InstanceRow, 'id' | 'host'>[]) => ids.map((id) => instanceName(id, all)).join(', ')
