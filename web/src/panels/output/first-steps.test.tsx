// @vitest-environment happy-dom
import type { Signal } from '@preact/signals'
import { render } from 'preact'
import { expect, it } from 'vitest'
import { coarsePointer } from '../../ui/media'
import { FirstSteps } from './first-steps'

function said(): string {
  const parent = document.createElement('div')
  const none = () => undefined
  const acts = { run: none, share: none, nameSelf: none }
  render(<FirstSteps mayEdit runnable whyNot="" languageName="Python" example={null} calledNow={null} {...acts} />, parent)
  return parent.textContent ?? ''
}

it.each([
  [false, 'RunCtrl+EnterShare'],
  [true, 'RunShare'],
])('fingers alone %j: says %s', (fingers, words) => {
  const pointer = coarsePointer as Signal<boolean>
  pointer.value = fingers
  expect(said()).toContain(words)
})
