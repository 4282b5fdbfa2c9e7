import { expect, test } from 'vitest'
import { instanceName, instanceNames } from './instance-name'

const all = [
  { id: 'abcdefgh', host: 'ant' },
  { id: 'bcdefghi', host: 'bee' },
]

test('an instance is named by its machine and the beginning of its id', () => {
  expect(instanceName('bcdefghi', all)).toBe('bee · bcde')
  expect(instanceNames(['abcdefgh', 'bcdefghi'], all)).toBe('ant · abcd, bee · bcde')
})

test('one that has gone is named by what is known of it', () => {
  expect(instanceName('zyxwvuts', all)).toBe('zyxw')
})
