import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ancestorsOf, checkPrefix, endOf, misshapen, overlaps } from '../../src/domain/memory-path.ts'

test.each([
  { path: '/a' },
  { path: '/notes/2026/todo.md' },
  { path: '/...' },
  { path: '/.hidden/..b' },
  { path: '/a b/ c' },
  { path: '/Ärger/日本/🙂.md' },
  { path: '/%2e%2e/~/$HOME' },
  { path: '/a\\b:c*?"<>|' },
  { path: `/${'a/'.repeat(19)}a` },
  { path: `/${'a'.repeat(1_023)}` },
  { path: `/${'é'.repeat(511)}a` },
])('$path is a path', ({ path }) => {
  expect(misshapen(path)).toBeNull()
})

test.each([
  { path: '', why: 'starts with /' },
  { path: 'a', why: 'starts with /' },
  { path: '../a', why: 'starts with /' },
  { path: '/', why: 'empty segment' },
  { path: '//', why: 'empty segment' },
  { path: '/a/', why: 'empty segment' },
  { path: '/a//b', why: 'empty segment' },
  { path: '/.', why: '. or ..' },
  { path: '/..', why: '. or ..' },
  { path: '/a/../b', why: '. or ..' },
  { path: '/a/./b', why: '. or ..' },
  { path: '/a\0', why: 'control' },
  { path: '/a\nb', why: 'control' },
  { path: '/a\u007f', why: 'control' },
  { path: '/a\u0085', why: 'control' },
  { path: '/a\u200bb', why: 'control or format' },
  { path: '/a\u202eb', why: 'control or format' },
  { path: '/\ufeffa', why: 'control or format' },
  { path: '/a\u00adb', why: 'control or format' },
  { path: '/a\u2028b', why: 'line separators' },
  { path: '/a\u2029b', why: 'line separators' },
  { path: '/e\u0301', why: 'Form C' },
  { path: '/\u212b', why: 'Form C' },
  { path: '/a\ud800', why: 'well-formed' },
  { path: `/${'a/'.repeat(20)}a`, why: '20 segments' },
  { path: `/${'a'.repeat(1_024)}`, why: '1024 bytes' },
  { path: `/${'é'.repeat(512)}`, why: '1024 bytes' },
])('%j is no path', ({ path, why }) => {
  expect(misshapen(path)).toContain(why)
})

test.each([
  { prefix: '/', fits: true },
  { prefix: '/a/', fits: true },
  { prefix: '/a/b/', fits: true },
  { prefix: '', fits: false },
  { prefix: '/a', fits: false },
  { prefix: 'a/', fits: false },
  { prefix: '//', fits: false },
  { prefix: '/../', fits: false },
  { prefix: '/a\0/', fits: false },
])('$prefix is a prefix: $fits', ({ prefix, fits }) => {
  const check = () => checkPrefix(prefix)
  if (fits) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ type: 'invalid_request_error' }))
})

test.each([
  { one: '/a', other: '/a', is: true },
  { one: '/a', other: '/a/b', is: true },
  { one: '/a/b/c', other: '/a', is: true },
  { one: '/a', other: '/ab', is: false },
  { one: '/a', other: '/A', is: false },
  { one: '/a', other: '/a-b/c', is: false },
  { one: '/a/b', other: '/a/c', is: false },
])('$one and $other overlap: $is', ({ one, other, is }) => {
  expect([overlaps(one, other), overlaps(other, one)]).toEqual([is, is])
})

const segment = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom(...'ab.-0/é🙂') })
const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((it) => `/${it.join('/')}`)

describe('of whatever is a path', () => {
  const paths = path.filter((it) => misshapen(it) === null)

  test('a path below is above nothing else than what it begins with', () => {
    fc.assert(
      fc.property(paths, paths, (one, other) => {
        expect(overlaps(one, other)).toBe(
          one === other || ancestorsOf(one).includes(other) || ancestorsOf(other).includes(one),
        )
        expect(ancestorsOf(one).map(misshapen).filter(Boolean)).toEqual([])
      }),
    )
  })

  test('what begins with a prefix, and nothing else, stands between it and its end', () => {
    const bytes = (it: string) => Buffer.from(it)
    fc.assert(
      fc.property(paths, paths, (one, folder) => {
        const prefix = `${folder}/`
        const is_between =
          bytes(one).compare(bytes(prefix)) >= 0 && bytes(one).compare(bytes(endOf(prefix))) < 0
        expect(is_between).toBe(one.startsWith(prefix))
      }),
    )
  })

  test('it is a file of a folder, and no file outside of it, on any disk that can have it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        if (misshapen(`/${text}`) !== null) return
        expect(text.split('/')).not.toContain('..')
        expect(text).toBe(text.normalize('NFC'))
        expect(Buffer.from(text).toString()).toBe(text)
      }),
    )
  })
})
