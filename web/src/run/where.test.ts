import { describe, expect, it } from 'vitest'
import { readsInput } from './reads-input'
import { whereRun } from './where'

const server = { name: 'CPython', version: '3.11.2', libraries: [], compiled: false, repl: true }

describe('a program runs', () => {
  it.each([
    [{ server, runtime: 'python' }, null, 'server'],
    [{ server, runtime: 'python' }, 'browser', 'browser'],
    [{ server, runtime: null }, 'browser', 'server'],
    [{ server: null, runtime: 'python' }, 'server', 'browser'],
    [{ server: null, runtime: null }, 'server', null],
    [null, null, null],
  ] as const)('with %j and the host wanting %j: %j', (language, wanted, where) => {
    expect(whereRun(language, wanted)).toBe(where)
  })
})

describe('a program that reads input', () => {
  it.each([
    ['python', "name = input('who? ')", true],
    ['python', '# input() would ask\nprint(1)', false],
    ['python', 'inputs = [1]', false],
    ['javascript', "import readline from 'node:readline'", true],
    ['typescript', 'process.stdin.on("data", print)', true],
    ['c', 'int main(void) { int n; scanf("%d", &n); }', true],
    ['c', '// scanf("%d", &n)\nint main(void) { return 0; }', false],
    ['cpp', 'std::cin >> n;', true],
    ['bash', 'read -r name', true],
    ['bash', 'echo already', false],
    ['go', 'bufio.NewScanner(os.Stdin)', true],
    ['ruby', 'name = gets.chomp', true],
    ['html', 'input()', false],
  ])('%s: %j: %j', (language, text, reads) => {
    expect(readsInput(language, text)).toBe(reads)
  })
})
