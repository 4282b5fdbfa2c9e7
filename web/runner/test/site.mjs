// What the runner's checks run against: a site with the server's own headers, and an attacker's servers that count whatever
// reaches them. All on free ports.
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { buildRunner } from '../../scripts/build-runner.mjs'
import { runnerAssets } from '../../scripts/runner-assets-plugin.mjs'

const web = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.wasm': 'application/wasm', '.zip': 'application/zip' }

/** The headers as the server sends them, asked of its own code. */
function serverHeaders(frameHtml, origin) {
  const program = `
import json, sys
from fourhands.edge.http import headers
frame, origin = json.load(sys.stdin)
print(json.dumps({"page": headers.page_headers([origin]), "frame": headers.frame_headers(frame), "preview": headers.preview_headers(),
                  "asset": headers.ASSET_HEADERS, "api": headers.API_HEADERS}))`
  const python = process.env.PYTHON ?? join(web, '../.venv/bin/python')
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], { input: JSON.stringify([frameHtml, origin]), encoding: 'utf8', cwd: join(web, '..') })
  if (status !== 0) throw new Error(`The server's headers cannot be read: ${stderr}`)
  return JSON.parse(stdout)
}

/** Builds runner and test page into `folder`. */
export async function buildSite(folder) {
  await buildRunner(folder)
  await build({
    configFile: false,
    root: web,
    logLevel: 'error',
    publicDir: false,
    plugins: [runnerAssets()],
    build: {
      outDir: folder,
      emptyOutDir: false,
      modulePreload: false,
      minify: false,
      target: 'es2022',
      lib: { entry: join(web, 'runner/test/page.ts'), formats: ['iife'], name: 'lab', fileName: () => 'page.js' },
    },
  })
}

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)))

/** Counts requests, connections and datagrams that nobody should have sent. */
export async function startAttacker() {
  const seen = { requests: [], connections: 0, datagrams: 0 }
  const http = createServer((request, response) => {
    seen.requests.push(`${request.method} ${request.url}`)
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/javascript', 'Cross-Origin-Resource-Policy': 'cross-origin' })
    response.end('self.evil = 1')
  })
  http.on('connection', () => seen.connections++)
  http.on('upgrade', (request, socket) => {
    seen.requests.push(`UPGRADE ${request.url}`)
    socket.destroy()
  })
  const port = await listen(http)
  const udp = dgram.createSocket('udp4')
  udp.on('message', () => seen.datagrams++)
  await new Promise((done) => udp.bind(0, '127.0.0.1', done))
  return {
    seen,
    port,
    udpPort: udp.address().port,
    forget: () => Object.assign(seen, { requests: [], connections: 0, datagrams: 0 }),
    close: () => {
      http.closeAllConnections()
      http.close()
      udp.close()
    },
  }
}

/**
 * `loosen(kind, headers)` may change headers of the kinds page, frame, preview, asset, api, and `tamper(text)` the frames
 * and the page's script: to see a check fail. `heard(path)` is called with each request's.
 */
export async function startSite(folder) {
  const site = { requests: [], loosen: (kind, headers) => headers, tamper: (text) => text, heard: () => {} }
  let headers
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://site').pathname
    site.requests.push({ method: request.method, path, cookie: request.headers.cookie ?? '', origin: request.headers.origin ?? '' })
    site.heard(path)
    const send = (status, kind, type, body, more = {}) => {
      response.writeHead(status, { ...site.loosen(kind, { ...headers[kind] }), 'Content-Type': type, ...more })
      response.end(body)
    }
    if (path === '/') {
      const page = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Runner checks</title><body><div id="frames"></div><div id="panel"></div><script src="/page.js"></script></body></html>'
      send(200, 'page', TYPES['.html'], page, { 'Set-Cookie': ['login=secret; HttpOnly; SameSite=Lax; Path=/', 'seen=plain; SameSite=Lax; Path=/'] })
    } else if (path.startsWith('/api/')) {
      send(200, 'api', 'application/json', '{"secret":"room"}')
    } else if (path === '/runner/frame.html' || path === '/runner/preview.html') {
      const html = site.tamper(readFileSync(join(folder, path), 'utf8'))
      send(200, path.includes('frame') ? 'frame' : 'preview', TYPES['.html'], html, { 'Cache-Control': 'no-cache' })
    } else if (path === '/page.js') {
      send(200, 'asset', TYPES['.js'], site.tamper(readFileSync(join(folder, path), 'utf8')), { 'Cache-Control': 'no-cache' })
    } else if ( /^\/runner\/assets\/[\w.-]+$/.test(path)) {
      send(200, 'asset', TYPES[extname(path)], readFileSync(join(folder, path)), { 'Cache-Control': 'public, max-age=31536000, immutable' })
    } else send(404, 'api', 'text/plain', 'There is nothing here.')
  })
  server.on('upgrade', (request, socket) => {
    site.requests.push({ method: 'UPGRADE', path: request.url, cookie: request.headers.cookie ?? '', origin: request.headers.origin ?? '' })
    socket.destroy()
  })
  site.origin = `http://127.0.0.1:${await listen(server)}`
  headers = serverHeaders(readFileSync(join(folder, 'runner/frame.html'), 'utf8'), site.origin)
  site.close = () => {
    server.closeAllConnections()
    server.close()
  }
  return site
}
