import { hash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  type Sha256,
  createTree,
  inclusionProof,
  leafHash,
  readEntryBundle,
  toBase64,
  toBase64url,
  toHex,
  utf8,
  verifyInclusion,
} from '@chancery/protocol'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HeadFile } from './head-file.ts'
import { type LogStore, type NewEntry, StoreConflict, StoreFault, isDamaged, openStore, reasonOf } from './index.ts'

const sha256: Sha256 = bytes => hash('sha256', bytes, 'buffer')
const origin = 'relay.example/log1'
const note = (size: number, root: Uint8Array): string =>
  `${origin}\n${size}\n${toBase64(root)}\n\n— ${origin} ${toBase64(new Uint8Array(68).fill(1))}\n`

const entryOf = (i: number, salt = ''): NewEntry => {
  const entry = utf8(`entry ${i}${salt}`)
  return { entry, leaf: leafHash(sha256, entry), seals: [], disclosures: [] }
}
const sidOf = (i: number): string => toBase64url(sha256(Buffer.from(`sid ${i}`)))
const statementOf = (i: number, { kind = 'attribution.statement', iss = 'arkenia' } = {}): NewEntry => {
  const payload = Buffer.from(JSON.stringify({ body: { n: i } })).toString('base64url')
  return {
    ...entryOf(i),
    jws: `e30.${payload}.AA`,
    about: { sid: sidOf(i), kind, iss, tlp: 'green', chain: 'green', seq: i },
  }
}

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chancery-store-'))
  path = join(folder, 'log.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (at = path): LogStore => {
  const store = openStore(at, { origin, create: true })
  if (!store.ok) throw new Error(store.why)
  return store.value
}

/** Closes whatever happens, as the next process finds the file closed. */
const within = <T>(work: (store: LogStore) => T, at = path): T => {
  const store = open(at)
  try {
    return work(store)
  } finally {
    store.close()
  }
}

const add = (store: LogStore, entries: readonly NewEntry[]): void => {
  const root = store.rootAfter(entries.map(({ leaf }) => leaf))
  const size = store.size + entries.length
  store.append({ expectedSize: store.size, entries, note: note(size, root), root })
}
const upTo = (count: number, from = 0): NewEntry[] => Array.from({ length: count }, (_, i) => entryOf(from + i))

