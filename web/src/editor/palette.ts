// The colours of code, light and dark; each is readable (4.5:1) on the page's paper, its active line and its selection,
// as palette.test.ts checks.

export const grounds = {
  light: { paper: '#fbfaf8', activeLine: '#f4f2ee', selection: '#d5e0fa' },
  dark: { paper: '#161514', activeLine: '#1d1c1a', selection: '#2b3a5e' },
}

export interface Shade {
  light: string
  dark: string
}

export const palette = {
  ink: { light: '#1c1b19', dark: '#ece8e1' },
  keyword: { light: '#6f2a99', dark: '#d3abf4' },
  string: { light: '#17602f', dark: '#93d3a0' },
  number: { light: '#843c00', dark: '#f0b67f' },
  comment: { light: '#5b5650', dark: '#b0a89e' },
  called: { light: '#1d4fae', dark: '#9bbcff' },
  type: { light: '#075a63', dark: '#7bd3da' },
  operator: { light: '#4a4741', dark: '#cbc5bc' },
  property: { light: '#5c4410', dark: '#e4c592' },
  special: { light: '#96203f', dark: '#ffabba' },
  invalid: { light: '#a31d16', dark: '#ff9d92' },
} satisfies Record<string, Shade>
