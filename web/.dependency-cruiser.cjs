// The layer order of web/src: main -> panels -> editor | run | api -> sync -> protocol; `ui` is a leaf that anyone
// above protocol may use and that uses nobody; a panel never imports a panel.

const layer = (name, from, allowed) => ({
  name,
  comment: `src/${from} may import only ${allowed.join(', ') || 'packages'}.`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: [`^src/${from}/`, ...allowed.map((to) => `^src/${to}/`)] },
})

module.exports = {
  forbidden: [
    layer('protocol-is-the-ground', 'protocol', []),
    layer('ui-is-a-leaf', 'ui', []),
    layer('sync-knows-protocol', 'sync', ['protocol']),
    layer('editor-knows-sync', 'editor', ['sync', 'protocol', 'ui']),
    layer('run-knows-sync', 'run', ['sync', 'protocol', 'ui']),
    layer('api-knows-sync', 'api', ['sync', 'protocol', 'ui']),
    layer('panels-know-the-rest', 'panels', ['editor', 'run', 'api', 'sync', 'protocol', 'ui']),
    {
      name: 'no-panel-imports-a-panel',
      comment: 'What two panels share belongs to ui/ or below; src/panels/registry.ts alone lists them.',
      severity: 'error',
      from: { path: '^src/panels/([^/]+)/' },
      to: { path: '^src/panels/', pathNot: '^src/panels/$1/' },
    },
    {
      name: 'service-worker-stands-alone',
      comment: 'It is built apart from the pages and runs without them.',
      severity: 'error',
      from: { path: '^src/service-worker' },
      to: { path: '^src/' },
    },
    {
      name: 'pages-use-preact-alone',
      comment: 'The heart (protocol, sync, editor, run) works without a UI library.',
      severity: 'error',
      from: { path: '^src/(protocol|sync|editor|run)/' },
      to: { path: ['node_modules/preact/', 'node_modules/@preact/signals/'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^virtual:', '\\?(raw|url|worker|inline)$'] },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '\\.test\\.tsx?$' },
      to: { path: '\\.test\\.tsx?$' },
    },
    {
      name: 'never-the-meta-package',
      comment: 'The npm package `codemirror` is an old CodeMirror 5; import the @codemirror packages.',
      severity: 'error',
      from: {},
      to: { path: '^codemirror$|node_modules/codemirror/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default', 'types'],
    },
  },
}