describe('a log that is kept on disk', () => {
  test('reopened, it has the roots of the tree in memory at every size from 0 to 600', () => {
    const twin = createTree(sha256)
    for (let at = 0; at < 600;) {
      const count = Math.min(600 - at, 1 + (at % 37))
      within(store => add(store, upTo(count, at)))
      for (const { leaf } of upTo(count, at)) twin.append(leaf)
      at += count
    }
    within(store => {
      for (let size = 0; size <= 600; size++) expect(toHex(store.rootAt(size))).toBe(toHex(twin.root(size)))
    })
  })

  let made = 0
  test('every hash it reads is that of the tree in memory, whatever the batches were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }), batches => {
        const at = join(folder, `${made++}.sqlite`)
        const twin = createTree(sha256)
        within(store => {
          for (const count of batches) {
            for (const { leaf } of upTo(count, store.size)) twin.append(leaf)
            add(store, upTo(count, store.size))
          }
          for (let level = 0; 2 ** level <= twin.size; level++) {
            for (let i = 0; (i + 1) * 2 ** level <= twin.size; i++) {
              expect(Buffer.compare(store.read(level, i), twin.read(level, i))).toBe(0)
            }
          }
        }, at)
      }),
      { numRuns: 12 },
    )
  })

  test('proofs lead from its entries to its root across tile levels', () => {
    within(store => {
      add(store, upTo(66_000))
      const [size, root] = [store.size, store.rootAt(store.size)]
      for (const index of [0, 255, 256, 65_535, 65_536, 65_999]) {
        const proof = inclusionProof({ sha256, index, size, read: store.read })
        expect(verifyInclusion({ sha256, leaf: entryOf(index).leaf, index, size, proof, root })).toBe(true)
      }
      expect(store.tile(1, 0, 256)?.length).toBe(256 * 32)
      expect(store.tile(2, 0, 1)?.length).toBe(32)
      expect(store.tile(2, 0, 2)).toBeUndefined()
    })
  })

  test('bundles hold the entries as they came, and none is wider than the log', () => {
    within(store => {
      add(store, upTo(300))
      const bundle = store.bundle(1, 44)
      const entries = readEntryBundle(bundle ?? new Uint8Array(0), 44)
      expect(entries.ok && entries.value[43]).toEqual(entryOf(299).entry)
      expect(store.bundle(1, 45)).toBeUndefined()
    })
  })

  test('a range ends at its bound, and is never empty while the log goes on', () => {
    within(store => {
      add(store, upTo(50))
      expect(store.range(10, { countMax: 5 }).map(({ index }) => index)).toEqual([10, 11, 12, 13, 14])
      expect(store.range(0, { countMax: 50, bytesMax: 1 })).toHaveLength(1)
      expect(store.range(50, { countMax: 5 })).toEqual([])
    })
  })

  test('the note of every append is kept', () => {
    within(store => {
      for (const count of [3, 4, 5]) add(store, upTo(count, store.size))
      expect([2, 3, 6, 7, 99].map(size => store.noteUpTo(size)?.size)).toEqual([undefined, 3, 3, 7, 12])
      expect(store.noteUpTo(12)?.note).toBe(store.head?.note)
    })
  })

  test('a statement is found by its id, its chain and its kind, with the text that was appended', () => {
    within(store => {
      add(store, [
        statementOf(0),
        entryOf(1),
        statementOf(2, { kind: 'callout.text' }),
        statementOf(3, { iss: 'belmora' }),
      ])
      expect(store.statement(sidOf(2))?.jws).toBe(statementOf(2).jws)
      expect(store.indexOf(sidOf(3))).toBe(3)
      expect(store.indexOf(sidOf(1))).toBeUndefined()
      expect(store.referred(sidOf(2))).toEqual({
        kind: 'callout.text',
        iss: 'arkenia',
        tlp: 'green',
        index: 2,
        body: { n: 2 },
      })
      expect(store.chainHead('arkenia', 'green')).toEqual({ seq: 2, sid: sidOf(2) })
      expect(store.chainHead('belmora', 'amber')).toBeUndefined()
      expect(store.ofKinds('callout.').map(({ index }) => index)).toEqual([2])
      expect(store.ofKinds('').map(({ index }) => index)).toEqual([0, 2, 3])
    })
  })

  test('an open entry keeps its statement once and gives back both', () => {
    const jws = `e30.${Buffer.from('{"body":{}}').toString('base64url')}.AA`
    const entry = Buffer.concat([Buffer.of(2), Buffer.from(jws)])
    const opened = { ...statementOf(0), jws, entry, leaf: leafHash(sha256, entry) }
    within(store => add(store, [opened]))
    within(store => expect(store.entry(0)).toMatchObject({ jws, index: 0 }))
  })

  test('tear lines opened later are kept once each', () => {
    within(store => {
      add(store, [statementOf(0)])
      store.addDisclosures(sidOf(0), ['b', 'a'])
      store.addDisclosures(sidOf(0), ['a', 'c'])
      expect(store.entry(0)?.disclosures).toEqual(['b', 'a', 'c'])
    })
  })

  test('the owner of a store alone may read it', () => {
    within(store => add(store, upTo(1)))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(`${path}.head`).mode & 0o777).toBe(0o600)
  })
})

describe('one head, moved by compare-and-swap', () => {
  test('of two writers at one size the second changes nothing and reads on from the first', () => {
    const [one, two] = [open(), open()]
    add(one, upTo(3))
    const late = [entryOf(0, ' of another')]
    const root = two.rootAfter(late.map(({ leaf }) => leaf))
    expect(() => two.append({ expectedSize: 0, entries: late, note: note(1, root), root })).toThrow(StoreConflict)
    expect([two.size, two.entry(0)?.entry]).toEqual([3, entryOf(0).entry])
    add(two, upTo(2, 3))
    one.refresh()
    expect(one.rootAt(5)).toEqual(two.rootAt(5))
    one.close()
    two.close()
  })

  test('entries that do not lead to the root that was signed are not written', () => {
    const store = open()
    add(store, upTo(2))
    const root = store.rootAfter([entryOf(9).leaf])
    expect(() => store.append({ expectedSize: 2, entries: [entryOf(2)], note: note(3, root), root })).toThrow(
      StoreFault,
    )
    store.close()
    within(reopened => expect(reopened.size).toBe(2))
  })

  test('a leaf with one bit flipped is not written', () => {
    const store = open()
    const entry = entryOf(0)
    const leaf = Uint8Array.from(entry.leaf, (byte, i) => (i === 7 ? byte ^ 1 : byte))
    const root = store.rootAfter([leaf])
    expect(() => store.append({ expectedSize: 0, entries: [{ ...entry, leaf }], note: note(1, root), root })).toThrow(
      StoreFault,
    )
    store.close()
    within(reopened => expect(reopened.size).toBe(0))
  })
})

describe('fail-stop', () => {
  test('after one failed write nothing is taken or read, and what was there before is there again', () => {
    const store = open()
    add(store, upTo(5))
    add(store, [statementOf(5)])
    // The same id twice breaks a constraint of the table: the storage error that can be had on any machine.
    expect(() => add(store, [{ ...statementOf(5), ...entryOf(6) }])).toThrow(StoreFault)
    expect(() => add(store, upTo(1, 6))).toThrow(StoreFault)
    expect(() => store.entry(0)).toThrow(StoreFault)
    store.close()
    within(reopened => expect([reopened.size, reopened.head?.size]).toEqual([6, 6]))
  })

  test('a closed store takes nothing', () => {
    const store = open()
    store.close()
    expect(() => add(store, upTo(1))).toThrow(StoreFault)
  })
})

