// How the pages are built and tested. `scripts/build.mjs` calls it with the folder to build into; `npm run dev`
// serves the pages from source and asks a running server (FOURHANDS_SERVER) for everything else.
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { runnerAssets } from './scripts/runner-assets-plugin.mjs'
import { themeBoot } from './scripts/theme-boot.mjs'

const server = process.env['FOURHANDS_SERVER'] ?? 'http://127.0.0.1:8000'

/** The package marks its binding calls as free of side effects, so bundlers drop them and no Emacs key works. */
const keepEmacsBindings: Plugin = {
  name: 'keep-emacs-bindings',
  transform(code, id) {
    if (!id.includes('codemirror-emacs')) return null
    return { code: code.replaceAll(/\/\*\s*@__PURE__\s*\*\/\s*(?=EmacsHandler\.)/g, ''), map: null }
  },
}

/**
 * The terminal writes style elements and style attributes, which the pages' policy blocks. Here its elements become those
 * of src/run/terminal-style.ts, and its attributes go through CSSOM. Fails when a release of xterm is written differently.
 */
const styleTerminalsByScript: Plugin = {
  name: 'style-terminals-by-script',
  transform(code, id) {
    if (!/@xterm\/xterm\/lib\/xterm\.mjs/.test(id)) return null
    const swaps: [RegExp, string, number][] = [
      [/\.createElement\("style"\)/g, '.createElement("terminal-style")', 3],
      [/(\w)\.setAttribute\("style",`([^`]*)`\)/g, '$1.style.cssText=`$2`', 1],
    ]
    for (const [found, put, times] of swaps) {
      const count = [...code.matchAll(found)].length
      if (count !== times) this.error(`xterm: ${found} was found ${count} times, not ${times}: look how it styles itself now`)
      code = code.replace(found, put)
    }
    return { code, map: null }
  },
}

/** A room's page lies one folder deeper than the sources that index.html names beside itself. */
const roomsWhileDeveloping: Plugin = {
  name: 'rooms-while-developing',
  apply: 'serve',
  transformIndexHtml: (html) => html.replaceAll('"./src/', '"/src/'),
}

/** Packages that every room page needs: one chunk each, so that a new release of ours leaves them in the cache. */
const chunks = [
  { name: 'codemirror', test: /node_modules\/(@codemirror\/(state|view|language|commands)|@lezer\/(common|highlight)|style-mod|w3c-keyname|crelt|@marijn)\// },
  { name: 'yjs', test: /node_modules\/(yjs|lib0|y-protocols)\// },
  { name: 'preact', test: /node_modules\/(preact|@preact)\// },
  { name: 'ui', test: /\/src\/(ui|api)\/(?!copy|dialog|download|linkify|renew|accounts|teams|admin|erasures|own-data|room-ends)/ }, // small parts that pages share: apart, each would cost a request
]

export default defineConfig({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [themeBoot(), runnerAssets(), keepEmacsBindings, styleTerminalsByScript, roomsWhileDeveloping],
  build: {
    outDir: process.env['FOURHANDS_STATIC'] ?? '../src/fourhands/static',
    emptyOutDir: false,
    assetsDir: 'assets',
    assetsInlineLimit: 0, // the pages' policy allows no data: address for styles or fonts
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
  },
  optimizeDeps: { entries: ['index.html'] },
  server: {
    proxy: {
      '/api': server,
      '/healthz': server,
      '/runner': server,
      '/sync': { target: server, ws: true },
    },
  },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'runner/**/*.test.ts'],
    testTimeout: 60_000, // a machine that is busy with other things may be slow
    hookTimeout: 60_000,
    environment: 'node', // a file that needs a document says `// @vitest-environment happy-dom`
  },
})
