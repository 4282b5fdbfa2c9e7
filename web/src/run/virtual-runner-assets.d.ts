declare module 'virtual:runner-assets' {
  /** Asset name -> its file below the site's root, and its size before compression. */
  const table: Record<string, { file: string; bytes: number }>
  export default table
}
