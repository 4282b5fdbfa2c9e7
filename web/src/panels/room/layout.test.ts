// @vitest-environment happy-dom
import { signal } from '@preact/signals'
import { beforeEach, describe, expect, it } from 'vitest'
import { Layout, split } from './layout'

const narrow = signal(false)
let layout: Layout

beforeEach(() => {
  narrow.value = false
  layout = new Layout(narrow)
  layout.setOpen(true)
})

describe('the layout', () => {
  it('shows the code and a pane side by side when wide', () => {
    expect([layout.visible.value, layout.codeVisible.value]).toEqual(['output', true])
    layout.toggle('chat')
    expect(layout.visible.value).toBe('chat')
    layout.toggle('chat')
    expect(layout.visible.value).toBeNull()
    layout.show('output')
    expect(layout.visible.value).toBe('output')
  })

  it('shows one thing at a time when narrow, the code first', () => {
    narrow.value = true
    expect([layout.visible.value, layout.codeVisible.value]).toEqual([null, true])
    layout.show('output')
    expect([layout.visible.value, layout.codeVisible.value]).toEqual(['output', false])
    layout.toggle('output')
    expect(layout.codeVisible.value).toBe(true)
  })

  it('remembers the split', () => {
    layout.setShare(48.5)
    expect(new Layout(narrow).share.value).toBe(48.5)
    expect(JSON.parse(localStorage.getItem('fourhands.layout') ?? '')).toMatchObject({ share: 48.5 })
    layout.setShare(split.standard)
  })
})
