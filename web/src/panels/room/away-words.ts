// What is said while there is no connection: first what matters, in one line, then what can be done.

export interface Away {
  /** This browser keeps a copy of the text. */
  kept: boolean
  /** The page itself is kept, too. */
  reloads: boolean
}

export function awayWords({ kept, reloads }: Away): { first: string; line: string; rest: string } {
  const merged = 'You can go on writing; it is merged when the connection is back.'
  return {
    first: 'Reconnecting… your text is safe',
    line: kept ? 'Reconnecting… your text is safe' : 'Reconnecting… keep this page open',
    rest: kept && reloads ? merged : `${merged} Do not reload this page until then: here a reload needs the network.`,
  }
}
