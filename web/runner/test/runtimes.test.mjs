// The five runtimes in a real browser: what they print, how they fail, how they are stopped.
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { openLab, run, test } from './lab.mjs'

let lab
let page
before(async () => {
  lab = await openLab()
  page = await lab.page()
})
after(() => lab.close())

const setLimit = (change) => page.evaluate((more) => (window.lab.limits.value = { ...window.lab.limits.value, ...more }), change)

describe('Python', () => {
  test('boots, asks for input while it runs, and answers', async (t) => {
    const text = "n = input('Name? ')\nprint(f'Hello {n}')\nimport sys\nprint(sys.argv, __name__, file=sys.stderr)"
    const { status, code, out, err, stages, startMs } = await run(page, 'python', text, { answers: ['Ada'] })
    assert.deepEqual([status, code, out, err], ['ok', 0, 'Name? Ada\nHello Ada\n', "['main.py'] __main__\n"])
    assert.ok(stages.some((stage) => /^Loading Python… \d+ %$/.test(stage)), stages.join())
    t.diagnostic(`first start ${startMs} ms`)
  })
  test('waits for input inside sorting, generators, asyncio and deep calls', async () => {
    const text = `import asyncio
print(sorted([1, 2], key=lambda n: input()))
print(list(input() for _ in range(2)))
async def main():
    await asyncio.sleep(0)
    return input()
print(asyncio.run(main()))
def deep(n):
    return input() if n == 0 else deep(n - 1)
print(deep(400))
class Asking:
    def __str__(self):
        return input()
print(Asking())`
    const { out, status } = await run(page, 'python', text, { answers: ['b', 'a', 'c', 'd', 'e', 'f', 'g'] })
    assert.equal(status, 'ok')
    assert.deepEqual(out.split('\n'), ['b', 'a', '[2, 1]', 'c', 'd', "['c', 'd']", 'e', 'e', 'f', 'f', 'g', 'g', ''])
  })
  test('ends input with EOFError', async () => {
    const { status, err } = await run(page, 'python', 'print(open(0).name if False else input())', { answers: [null] })
    assert.equal(status, 'error')
    assert.match(err, /^Traceback[^]*main\.py", line 1[^]*EOFError: EOF when reading a line\n$/)
  })
  test('takes input given beforehand', async () => {
    const { out, err } = await run(page, 'python', 'print(input())\nprint(input())\ninput()', { stdin: 'Ada\nLin\n' })
    assert.equal(out, 'Ada\nLin\n')
    assert.match(err, /EOFError/)
    const all = await run(page, 'python', 'import sys\nprint(sys.stdin.read().split())\nprint([line for line in sys.stdin])', { stdin: '1 2\n3' })
    assert.equal(all.out, "['1', '2', '3']\n[]\n")
  })
  test("shows only the program's own frames", async () => {
    const text = "import json\n\ndef load():\n    try:\n        json.loads('{')\n    except ValueError as error:\n        raise RuntimeError('bad') from error\n\nload()"
    const { err, code } = await run(page, 'python', text)
    assert.equal(code, 1)
    const files = [...err.matchAll(/File "([^"]+)", line (\d+)/g)].map(([, file, line]) => `${file}:${line}`)
    assert.deepEqual(files, ['main.py:5', 'main.py:9', 'main.py:7'])
    assert.match(err, /RuntimeError: bad\n$/)
  })
  test('names the line of a syntax error', async () => {
    assert.match((await run(page, 'python', 'x = 1\nif x\n')).err, /^ {2}File "main\.py", line 2\n {4}if x\n[^]*SyntaxError: expected ':'\n$/)
  })
  for (const [text, code, err] of [
    ['import sys; sys.exit(3)', 3, ''],
    ['exit()', 0, ''],
    ["raise SystemExit('bye')", 1, 'bye\n'],
    ['import os; os._exit(4)', 4, ''],
    ['import os; os.kill(os.getpid(), 9)', 137, ''],
  ]) {
    test(`ends with code ${code}: ${text}`, async () => {
      const outcome = await run(page, 'python', text)
      assert.deepEqual([outcome.code, outcome.err], [code, err])
    })
  }
  test('finds its tests, its classes and its files', async () => {
    const text = `import unittest, pickle, atexit, time
class Point:
    pass
pickle.loads(pickle.dumps(Point()))
open('notes.txt', 'w').write('x')
start = time.time()
time.sleep(0.2)
print(0.2 <= time.time() - start < 1)
atexit.register(print, 'last')
class Sums(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(1 + 1, 2)
unittest.main()`
    const { out, err, code } = await run(page, 'python', text)
    assert.deepEqual([out, code], ['True\nlast\n', 0])
    assert.match(err, /Ran 1 test[^]*OK/)
  })
  test('starts each run afresh', async () => {
    await run(page, 'python', "open('left.txt', 'w').write('x'); import builtins; builtins.left = 1")
    const { out } = await run(page, 'python', "import os, builtins\nprint(os.path.exists('left.txt'), hasattr(builtins, 'left'))")
    assert.equal(out, 'False False\n')
  })
  test('says what it has not', async () => {
    assert.match((await run(page, 'python', 'import numpy')).err, /No module named 'numpy'\nPython in the browser has its standard library/)
  })
  test('has SQLite', async () => {
    assert.equal((await run(page, 'python', "import sqlite3; print(sqlite3.connect(':memory:').execute('select 1+1').fetchone())")).out, '(2,)\n')
  })
  test('survives recursion without end', async () => {
    assert.match((await run(page, 'python', 'def f():\n    f()\nf()')).err, /RecursionError: maximum recursion depth exceeded\n$/)
  })
})

test('A runtime is fetched once, also for later visits', async () => {
  const own = await lab.page()
  const fetched = () => lab.site.requests.filter(({ path }) => path.startsWith('/runner/assets/')).map(({ path }) => path.replace(/^.*\/|-[0-9a-f]+(?=\.)/g, ''))
  lab.site.requests.length = 0
  await run(own, 'sqlite', 'SELECT 1')
  assert.deepEqual(fetched().sort(), ['sqlite.js', 'sqlite3.wasm'])
  await own.reload()
  await own.waitForFunction(() => 'lab' in window)
  lab.site.requests.length = 0
  assert.match((await run(own, 'sqlite', 'SELECT 1')).out, /1 row/)
  assert.deepEqual(fetched(), [])
  await own.context().close()
})

describe('Python in a browser that cannot suspend a program', () => {
  let older
  before(async () => {
    older = await lab.page(() => {
      const without = 'delete WebAssembly.Suspending; delete WebAssembly.promising;'
      delete WebAssembly.Suspending
      delete WebAssembly.promising
      const { Blob } = globalThis
      globalThis.Blob = function (parts, options) {
        return new Blob(options?.type === 'text/javascript' ? [without, ...parts] : parts, options)
      }
    })
  })
  after(() => older.context().close())

  test('asks for the input beforehand', async () => {
    assert.equal(await older.evaluate(() => window.lab.log.inputAhead.value), true)
    const { out, err } = await run(older, 'python', 'print(input() + input())\ninput()', { stdin: 'a\nb' })
    assert.equal(out, 'ab\n')
    assert.match(err, /EOFError: EOF when reading a line/)
    assert.match((await run(older, 'python', 'input()')).err, /EOFError/)
  })
  test('runs what asyncio.run starts', async () => {
    const text = 'import asyncio\nasync def main():\n    await asyncio.sleep(0.01)\n    print(1)\nasyncio.run(main())'
    assert.equal((await run(older, 'python', text)).out, '1\n')
    const failing = await run(older, 'python', 'import asyncio\nasync def main():\n    1 / 0\nasyncio.run(main())')
    assert.deepEqual([failing.code, /main\.py", line 3[^]*ZeroDivisionError/.test(failing.err)], [1, true])
  })
})

describe('JavaScript', () => {
  test('prints, waits at its top level, and finishes its timers', async () => {
    const text = "console.log('a', { b: [1] })\nsetTimeout(() => console.log('late'), 30)\nconsole.log(await Promise.resolve('now'))\nconsole.error('red')\nlet n = 0\nconst id = setInterval(() => { console.log(++n); if (n === 2) clearInterval(id) }, 5)"
    const { out, err, status } = await run(page, 'javascript', text)
    assert.deepEqual([out, err, status], ['a { b: [ 1 ] }\nnow\n1\n2\nlate\n', 'red\n', 'ok'])
  })
  test('is a script, not a strict module', async () => {
    assert.equal((await run(page, 'javascript', 'x = 010; console.log(x, typeof require, this === module.exports)')).out, '8 function true\n')
  })
  for (const [name, text, shown] of [
    ['an uncaught error', "function f() {\n  throw new TypeError('bad')\n}\nf()", 'Uncaught TypeError: bad\n    at f (main.js:2:9)\n    at main.js:4:1\n'],
    ['one on the first line', "throw new Error('x')", 'Uncaught Error: x\n    at main.js:1:7\n'],
    ['one in a timer', "setTimeout(() => {\n  throw new Error('late')\n}, 5)\nsetTimeout(() => console.log('never'), 200)", 'Uncaught Error: late\n    at main.js:2:9\n'],
    ['an unhandled rejection', "Promise.reject(new Error('no'))\nawait new Promise(() => {})", 'Uncaught Error: no\n    at main.js:1:16\n'],
    ['one without an Error', "throw 'text'", "Uncaught 'text'\n"],
    ['a syntax error', 'let a = 1\nlet a = 2', "Uncaught SyntaxError: Identifier 'a' has already been declared\n    at main.js:2:5\n"],
    ['a syntax error in a module', 'export const a = 1\nconst = 2', 'Uncaught SyntaxError: Unexpected token\n    at main.js:2:7\n'],
  ]) {
    test(`shows ${name} where it is`, async () => {
      const { err, code } = await run(page, 'javascript', text)
      assert.deepEqual([err, code], [shown, 1])
    })
  }
  test('asks for input', async () => {
    const { out } = await run(page, 'javascript', "const [a, b] = [await input('a? '), await input()]\nconsole.log(a + b)", { answers: ['1', '2'] })
    assert.equal(out, 'a? 1\n2\n12\n')
  })
  test('has a small process', async () => {
    const { out, code } = await run(page, 'javascript', "process.stdout.write('x')\nprocess.exit(5)\nconsole.log('never')")
    assert.deepEqual([out, code], ['x', 5])
  })
  test('may close itself', async () => {
    assert.equal((await run(page, 'javascript', "console.log(1)\nsetInterval(() => {}, 10)\nclose()")).status, 'ok')
  })
  test('has no packages', async () => {
    assert.match((await run(page, 'javascript', "import fs from 'fs'\nfs.readFileSync('x')")).err, /Cannot find module 'fs': a program in the browser/)
  })
})

describe('TypeScript', () => {
  test('runs without its types, line for line', async () => {
    const text = "interface Point { x: number }\nenum Kind { A = 'a' }\n\nconst p: Point = { x: 1 }\nconsole.log(p, Kind.A, p as unknown)\nthrow new Error(`at six`)"
    const { out, err } = await run(page, 'typescript', text)
    assert.equal(out, "{ x: 1 } a { x: 1 }\n")
    assert.equal(err, 'Uncaught Error: at six\n    at main.ts:6:7\n')
  })
  test('names the place of a syntax error', async () => {
    assert.match((await run(page, 'typescript', 'const a: number = 1\nconst b: = 2')).err, /^Uncaught SyntaxError: .*\n {4}at main\.ts:2:10\n$/)
  })
})

describe('SQL', () => {
  test('shows the rows of each statement and what was changed', async () => {
    const text = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO people (name) VALUES ('Ada'), ('Lin');\n/* both */ SELECT * FROM people;\nUPDATE people SET name = 'x' WHERE id = 9;\nSELECT name, NULL AS none FROM people WHERE id = 1; -- end"
    const { out, status } = await run(page, 'sqlite', text)
    assert.equal(out, '2 rows changed\n\nid  name\n────────\n 1  Ada\n 2  Lin\n(2 rows)\n0 rows changed\n\nname  none\n──────────\nAda   NULL\n(1 row)\n')
    assert.equal(status, 'ok')
  })
  for (const [name, text, err] of [
    ['while preparing', 'SELECT 1;\n\nSELECT *\nFROM nowhere;', 'main.sql, line 3: no such table: nowhere\n    SELECT *\n'],
    ['of syntax', 'SELECT 1;\nSELEC 2;', 'main.sql, line 2: near "SELEC": syntax error\n    SELEC 2;\n'],
    ['while running', 'CREATE TABLE t (a UNIQUE);\nINSERT INTO t VALUES (1);\n-- again\nINSERT INTO t VALUES (1);', 'main.sql, line 4: UNIQUE constraint failed: t.a\n    INSERT INTO t VALUES (1);\n'],
    ['of the shell', '.tables', 'main.sql, line 1: near ".": syntax error\n    .tables\nCommands of the sqlite3 shell such as .tables do not exist here. Try: SELECT name FROM sqlite_schema;\n'],
  ]) {
    test(`names the line of an error ${name}`, async () => {
      const outcome = await run(page, 'sqlite', text)
      assert.deepEqual([outcome.err, outcome.code], [err, 1])
    })
  }
  test('takes a long script', async (t) => {
    const text = `CREATE TABLE t (a, b);\n${'INSERT INTO t VALUES (1, 2);\n'.repeat(5000)}SELECT count(*) FROM t;`
    const { out, ms } = await run(page, 'sqlite', text)
    assert.match(out, /5000\n\(1 row\)\n$/)
    t.diagnostic(`${ms} ms`)
  })
})

describe('HTML', () => {
  test('shows the page, and what it writes to its console', async () => {
    const text = "<h1>Hello</h1>\n<script>console.log('one', { a: 1 }); console.error('two')\nnope()</script>"
    const id = await page.evaluate((source) => window.lab.start('html', source), text)
    await page.evaluate((one) => window.lab.until(one, 'nope is not defined (line 3)'), id)
    const frame = page.frames().find((one) => one.parentFrame()?.url().includes('preview.html'))
    assert.equal(await frame.locator('h1').innerText(), 'Hello')
    assert.equal(await frame.evaluate(() => document.compatMode), 'CSS1Compat')
    assert.equal(await page.evaluate(() => window.lab.log.active.value.run.status), 'running')
    await page.evaluate((one) => window.lab.log.stop(one), id)
    await page.waitForFunction(() => window.lab.log.active.value === null)
    assert.equal(await page.locator('#panel iframe').count(), 0)
    const sent = await page.evaluate(() => window.lab.sent.filter(({ type }) => type === 'run.start').at(-1))
    assert.equal(sent.page, text)
  })
  test('shows an ended page and those of others again, silently', async () => {
    const id = await page.evaluate(() => window.lab.log.runs.value.at(-1).run.id)
    await page.evaluate((one) => {
      window.remove = window.lab.log.preview(one, window.lab.panel)
    }, id)
    const frame = page.frameLocator('#panel iframe').frameLocator('iframe')
    assert.equal(await frame.locator('h1').innerText(), 'Hello')
    await page.evaluate(() => window.remove())
    assert.equal(await page.locator('#panel iframe').count(), 0)
  })
})

describe('A program that does not end', () => {
  const forever = {
    python: 'while True:\n    pass',
    javascript: 'while (true);',
    typescript: 'for (;;) {}',
    sqlite: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;',
    html: '<script>setTimeout(() => { for (;;); }, 20)</script>',
  }
  for (const [runtime, text] of Object.entries(forever)) {
    test(`is stopped: ${runtime}`, async (t) => {
      const { status, stopMs, code } = await run(page, runtime, text, { stopAfter: 200 })
      assert.deepEqual([status, code], ['stopped', null])
      t.diagnostic(`stopped in ${stopMs} ms`)
    })
  }
  const stubborn = {
    'a loop of promises': ['javascript', 'const f = () => Promise.resolve().then(f)\nf()'],
    'a regular expression': ['javascript', "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
    'a flood of messages': ['javascript', "for (;;) postMessage({ t: 'output', stream: 'stdout', text: '' })"],
    'a flood of short lines': ['javascript', "for (;;) console.log('')"],
    'one that catches all': ['python', 'while True:\n    try:\n        while True: pass\n    except BaseException: pass'],
    'a loop in SQL with rows': ['sqlite', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;'],
  }
  for (const [name, [runtime, text]] of Object.entries(stubborn)) {
    test(`is stopped: ${name}`, async (t) => {
      const { stopMs, status } = await run(page, runtime, text, { stopAfter: 150 })
      assert.ok(status === 'output_limit' || status === 'stopped', status)
      t.diagnostic(`${status} in ${stopMs} ms`)
    })
  }
  test('leaves the next one ready', async (t) => {
    let { startMs, stages } = await run(page, 'python', 'print(1)')
    for (let seconds = 1; stages.length > 0 && seconds <= 32; seconds *= 2) { // the spare worker boots meanwhile
      await page.waitForTimeout(seconds * 1000)
      ;({ startMs, stages } = await run(page, 'python', 'print(1)'))
    }
    assert.deepEqual(stages, []) // one that has to be started says so
    t.diagnostic(`started in ${startMs} ms`)
  })
  test('in a page holds up no other', async (t) => {
    await run(page, 'javascript', '1')
    await run(page, 'html', '<script>setTimeout(() => { for (;;); }, 20)</script>', { stopAfter: 200 })
    const { out, startMs } = await run(page, 'javascript', 'console.log(1)')
    assert.equal(out, '1\n')
    t.diagnostic(`started in ${startMs} ms`)
  })
  test('is asked about, and ended at the limit', async () => {
    await setLimit({ run_seconds: 1 })
    const { status, ms, note } = await run(page, 'python', 'print(1)\nwhile True:\n    pass')
    assert.deepEqual([status, note], ['timeout', 'Ended at the time limit of 1 s.'])
    assert.ok(ms >= 1000, `${ms} ms`)
    await setLimit({ run_seconds: 30 })
  })
  test('in a page that never answers is ended too', async (t) => {
    await setLimit({ run_seconds: 2 })
    const { status, ms } = await run(page, 'html', '<script>setTimeout(() => { for (;;); }, 20)</script>')
    assert.equal(status, 'timeout')
    t.diagnostic(`ended after ${ms} ms`)
    await setLimit({ run_seconds: 30 })
  })
})

describe('Output', () => {
  for (const [runtime, text] of [
    ['python', "while True:\n    print('äöü' * 20)"],
    ['javascript', "for (;;) console.log('x'.repeat(99))"],
    ['javascript', "console.log('😀'.repeat(1e6))"],
    ['html', "<script>setInterval(() => { for (let n = 0; n < 100; n++) console.log('x'.repeat(1000)) })</script>"],
  ]) {
    test(`is cut at 1 MiB: ${runtime}`, async () => {
      const { status, all, note, err } = await run(page, runtime, text)
      assert.equal(status, 'output_limit', err)
      const bytes = Buffer.byteLength(all)
      assert.ok(bytes > 1_048_576 - 4 && bytes <= 1_048_576, String(bytes))
      assert.match(note, /more than 1 MiB/)
    })
  }
  test('keeps the order of both streams', async () => {
    const text = "import sys\nfor n in range(50):\n    print(n)\n    print(n, file=sys.stderr)"
    const { all } = await run(page, 'python', text)
    assert.equal(all, Array.from({ length: 50 }, (_, n) => `${n}\n${n}\n`).join(''))
  })
  test('written before an endless loop is seen', async () => {
    const id = await page.evaluate((text) => window.lab.start('javascript', text), 'for (let n = 0; n < 500; n++) console.log(n)\nfor (;;);')
    await page.evaluate((one) => window.lab.until(one, '\n499\n'), id)
    await page.evaluate((one) => window.lab.log.stop(one), id)
    await page.waitForFunction(() => window.lab.log.active.value === null)
  })
})

describe('A program that takes all memory', () => {
  for (const [runtime, bomb, after] of [
    ['javascript', 'const all = []\nfor (;;) all.push(new Array(1e6).fill(Math.random()))', 'console.log(1)'],
    ['python', "all = []\nwhile True:\n    all.append('x' * 10**8 + str(len(all)))", 'print(1)'],
  ]) {
    test(`is ended, and the next one runs: ${runtime}`, async (t) => {
      // The frame's process may end with it, and then the driver takes the page for dead: so the page tells the site.
      const own = await lab.page()
      const told = new Promise((resolve) => {
        lab.site.heard = (path) => path.startsWith('/api/told/') && resolve(decodeURIComponent(path.slice('/api/told/'.length)))
      })
      await own.evaluate(async ([kind, first, second]) => {
        window.lab.limits.value = { ...window.lab.limits.value, run_seconds: 8 }
        const tell = async () => {
          const one = await window.lab.run(kind, first)
          const two = await window.lab.run(kind, second)
          await fetch(`/api/told/${encodeURIComponent(JSON.stringify([one.status, one.ms, one.err.slice(-120), two.out]))}`)
        }
        void tell()
      }, [runtime, bomb, after])
      const [status, ms, err, out] = JSON.parse(await told)
      assert.ok(['timeout', 'error'].includes(status), status)
      assert.equal(out, '1\n')
      t.diagnostic(`${status} after ${ms} ms ${err.trim()}`)
      await own.context().close()
    })
  }
})
