// Where the product lives: the path below which every address of ours lies. The server writes it on <html>.

export function root(): string {
  return (document.documentElement.dataset['root'] ?? '').replace(/\/$/, '')
}

export function roomPath(id: string, key: string | null = null): string {
  return `${root()}/r/${id}${key === null ? '' : `#${key}`}`
}
