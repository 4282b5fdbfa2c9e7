// Which rows of a table are shown, and in which order.

export interface Order {
  column: string
  down: boolean
}

export type Value = string | number | null

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** What is empty stands last, whichever way. */
function compare(one: Value, other: Value): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return words.compare(String(one), String(other))
}

const isEmpty = (value: Value) => value === null || value === ''

/** Those rows in which every word that was typed stands somewhere, by the value of one column; equal ones by their id. */
export function sorted<Row extends { id: string }>(
  rows: readonly Row[],
  typed: string,
  text: (row: Row) => string,
  value: (row: Row) => Value,
  down: boolean,
): Row[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const found = wanted.length === 0 ? [...rows] : rows.filter((row) => wanted.every((word) => text(row).toLowerCase().includes(word)))
  const values = new Map(found.map((row) => [row, value(row)]))
  return found.sort((one, other) => {
    const a = values.get(one) ?? null
    const b = values.get(other) ?? null
    if (isEmpty(a) || isEmpty(b)) return Number(isEmpty(a)) - Number(isEmpty(b)) || (one.id < other.id ? -1 : 1)
    return (down ? compare(b, a) : compare(a, b)) || (one.id < other.id ? -1 : 1)
  })
}
