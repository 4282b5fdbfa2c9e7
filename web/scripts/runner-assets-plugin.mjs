// Tells the page's bundle which runner assets exist: `virtual:runner-assets` is the table that build-runner.mjs wrote.
// Without a build (unit tests, the editor) the table is empty; a build for production refuses that.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const NAME = 'virtual:runner-assets'
const table = fileURLToPath(new URL('../node_modules/.cache/fourhands/runner-assets.json', import.meta.url))

export function runnerAssets() {
  let building = false
  return {
    name: 'runner-assets',
    configResolved(config) {
      building = config.command === 'build' && config.mode === 'production'
    },
    resolveId: (source) => (source === NAME ? `\0${NAME}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null
      if (existsSync(table)) return `export default ${readFileSync(table, 'utf8')}`
      if (building) throw new Error('The runner is not built: node scripts/build-runner.mjs FOLDER comes first.')
      return 'export default {}'
    },
  }
}