describe('a statement that comes after its entry', () => {
  const sealed = (i: number): NewEntry => {
    const entry = new Uint8Array(65).fill(i)
    entry[0] = 1
    return { entry, leaf: leafHash(sha256, entry), seals: [], disclosures: [] }
  }
  const opening = (i: number, seq = i) => {
    const { jws = '', about } = statementOf(i)
    return { index: i, jws, about: { ...about, seq } as NonNullable<NewEntry['about']>, disclosures: ['a'] }
  }
  test('is held at the place of its entry, once, and after the store is opened again', () => {
    within(store => {
      add(store, [sealed(0), sealed(1), { ...sealed(2), cover: true }])
      expect([store.unopened(), store.unopened(1), store.chainHead('arkenia', 'green')]).toEqual([2, 1, undefined])
      store.open([opening(1)])
      store.open([{ ...opening(1), disclosures: ['a', 'b'] }])
    })
    within(store => {
      expect(store.statement(sidOf(1))).toMatchObject({ index: 1, jws: opening(1).jws, disclosures: ['a', 'b'] })
      expect([
        store.unopened(),
        store.chainHead('arkenia', 'green')?.seq,
        store.numbered('arkenia', 'green', 1),
      ]).toEqual([1, 1, sidOf(1)])
    })
  })
  test('comes with a later entry or not at all', () => {
    within(store => {
      add(store, [sealed(0), sealed(1)])
      const next = sealed(2)
      const root = store.rootAfter([next.leaf])
      const append = { expectedSize: 1, entries: [next], note: note(3, root), root, opened: [opening(0)] }
      expect(() => store.append(append)).toThrow(StoreConflict)
      expect(store.indexOf(sidOf(0))).toBeUndefined()
      store.append({ ...append, expectedSize: 2 })
      expect([store.size, store.indexOf(sidOf(0))]).toEqual([3, 0])
    })
  })
  test('does not bring the head of its chain back', () => {
    within(store => {
      add(store, [sealed(0), statementOf(5)])
      store.open([opening(0)])
      expect(store.chainHead('arkenia', 'green')).toEqual({ seq: 5, sid: sidOf(5) })
    })
  })
  test('is found by the commitment of its entry, the first where there are two', () => {
    within(store => {
      add(store, [sealed(7), sealed(8), { ...sealed(7), leaf: sealed(7).leaf }])
      expect(store.indexOfCommitment(sealed(8).entry.subarray(1, 33))).toBe(1)
      expect(store.indexOfCommitment(sealed(7).entry.subarray(1, 33))).toBe(0)
      expect(store.indexOfCommitment(new Uint8Array(32))).toBeUndefined()
    })
  })
})

