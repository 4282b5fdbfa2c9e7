import { expect, it } from 'vitest'
import { savingOf, type SavingFacts } from './saving'

const calm: SavingFacts = { welcomed: true, caughtUp: true, storageAway: false, unsaved: false, known: true }

it.each<[string, Partial<SavingFacts>]>([
  ['saved', {}],
  ['saving', { caughtUp: false }],
  ['not-saved', { storageAway: true }],
  ['not-saved', { welcomed: false, unsaved: true }],
  ['saved', { welcomed: false }],
  ['saving', { welcomed: false, known: false }],
])('%s is said of %j', (words, facts) => {
  expect(savingOf({ ...calm, ...facts })).toBe(words)
})
