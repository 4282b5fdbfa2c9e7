// A Vite plugin: src/ui/theme-boot.js as a small classic script of its own in <head>, hashed like every asset, so that
// the theme stands before the first paint. A module would come after it, and the policy allows no script in the HTML.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/ui/theme-boot.js', import.meta.url))

export function themeBoot() {
  let building = false
  const text = () => readFileSync(source, 'utf8').replace(/^\s*\/\/.*\n/gm, '')
  const fileName = () => `assets/theme-boot-${createHash('sha256').update(text()).digest('base64url').slice(0, 8)}.js`
  return {
    name: 'theme-boot',
    configResolved(config) {
      building = config.command === 'build'
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: fileName(), source: text() })
    },
    transformIndexHtml() {
      const src = building ? `./${fileName()}` : '/src/ui/theme-boot.js'
      return [{ tag: 'script', attrs: { src }, injectTo: 'head' }]
    },
  }
}
