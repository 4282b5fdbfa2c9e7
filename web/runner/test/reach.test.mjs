// What a program or a previewed page can reach: nothing. Each attack is also made with the walls taken down, where it must
// arrive: an attack that cannot succeed proves nothing.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, describe } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { leaving } from './attacks/leaving.mjs'
import { openLab, run, test } from './lab.mjs'

const QUIET_MS = 700 // what has not arrived by then did not leave
const ARRIVAL_MS = 30_000
const attack = (name) => readFileSync(new URL(`attacks/${name}`, import.meta.url), 'utf8')

let lab
let addresses
before(async () => {
  lab = await openLab()
  addresses = { ATTACKER: `http://127.0.0.1:${lab.attacker.port}`, SITE: lab.site.origin, STUN: `stun:127.0.0.1:${lab.attacker.udpPort}` }
})
after(() => lab.close())
beforeEach(() => {
  lab.attacker.forget()
  lab.site.requests.length = 0
  lab.site.loosen = (kind, headers) => headers
  lab.site.tamper = (text) => text
})

/** Everything that keeps the frames in, gone: their policies, the page's, and the sandboxes. */
function takeDownTheWalls() {
  lab.site.loosen = (kind, headers) => {
    delete headers['Content-Security-Policy']
    delete headers['Connection-Allowlist']
    delete headers['Cross-Origin-Opener-Policy']
    return headers
  }
  const sandbox = 'allow-scripts allow-forms allow-popups allow-top-navigation allow-downloads allow-same-origin allow-modals'
  lab.site.tamper = (text) => text.replaceAll('allow-scripts', sandbox).replace('event.origin !== "null"', 'false')
}

/** Settles when `test` is true, and at the latest after ARRIVAL_MS: what is to arrive may take its time. */
async function arrival(test) {
  for (let waited = 0; !test() && waited < ARRIVAL_MS; waited += 50) await wait(50)
}

async function openPage() {
  const page = await lab.page()
  lab.attacker.forget()
  lab.site.requests.length = 0
  return page
}

