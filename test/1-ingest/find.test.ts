import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findTranscripts, sessionFolders } from '../../src/1-ingest/find.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-find-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), '{}')
  }
}

function find(...names: string[]) {
  const problems: { path: string; reason: string }[] = []
  const found = [
    ...findTranscripts(
      names.map((it) => join(folder, it)),
      (it) => problems.push(it),
    ),
  ]
  return {
    found: found.map((it) => it.path.slice(folder.length + 1)),
    problems: problems.map((it) => `${it.path.slice(folder.length + 1)}: ${it.reason}`),
  }
}

test('in a folder, what can be a transcript by its name, to the bottom and in order', () => {
  write('b.jsonl', 'a/z.ndjson', 'a/b/c.JSON', 'a.json', 'notes.md', 'x.meta.json', 'a/sessions-index.json')
  expect(find('.')).toEqual({ found: ['a/b/c.JSON', 'a/z.ndjson', 'a.json', 'b.jsonl'], problems: [] })
})

test('a file that is named is taken whatever it is called, with its size', () => {
  write('notes.md')
  expect(find('notes.md').found).toEqual(['notes.md'])
  expect([...findTranscripts([join(folder, 'notes.md')], () => {})][0]!.bytes).toBe(2)
})

test('what is named twice is given once', () => {
  write('a/b.jsonl')
  expect(find('a', 'a/b.jsonl', '.').found).toEqual(['a/b.jsonl'])
})

test('links are followed, in circles only once', () => {
  write('a/b.jsonl', 'elsewhere/c.jsonl')
  symlinkSync(folder, join(folder, 'a/up'))
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'a/away'))
  expect(find('a')).toEqual({ found: ['a/away/c.jsonl', 'a/b.jsonl'], problems: [] })
})

test('what is missing is reported, and the rest is found', () => {
  write('a.jsonl')
  symlinkSync(join(folder, 'gone'), join(folder, 'link.jsonl'))
  symlinkSync(join(folder, 'self.jsonl'), join(folder, 'self.jsonl'))
  expect(find('missing', '.')).toEqual({
    found: ['a.jsonl'],
    problems: [
      'missing: nothing there; check the path',
      'link.jsonl: nothing there; check the path',
      'self.jsonl: a link that leads to itself; remove it',
    ],
  })
})

test.runIf(process.getuid?.() !== 0)('what may not be read is reported, and the rest is found', () => {
  write('a/secret.jsonl', 'b/c.jsonl', 'd.jsonl')
  chmodSync(join(folder, 'a/secret.jsonl'), 0o000)
  chmodSync(join(folder, 'b'), 0o000)
  const { found, problems } = find('.')
  chmodSync(join(folder, 'b'), 0o700)
  expect(found).toEqual(['d.jsonl'])
  expect(problems).toEqual([
    'a/secret.jsonl: may not be read; run as its owner, or allow it with chmod u+rX',
    'b: may not be read; run as its owner, or allow it with chmod u+rX',
  ])
})

describe('where sessions are kept', () => {
  test('in the home folder, as far as they are there', () => {
    write('.claude/projects/p/s.jsonl', '.codex/sessions/2026/s.jsonl')
    expect(sessionFolders(folder, {})).toEqual([
      { harness: 'claude-code', path: join(folder, '.claude/projects') },
      { harness: 'codex', path: join(folder, '.codex/sessions') },
    ])
  })

  test('where the harness was told to keep them', () => {
    write('cc/projects/p/s.jsonl', 'cx/archived_sessions/s.jsonl', '.claude/projects/p/s.jsonl')
    const env = { CLAUDE_CONFIG_DIR: join(folder, 'cc'), CODEX_HOME: join(folder, 'cx') }
    expect(sessionFolders(folder, env)).toEqual([
      { harness: 'claude-code', path: join(folder, 'cc/projects') },
      { harness: 'codex', path: join(folder, 'cx/archived_sessions') },
    ])
  })

  test('nowhere', () => {
    expect(sessionFolders(folder, {})).toEqual([])
  })
})
