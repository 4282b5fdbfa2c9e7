import { describe, expect, it } from 'vitest'
import { linkify } from './linkify'

const links = (text: string) => linkify(text).flatMap((part) => (part.href === null ? [] : [part.text]))

describe('links in a text', () => {
  it('are found among words, and the text stays whole', () => {
    const text = 'See https://example.org/a?b=c#d, and http://example.com.'
    expect(links(text)).toEqual(['https://example.org/a?b=c#d', 'http://example.com'])
    expect(
      linkify(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })

  it('leave a bracket that was opened before them', () => {
    expect(links('(https://example.org/x)')).toEqual(['https://example.org/x'])
    expect(links('https://example.org/wiki/Two_(number)')).toEqual(['https://example.org/wiki/Two_(number)'])
  })

  it.each(['javascript:alert(1)', 'data:text/html,hi', 'ftp://example.org', 'example.org', 'https://', 'xhttps://example.org'])(
    'are not seen in %s',
    (text) => {
      expect(links(text)).toEqual([])
    },
  )

  it('stop at markup and quotes', () => {
    expect(links('<a href="https://example.org">x</a>')).toEqual(['https://example.org'])
  })

  it.each(['\u2067', '\u202e', '\u2069'])('stop at a mark that turns what follows (%j)', (mark) => {
    expect(links(`${mark}https://evil.example/${mark}x\u200f/google.com`)).toEqual(['https://evil.example/'])
  })

  it('are none in an empty text', () => {
    expect(linkify('')).toEqual([])
  })
})