describe('a store that is not what it was does not open', () => {
  const faultOf = (work: () => unknown): unknown => {
    try {
      return work()
    } catch (error) {
      return error
    }
  }
  const refusal = (options = { origin }) => {
    const opened = openStore(path, { ...options })
    if (opened.ok) opened.value.close()
    return opened.ok ? { code: 'ok', why: '' } : { code: opened.code, why: opened.why ?? '' }
  }

  test('a copy from before is refused, with both sizes', () => {
    within(store => add(store, upTo(10)))
    copyFileSync(path, join(folder, 'backup'))
    within(store => add(store, upTo(7, 10)))
    rmSync(path)
    copyFileSync(join(folder, 'backup'), path)
    const { code, why } = refusal()
    expect(code).toBe('log.went-back')
    expect(why).toContain('from 17 to 10')
  })

  test('a store that was deleted does not begin anew while its head is there', () => {
    within(store => add(store, upTo(4)))
    rmSync(path)
    const opened = openStore(path, { origin, create: true })
    expect(opened).toMatchObject({ ok: false, code: 'log.went-back', why: 'the log went back from 4 to 0 entries' })
    expect(existsSync(path)).toBe(false)
  })

  test('a log that lost its last entries is refused, with both sizes', () => {
    within(store => add(store, upTo(10)))
    const db = new DatabaseSync(path)
    db.exec('DELETE FROM entries WHERE place > 6')
    db.close()
    expect(refusal()).toEqual({ code: 'log.went-back', why: 'the head says 10 entries, the store has 7' })
  })

  test('a log with another history of the same size is refused', () => {
    within(store => add(store, upTo(4)))
    const other = join(folder, 'other.sqlite')
    within(store => add(store, [...upTo(3), entryOf(3, ' of another')]), other)
    rmSync(path)
    copyFileSync(other, path)
    expect(refusal().code).toBe('log.forked')
  })

  test('an entry changed at the edge of the log is refused', () => {
    within(store => add(store, upTo(4)))
    const db = new DatabaseSync(path)
    db.exec('UPDATE entries SET leaf = zeroblob(32) WHERE place = 2')
    db.close()
    expect(refusal().code).toBe('log.forked')
  })

  test('the store of another log, another program and another format are refused', () => {
    within(store => add(store, upTo(1)))
    expect(refusal({ origin: 'relay.example/log2' })).toMatchObject({ code: 'log.wrong-origin' })
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 7')
    expect(refusal().why).toContain('format 7, this version reads 2')
    db.exec('PRAGMA application_id = 9')
    db.close()
    expect(refusal().why).toContain('another program')
  })

  test('a file that is no database is refused and left as it is', () => {
    writeFileSync(path, 'minutes of the meeting'.repeat(200))
    const size = statSync(path).size
    expect(refusal()).toMatchObject({ code: 'log.wrong-origin' })
    expect(statSync(path).size).toBe(size)
  })

  test('a file cut short in the middle does not open as if it were whole', () => {
    within(store => add(store, upTo(2_000)))
    truncateSync(path, 16_384)
    const why = faultOf(() => {
      const opened = openStore(path, { origin })
      if (opened.ok) opened.value.range(0, { countMax: 2_000 })
    })
    expect(isDamaged(why)).toBe(true)
    expect(reasonOf(why)).toBe(`cannot open ${path}: database disk image is malformed`)
  })

  test('what the machine says of a file that cannot be had is the cause', () => {
    const gone = join(folder, 'none', 'log.sqlite')
    const why = faultOf(() => openStore(gone, { origin, create: true }))
    expect(isDamaged(why)).toBe(false)
    expect(reasonOf(why)).toBe(`cannot open ${gone}: ENOENT: no such file or directory`)
  })

  test('where there is no store, none is made unasked', () => {
    expect(() => openStore(path, { origin })).toThrow(StoreFault)
    expect(existsSync(path)).toBe(false)
  })

  test('a head that a power cut left empty is written again from the log', () => {
    within(store => add(store, upTo(3)))
    writeFileSync(`${path}.head`, '')
    within(store => expect(store.size).toBe(3))
    expect(statSync(`${path}.head`).size).toBeGreaterThan(0)
  })
})

describe('beside another process', () => {
  afterEach(() => vi.restoreAllMocks())

  /** Runs `then` once, just before the first question whose SQL has these words. */
  const before = (words: string, then: () => void): void => {
    let done = false
    const { get } = StatementSync.prototype
    vi.spyOn(StatementSync.prototype, 'get').mockImplementation(function (this: StatementSync, ...args) {
      if (!done && this.sourceSQL.includes(words)) {
        done = true
        then()
      }
      return get.apply(this, args)
    })
  }

  test('a store opens while entries are added, at one size or the other', () => {
    const writer = open()
    try {
      add(writer, upTo(3))
      before('SELECT max(place)', () => add(writer, upTo(2, 3)))
      within(store => expect(store.size).toBe(3))
      expect(writer.size).toBe(5)
      within(store => expect(store.size).toBe(5))
    } finally {
      writer.close()
    }
  })

  test('of two that make a store at once, one makes it and both open it', () => {
    let first: LogStore | undefined
    before('sqlite_schema', () => (first = open()))
    const second = open()
    try {
      expect(second.epoch).toBe(first?.epoch)
    } finally {
      first?.close()
      second.close()
    }
  })

  test('the head beside it is whole where a shorter one was written over a longer', () => {
    const at = `${path}.head`
    const root = new Uint8Array(32)
    const [one, other] = [new HeadFile(at), new HeadFile(at)]
    one.write(note(9, root))
    other.read()
    one.write(note(10, root))
    other.write(note(9, root))
    expect(new HeadFile(at).read()).toMatchObject({ ok: true, value: { size: 9 } })
    one.close()
    other.close()
  })
})

describe('notes that a quorum has cosigned', () => {
  test('are those over what this process holds, whatever another keeps beside it', () => {
    const [one, other] = [open(), open()]
    try {
      add(other, upTo(3))
      one.refresh()
      const small = other.keepCosigned(note(3, other.rootAt(3)), 3)
      add(other, upTo(2, 3))
      const large = other.keepCosigned(note(5, other.rootAt(5)), 5)
      const seen = (store: LogStore) => [store.newestCosigned(), store.cosignedBy(large.hash), store.cosignedOver(4)]
      expect(seen(one)).toEqual([small, undefined, undefined])
      one.refresh()
      expect(seen(one)).toEqual([large, large, large])
    } finally {
      one.close()
      other.close()
    }
  })
})
