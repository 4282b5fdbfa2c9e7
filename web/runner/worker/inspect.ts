// Values as text, the way people know from Node's console. Pure; survives getters that throw and proxies.

const DEPTH = 4
const ITEMS = 100
const LINE = 76

const quote = (text: string): string => (text.includes("'") ? JSON.stringify(text) : `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')}'`)

const key = (name: string | symbol): string => (typeof name === 'symbol' ? `[${String(name)}]` : /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : quote(name))

function wrap(prefix: string, open: string, parts: string[], close: string, indent: string): string {
  const head = prefix === '' ? open : `${prefix} ${open}`
  if (parts.length === 0) return head + close
  const short = parts.join(', ')
  if (indent.length + head.length + short.length <= LINE && !short.includes('\n')) return `${head} ${short} ${close}`
  const inner = `${indent}  `
  return `${head}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`
}

const className = (value: object): string => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return '[Object: null prototype]'
  const name: unknown = (prototype as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' ? name : 'Object'
}

function describeFunction(value: object): string {
  const name = (value as { name?: unknown }).name
  const isClass = /^class\b/.test(Function.prototype.toString.call(value))
  return name ? `[${isClass ? 'class' : 'Function:'} ${String(name)}]` : isClass ? '[class (anonymous)]' : '[Function (anonymous)]'
}

const errorText = (error: Error): string => {
  const stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : `${error.name}: ${error.message}`
  return error.cause === undefined ? stack : `${stack}\n  [cause]: ${inspect(error.cause)}`
}

class Inspector {
  readonly #seen: object[] = []
  readonly #stackOf: (error: Error) => string

  constructor(stackOf: (error: Error) => string) {
    this.#stackOf = stackOf
  }

  value(value: unknown, indent: string): string {
    if (typeof value === 'string') return quote(value)
    if (typeof value === 'bigint') return `${value}n`
    if (Object.is(value, -0)) return '-0'
    if (typeof value === 'symbol') return String(value)
    if (typeof value === 'function' && Object.keys(value).length === 0) return describeFunction(value)
    if (typeof value !== 'object' || value === null) return typeof value === 'function' ? describeFunction(value) : String(value)
    if (this.#seen.includes(value)) return '[Circular]'
    if (value instanceof Error) return this.#stackOf(value)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (value instanceof RegExp) return String(value)
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) return `${className(value)} {}`
    if (this.#seen.length > DEPTH) return Array.isArray(value) ? '[Array]' : `[${className(value)}]`
    this.#seen.push(value)
    try {
      return this.#object(value, indent)
    } finally {
      this.#seen.pop()
    }
  }

  #object(value: object, indent: string): string {
    const inner = `${indent}  `
    const name = className(value)
    if (Array.isArray(value)) return wrap(name === 'Array' ? '' : `${name}(${value.length})`, '[', this.#items(value, value.length, inner), ']', indent)
    if (ArrayBuffer.isView(value) && 'length' in value) {
      return wrap(`${name}(${String(value.length)})`, '[', this.#items(value as unknown as unknown[], Number(value.length), inner), ']', indent)
    }
    if (value instanceof Map) {
      const entries = [...value].slice(0, ITEMS).map(([k, v]) => `${this.value(k, inner)} => ${this.value(v, inner)}`)
      return wrap(`${name}(${value.size})`, '{', this.#more(entries, value.size), '}', indent)
    }
    if (value instanceof Set) {
      const entries = [...value].slice(0, ITEMS).map((item) => this.value(item, inner))
      return wrap(`${name}(${value.size})`, '{', this.#more(entries, value.size), '}', indent)
    }
    return wrap(name === 'Object' ? '' : name, '{', this.#properties(value, inner), '}', indent)
  }

  #items(list: ArrayLike<unknown>, length: number, indent: string): string[] {
    const shown = Math.min(length, ITEMS)
    const parts: string[] = []
    for (let at = 0; at < shown; at++) parts.push(at in list ? this.value(list[at], indent) : '<empty>')
    return this.#more(parts, length)
  }

  #properties(value: object, indent: string): string[] {
    const names = Reflect.ownKeys(value).filter((name) => Object.getOwnPropertyDescriptor(value, name)?.enumerable === true)
    const parts = names.slice(0, ITEMS).map((name) => {
      const property = Object.getOwnPropertyDescriptor(value, name)
      if (property?.get !== undefined) return `${key(name)}: ${property.set === undefined ? '[Getter]' : '[Getter/Setter]'}`
      return `${key(name)}: ${this.value(property?.value, indent)}`
    })
    return this.#more(parts, names.length)
  }

  #more(parts: string[], total: number): string[] {
    return total > parts.length ? [...parts, `... ${total - parts.length} more`] : parts
  }
}

/** `stackOf` writes an error, for a caller that knows which of its frames are the program's. */
export function inspect(value: unknown, stackOf: (error: Error) => string = errorText): string {
  try {
    return new Inspector(stackOf).value(value, '')
  } catch (error) {
    return `[cannot be shown: ${error instanceof Error ? error.message : 'it throws'}]`
  }
}

/** The text of one console call: `%s %d %i %f %j %o %O %c` in a first string, then the rest, parted by spaces. */
export function format(values: unknown[], stackOf?: (error: Error) => string): string {
  const show = (value: unknown): string => (typeof value === 'string' ? value : inspect(value, stackOf))
  const [first, ...rest] = values
  if (typeof first !== 'string' || !first.includes('%')) return values.map(show).join(' ')
  const text = first.replaceAll(/%[sdifjoOc%]/g, (mark) => {
    if (mark === '%%') return '%'
    if (rest.length === 0) return mark
    const value = rest.shift()
    if (mark === '%c') return ''
    if (mark === '%s') return show(value)
    if (mark === '%j') return JSON.stringify(value) ?? 'undefined'
    if (mark === '%o' || mark === '%O') return inspect(value, stackOf)
    const number = mark === '%i' ? Number.parseInt(String(value), 10) : Number(value)
    return typeof value === 'bigint' ? `${value}n` : String(number)
  })
  return [text, ...rest.map(show)].join(' ')
}
