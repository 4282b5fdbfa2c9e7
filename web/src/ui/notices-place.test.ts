// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'
import { floorBelow, keepNoticesOver } from './notices-place'

const floor = () => document.documentElement.style.getPropertyValue('--notices-floor')

describe('the place of notices', () => {
  it.each([
    [844, 844, 0],
    [700.4, 844, 144],
    [900, 844, 0],
  ])('over an edge at %d of %d is %d above the ground', (edge, height, expected) => {
    expect(floorBelow(edge, height)).toBe(expected)
  })

  it('follows the work, and is given back when the room is left', () => {
    let grow: () => void = () => undefined
    vi.stubGlobal(
      'ResizeObserver',
      class {
        constructor(look: () => void) {
          grow = look
        }
        observe() {}
        disconnect() {}
      },
    )
    const work = document.createElement('main')
    let bottom = innerHeight - 97
    work.getBoundingClientRect = () => ({ bottom }) as DOMRect
    const end = keepNoticesOver(work)
    expect(floor()).toBe('97px')
    bottom = innerHeight - 49
    grow()
    expect(floor()).toBe('49px')
    end()
    expect(floor()).toBe('')
    vi.unstubAllGlobals()
  })
})
