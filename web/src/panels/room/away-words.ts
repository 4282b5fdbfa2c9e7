// What is said while there is no connection: first what matters, in one line, then what can be done.

export interface Away {
  /** This browser keeps a copy of the text. */
  kept: boolean
  /** The page itself is kept, too. */
  reloads: boolean
  /** Why the server cannot have this page for now, where it said so. */
  message: string | null
}

export function awayWords({ kept, reloads, message }: Away): { first: string; line: string; rest: string } {
  if (message !== null) {
    const first = message.replace(/\.$/, '')
    return { first, line: first, rest: `This page goes on trying. ${kept ? 'What you write is kept until then.' : 'Keep it open until then.'}` }
  }
  const merged = 'You can go on writing; it is merged when the connection is back.'
  return {
    first: 'Reconnecting… your text is safe',
    line: kept ? 'Reconnecting… your text is safe' : 'Reconnecting… keep this page open',
    rest: kept && reloads ? merged : `${merged} Do not reload this page until then: here a reload needs the network.`,
  }
}
