// A short table with a heading: what is told at once, and neither sorted nor opened.
import type { ComponentChildren } from 'preact'

export interface ListTableProps {
  label: string
  /** Empty: what stands below says itself what it is, such as buttons. */
  heads: readonly string[]
  rows: readonly (readonly ComponentChildren[])[]
  empty: string
}

export function ListTable({ label, heads, rows, empty }: ListTableProps) {
  return (
    <section class="list">
      <h2>{label}</h2>
      {rows.length === 0 ? (
        <p class="muted">{empty}</p>
      ) : (
        <div class="list-scroll" tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                {heads.map((head) =>
                  head === '' ? (
                    <td key={head} />
                  ) : (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, number) => (
                <tr key={number}>
                  {row.map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
