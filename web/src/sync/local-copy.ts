// A room's text kept in this browser (IndexedDB), with the epoch it belongs to; several tabs may share one copy.
// RoomSync owns one. Nothing here rejects: a browser that keeps nothing (private window, full disk) is logged once,
// `working` turns false, and the room goes on without.
//
//   updates  number -> {copy, epoch, bytes}       Yjs updates, merged now and then
//   copies   copy   -> {epoch, at, rescued}       which epoch the updates belong to; text waiting to be taken
//   marks    [copy, tab] -> number                that tab wrote edits which were not said to be saved
//
// Invariant: updates of two epochs are never handed out together; a mark is removed only if it is as it was seen;
// what is asked for happens in the order asked.
import { signal, type ReadonlySignal } from '@preact/signals-core'
import * as Y from 'yjs'
import { leaveBehind, leftBehind } from './late-edits'

const DATABASE = 'fourhands'
const STORES = ['updates', 'copies', 'marks']
const LOAD_WITHIN_MS = 5_000 // then the server's text is enough; while there is no network nobody else has it
const MERGE_FROM = 200
const FORGET_AFTER_MS = 60 * 24 * 3_600_000

interface UpdateRow {
  copy: string
  epoch: string
  bytes: Uint8Array
}

type Batch = { bytes: Uint8Array; stamp: number | null }[]

interface CopyRow {
  epoch: string
  at: number
  rescued: string | null
}

export interface Kept {
  epoch: string
  updates: Uint8Array[]
  /** Some tab wrote edits that the server never said were saved. */
  unsaved: boolean
  rescued: string | null
}

export class LocalCopy {
  readonly #copy: string
  readonly #tab = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('') // randomUUID needs https
  readonly #working = signal(true)
  #database: IDBDatabase | null = null
  #epoch: string | null = null
  #queue: Promise<void> = Promise.resolve()
  /** Updates that the last piece of work in the queue will write; null: that work is of another kind, or has begun. */
  #batch: Batch | null = null
  #rows = 0
  /** Own edits that the database does not have yet. */
  readonly #unwritten = new Set<Uint8Array>()
  /** How many own edits were handed to `keep`. */
  #stamp = 0
  /** What earlier pages, or other tabs, had marked when this one looked. */
  #marksOfOthers = new Map<string, number>()

