// Starts a browser with the checks' page; what every check file here shares.
import { mkdtempSync, rmSync } from 'node:fs'
import { test as nodeTest } from 'node:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { buildSite, startAttacker, startSite } from './site.mjs'

const SWITCHES = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

const LIMIT_MS = 120_000

/** One test, which does not wait for ever. (`--test-timeout` is for a file in one release of Node and for a test in another.) */
export const test = (name, body) => nodeTest(name, { timeout: LIMIT_MS }, body)

/** Builds, serves and opens; `close` undoes all of it. */
export async function openLab(moreSwitches = []) {
  const folder = mkdtempSync(join(tmpdir(), 'fourhands-runner-'))
  await buildSite(folder)
  const attacker = await startAttacker()
  const site = await startSite(folder)
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...SWITCHES, ...moreSwitches] })
  const lab = {
    site,
    attacker,
    folder,
    /** A fresh page in a fresh context, ready to run; `first` runs in each of its frames before anything else. */
    async page(first = () => {}) {
      const context = await browser.newContext()
      context.setDefaultTimeout(60_000)
      await context.addInitScript(first)
      const page = await context.newPage()
      await page.goto(`${site.origin}/`)
      await page.waitForFunction(() => 'lab' in window)
      return page
    },
    async close() {
      await browser.close()
      site.close()
      attacker.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return lab
}

export const run = (page, runtime, text, asked = {}) => page.evaluate(([r, t, a]) => window.lab.run(r, t, a), [runtime, text, asked])
