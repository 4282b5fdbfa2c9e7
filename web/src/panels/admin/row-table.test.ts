import { describe, expect, it } from 'vitest'
import type { Changes } from '../../api/admin'
import { RowTable } from './row-table'

interface Row {
  id: string
  n: number
}

const row = (id: string, n: number): Row => ({ id, n })

function tableOf(...answers: Changes<Row>[]) {
  const asked: number[] = []
  const table = new RowTable<Row>(async (since) => {
    asked.push(since)
    return answers.shift() as Changes<Row>
  })
  return { table, asked }
}

describe('the rows of a table', () => {
  it('are nothing until the server has answered', () => {
    expect(tableOf().table.rows.value).toBeNull()
  })

  it('are followed by what has changed since', async () => {
    const { table, asked } = tableOf(
      { tick: 10, whole: true, rows: [row('a', 1), row('b', 2)], gone: [] },
      { tick: 12, whole: false, rows: [row('b', 3), row('c', 4)], gone: ['a'] },
      { tick: 13, whole: false, rows: [], gone: [] },
    )
    await table.refresh()
    await table.refresh()
    expect(table.rows.value).toEqual([row('b', 3), row('c', 4)])
    const before = table.rows.value
    await table.refresh()
    expect(asked).toEqual([0, 10, 12])
    expect(table.rows.value).toBe(before) // nothing is drawn anew where nothing has changed
  })

  it('are others when the server has started anew', async () => {
    const { table } = tableOf({ tick: 10, whole: true, rows: [row('a', 1)], gone: [] }, { tick: 5, whole: true, rows: [row('z', 9)], gone: [] })
    await table.refresh()
    await table.refresh()
    expect(table.rows.value).toEqual([row('z', 9)])
  })

  it('may be none', async () => {
    const { table } = tableOf({ tick: 10, whole: true, rows: [], gone: [] })
    await table.refresh()
    expect(table.rows.value).toEqual([])
  })
})