  constructor(root: string, roomId: string) {
    this.#copy = `${root}/${roomId}`
    addEventListener('pagehide', this.#leave)
  }

  /** The page goes away, and a write that runs may not end. */
  readonly #leave = (): void => {
    if (this.#epoch !== null) leaveBehind(this.#copy, this.#tab, this.#epoch, this.#unwritten)
  }

  /** Whether the text is kept in this browser. */
  get working(): ReadonlySignal<boolean> {
    return this.#working
  }

  /** What an earlier page kept of this room; null when there is nothing, or when the browser keeps nothing. */
  async load(): Promise<Kept | null> {
    let timer: ReturnType<typeof setTimeout> | undefined
    let limit = (): void => {}
    const late = new Promise<never>((_, reject) => {
      limit = () => (timer ??= setTimeout(() => reject(new Error('The browser did not open its storage in time.')), LOAD_WITHIN_MS))
    })
    if (navigator.onLine) limit()
    else addEventListener('online', limit, { once: true })
    try {
      return await Promise.race([this.#read(), late])
    } catch (error) {
      this.#fail(error)
      return null
    } finally {
      clearTimeout(timer)
      removeEventListener('online', limit)
    }
  }

  /** From now on keep updates of this epoch; what is kept of another is deleted. `rescued` is kept until taken. */
  adopt(epoch: string, rescued: string | null): Promise<void> {
    return this.#enqueue(async (transaction) => {
      const copies = transaction.objectStore('copies')
      const row = await read<CopyRow | undefined>(copies.get(this.#copy))
      if (row && row.epoch !== epoch) await this.#erase(transaction)
      copies.put({ epoch, at: Date.now(), rescued: rescued ?? row?.rescued ?? null } satisfies CopyRow, this.#copy)
      this.#epoch = epoch
    })
  }

  /** Keep an update; `own`: it was made here, and the server has not said that it is saved. */
  keep(bytes: Uint8Array, own: boolean): void {
    if (this.#database === null) return
    if (this.#batch === null) {
      const batch: Batch = []
      const written = this.#enqueue((transaction) => this.#write(transaction, batch))
      void written.then(() => batch.forEach(({ bytes }) => this.#unwritten.delete(bytes)))
      this.#batch = batch
    }
    if (own) this.#unwritten.add(bytes)
    this.#batch.push({ bytes, stamp: own ? ++this.#stamp : null })
  }

  /** All that this page holds now is saved: forget the marks that said otherwise. */
  markSaved(): Promise<void> {
    const marked = [...this.#marksOfOthers, [this.#tab, this.#stamp] as const]
    this.#marksOfOthers.clear()
    return this.#enqueue(async (transaction) => {
      const marks = transaction.objectStore('marks')
      for (const [tab, stamp] of marked) {
        if ((await read<number | undefined>(marks.get([this.#copy, tab]))) === stamp) marks.delete([this.#copy, tab])
      }
    })
  }

  setRescued(rescued: string | null): Promise<void> {
    return this.#enqueue(async (transaction) => {
      const copies = transaction.objectStore('copies')
      const row = await read<CopyRow | undefined>(copies.get(this.#copy))
      if (row) copies.put({ ...row, rescued } satisfies CopyRow, this.#copy)
    })
  }

  /** Delete the updates but stay with the epoch: the document is to be fetched anew. */
  restart(rescued: string | null): Promise<void> {
    return this.#enqueue(async (transaction) => {
      await this.#erase(transaction)
      if (this.#epoch === null) return
      const row: CopyRow = { epoch: this.#epoch, at: Date.now(), rescued }
      transaction.objectStore('copies').put(row, this.#copy)
    })
  }

  /** Delete everything that is kept of this room, and keep no more. */
  forget(): Promise<void> {
    return this.#enqueue(async (transaction) => {
      this.#epoch = null
      leftBehind(this.#copy, '').taken()
      await this.#erase(transaction)
    })
  }

  async close(): Promise<void> {
    removeEventListener('pagehide', this.#leave)
    await this.#queue
    this.#database?.close()
    this.#database = null
  }

  async #read(): Promise<Kept | null> {
    const database = await open()
    database.onversionchange = () => database.close()
    database.onclose = () => this.#fail(new Error('The browser closed its storage.'))
    this.#database = database
    const transaction = database.transaction(STORES, 'readwrite')
    await sweep(transaction, this.#copy)
    const row = await read<CopyRow | undefined>(transaction.objectStore('copies').get(this.#copy))
    if (!row) return null
    this.#epoch = row.epoch
    const late = leftBehind(this.#copy, row.epoch)
    const marks = transaction.objectStore('marks')
    for (const bytes of late.updates) {
      transaction.objectStore('updates').add({ copy: this.#copy, epoch: row.epoch, bytes } satisfies UpdateRow)
      marks.put(0, [this.#copy, this.#tab])
    }
    transaction.addEventListener('complete', late.taken)
    const updates = await this.#mergedUpdates(transaction, row.epoch)
    const range = IDBKeyRange.bound([this.#copy], [this.#copy, []])
    const tabs = (await read(marks.getAllKeys(range))) as [string, string][]
    const stamps = (await read(marks.getAll(range))) as number[]
    this.#marksOfOthers = new Map(tabs.map(([, tab], index) => [tab, stamps[index] ?? 0]))
    return { epoch: row.epoch, updates, unsaved: tabs.length > 0, rescued: row.rescued }
  }

  /** The rows of this epoch; where they are many, they are replaced by one that holds the same. */
  async #mergedUpdates(transaction: IDBTransaction, epoch: string): Promise<Uint8Array[]> {
    const store = transaction.objectStore('updates')
    const rows = (await read(store.index('copy').getAll(this.#copy))) as UpdateRow[]
    const updates = rows.filter((row) => row.epoch === epoch).map((row) => row.bytes)
    if (updates.length < MERGE_FROM) return updates
    const doc = new Y.Doc()
    doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)))
    const merged = Y.encodeStateAsUpdate(doc)
    doc.destroy()
    for (const key of await read(store.index('copy').getAllKeys(this.#copy))) store.delete(key)
    store.add({ copy: this.#copy, epoch, bytes: merged } satisfies UpdateRow)
    return [merged]
  }

  async #write(transaction: IDBTransaction, batch: Batch): Promise<void> {
    if (this.#batch === batch) this.#batch = null
    const epoch = this.#epoch
    const row = await read<CopyRow | undefined>(transaction.objectStore('copies').get(this.#copy))
    if (epoch === null || row?.epoch !== epoch) return // another tab met a newer epoch, or forgot the room
    const updates = transaction.objectStore('updates')
    for (const { bytes } of batch) updates.add({ copy: this.#copy, epoch, bytes } satisfies UpdateRow)
    const stamp = batch.findLast((update) => update.stamp !== null)?.stamp
    if (stamp != null) transaction.objectStore('marks').put(stamp, [this.#copy, this.#tab])
    this.#rows += batch.length
    if (this.#rows < MERGE_FROM) return
    this.#rows = 0
    await this.#mergedUpdates(transaction, epoch)
  }

  async #erase(transaction: IDBTransaction): Promise<void> {
    const updates = transaction.objectStore('updates')
    for (const key of await read(updates.index('copy').getAllKeys(this.#copy))) updates.delete(key)
    transaction.objectStore('marks').delete(IDBKeyRange.bound([this.#copy], [this.#copy, []]))
    transaction.objectStore('copies').delete(this.#copy)
  }

  #enqueue(work: (transaction: IDBTransaction) => Promise<void>): Promise<void> {
    this.#batch = null
    this.#queue = this.#queue.then(async () => {
      if (this.#database === null) return
      try {
        const transaction = this.#database.transaction(STORES, 'readwrite')
        await Promise.all([work(transaction), completion(transaction)])
      } catch (error) {
        this.#fail(error)
      }
    })
    return this.#queue
  }

  #fail(error: unknown): void {
    if (this.#working.value) console.warn('The text is not kept in this browser.', error)
    this.#working.value = false
    this.#database?.close()
    this.#database = null
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => {
    const database = request.result
    database.createObjectStore('updates', { autoIncrement: true }).createIndex('copy', 'copy')
    database.createObjectStore('copies')
    database.createObjectStore('marks')
  }
  return read(request)
}

/** Copies of rooms that nobody looked at for two months are deleted, unless they hold something unsaved. */
async function sweep(transaction: IDBTransaction, except: string): Promise<void> {
  const copies = transaction.objectStore('copies')
  const before = Date.now() - FORGET_AFTER_MS
  for (const copy of (await read(copies.getAllKeys())) as string[]) {
    const row = (await read(copies.get(copy))) as CopyRow
    const range = IDBKeyRange.bound([copy], [copy, []])
    if (copy === except || row.at > before || row.rescued !== null) continue
    if ((await read(transaction.objectStore('marks').count(range))) > 0) continue
    const updates = transaction.objectStore('updates')
    for (const key of await read(updates.index('copy').getAllKeys(copy))) updates.delete(key)
    copies.delete(copy)
  }
}

function read<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('The browser could not read its storage.'))
  })
}

function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('The browser could not store.'))
  })
}