const constants = () => `const ATTACKER = '${addresses.ATTACKER}', SITE = '${addresses.SITE}', STUN = '${addresses.STUN}'; `
const named = (text) => text.replaceAll(/ATTACKER(?='|"|\/|>)/g, addresses.ATTACKER).replaceAll(/'SITE'/g, `'${addresses.SITE}'`)
const reached = (out) => out.split('\n').filter((line) => line.includes('REACHED'))
const allowed = /^\/(?:runner\/(?:frame|preview)\.html|runner\/assets\/.*|page\.js|favicon\.ico)?$/
const strayRequests = () => lab.site.requests.filter(({ path }) => !allowed.test(path)).map(({ path }) => path)

function assertNothingArrived() {
  assert.deepEqual({ ...lab.attacker.seen, site: strayRequests() }, { requests: [], connections: 0, datagrams: 0, site: [] })
}

async function attackBy(page, runtime) {
  if (runtime === 'javascript') return run(page, 'javascript', constants() + attack('javascript.js'))
  if (runtime === 'python') return run(page, 'python', `ATTACKER = '${addresses.ATTACKER}'\nSITE = '${addresses.SITE}'\n${attack('python.py')}`)
  const id = await page.evaluate((text) => window.lab.start('html', text), named(attack('page.html')))
  await page.evaluate((one) => window.lab.until(one, 'done'), id)
  await wait(QUIET_MS) // it tries to leave only now
  return page.evaluate(() => ({ out: window.lab.log.runs.value.at(-1).run.output.map(([, text]) => text).join('') }))
}

describe('nothing is reached', () => {
  for (const runtime of ['javascript', 'python', 'html']) {
    test(`by ${runtime}`, async () => {
      const page = await openPage()
      const { out } = await attackBy(page, runtime)
      await wait(QUIET_MS)
      assert.match(out, /^done$/m)
      assert.deepEqual(reached(out), [])
      assertNothingArrived()
      assert.equal(page.url(), `${lab.site.origin}/`)
      await page.context().close()
    })
  }
  test('by a page that leaves', async (t) => {
    for (const [name, text] of Object.entries(leaving(addresses.ATTACKER, addresses.STUN))) {
      await t.test(name, async () => {
        const page = await openPage()
        const shown = new Promise((resolve) => (lab.site.heard = (path) => path === '/runner/preview.html' && resolve()))
        await page.evaluate((source) => { window.lab.start('html', source) }, text)
        await shown
        await wait(QUIET_MS)
        assertNothingArrived()
        assert.equal(page.url(), `${lab.site.origin}/`)
        await page.context().close()
      })
    }
  })
  test('by a page that left, and the next one shows as ever', async () => {
    const page = await openPage()
    await page.evaluate((source) => { window.lab.start('html', source) }, leaving(addresses.ATTACKER, '')['self-navigation'])
    await wait(QUIET_MS)
    await page.evaluate(() => window.lab.log.stop(window.lab.log.active.value.run.id))
    await page.waitForFunction(() => window.lab.log.active.value === null)
    await page.evaluate(() => { window.lab.start('html', "<script>console.log('here')</script>") })
    await page.waitForFunction(() => window.lab.log.runs.value.at(-1).run.output.some(([, text]) => text.includes('here')))
    assertNothingArrived()
    await page.context().close()
  })
  test('by a page that makes a connection, which ends its frame and not the page around it', async () => {
    const page = await openPage()
    const text = leaving(addresses.ATTACKER, addresses.STUN)['rtc-in-frame']
    const crashed = page.waitForEvent('crash') // the driver says so of a page when any of its frames has crashed
    await page.evaluate((source) => {
      window.lab.start('html', source)
      setInterval(() => fetch('/api/alive'), 50)
    }, text)
    await crashed
    lab.site.requests.length = 0
    await new Promise((resolve) => (lab.site.heard = (path) => path === '/api/alive' && resolve()))
    assert.deepEqual(lab.attacker.seen, { requests: [], connections: 0, datagrams: 0 })
    await page.context().close()
  })
  test('by the frame itself, were it hostile', async () => {
    const page = await openPage()
    await run(page, 'javascript', '1')
    const frame = page.frames().find((one) => one.url().endsWith('/runner/frame.html'))
    for (const path of ['/api/rooms', '/', '/runner/assets/x']) {
      await frame.evaluate((url) => { location.href = url }, lab.site.origin + path).catch(() => {})
    }
    await wait(QUIET_MS)
    assert.deepEqual(strayRequests(), [])
  })
})

/** The runner frame's policy with the attacker's address let in; its sandbox and its one script stay as they are. */
function loosenTheRunner() {
  lab.site.loosen = (kind, headers) => {
    const policy = headers['Content-Security-Policy']
    headers['Content-Security-Policy'] = policy.replace("connect-src 'none'", 'connect-src *').replace('blob:;', `blob: 'unsafe-eval' ${addresses.ATTACKER};`)
    return headers
  }
}

describe('with the walls taken down the same attacks arrive', () => {
  const arrived = () => new Set(lab.attacker.seen.requests.map((line) => line.split('/').pop()))
  const expected = {
    javascript: ['fetch', 'fetch-keepalive', 'xhr', 'xhr-sync', 'websocket', 'eventsource', 'importscripts', 'import', 'worker-that-fetches'],
    python: ['pyfetch', 'open_url', 'js.fetch', 'js.importScripts', 'js.WebSocket'],
    html: ['link-stylesheet', 'link-preload', 'link-modulepreload', 'link-prefetch', 'css-import', 'css-font', 'css-background', 'css-cursor', 'css-content', 'css-border',
      'img', 'img-srcset', 'video', 'video-poster', 'audio', 'object', 'embed', 'iframe', 'srcdoc-img', 'srcdoc-fetch', 'svg-image', 'script', 'module',
      'fetch', 'fetch-keepalive', 'xhr', 'beacon', 'websocket', 'eventsource', 'import', 'worker-that-fetches', 'image', 'popup', 'form-in-popup', 'blank-frame'],
  }
  for (const [runtime, open] of [['javascript', loosenTheRunner], ['python', loosenTheRunner], ['html', takeDownTheWalls]]) {
    test(`by ${runtime}`, async (t) => {
      open()
      const page = await openPage()
      const outcome = attackBy(page, runtime).catch((error) => ({ out: String(error) })) // a page may take its whole window along
      const { out } = await Promise.race([outcome, wait(20_000, { out: '' })])
      const missing = () => expected[runtime].filter((name) => !arrived().has(name))
      await arrival(() => missing().length === 0 && strayRequests().includes('/api/rooms'))
      t.diagnostic(`${[...arrived()].join(' ')} | ${reached(out).join(' | ')} | ${strayRequests()}`)
      assert.deepEqual(missing(), [])
      assert.ok(strayRequests().includes('/api/rooms'))
      await page.context().close()
    })
  }
  for (const name of Object.keys(leaving('', ''))) {
    // The preview's first script takes the constructor away (rtc-in-frame shows what the policy does), and a sandbox of any kind
    // keeps its frame from navigating one around it that is not the top.
    if (name === 'rtc' || name === 'link-parent') continue
    test(`by a page that leaves: ${name}`, async () => {
      takeDownTheWalls()
      const page = await openPage()
      const text = leaving(addresses.ATTACKER, addresses.STUN)[name]
      await page.evaluate((source) => { window.lab.start('html', source) }, text).catch(() => {})
      const { seen } = lab.attacker
      const reachedIt = () => seen.requests.some((line) => line.includes(name)) || (name.startsWith('rtc') && seen.datagrams > 0)
      await arrival(reachedIt)
      assert.ok(reachedIt())
      await page.context().close()
    })
  }
})
