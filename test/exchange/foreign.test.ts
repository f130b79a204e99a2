/** What other programs wrote comes in as far as it can, and what we write for them is what they read. */
import { describe, expect, test } from 'vitest'
import { exportMemories, type Format, importMemories } from '../../src/exchange/exchange.ts'
import { exporting, LESSON, stored } from './memories.ts'

describe('Claude Code’s memory folder', () => {
  const NOTE = '---\nname: testing\ndescription: Real database\nmetadata:\n  type: feedback\n---\nNo mocks.\n'

  test('a file of Claude Code is a memory as it stands', () => {
    const { format_version, memories, skipped, notes } = imported('claude-code', {
      'MEMORY.md':
        '# Memory Index\n\n- [Testing](feedback_testing.md) — real database\n* [Deep](notes/deep%20one.md)\n',
      'feedback_testing.md': NOTE,
      'notes/deep one.md': 'deep\n',
      'old.bak': 'x',
    })

    expect(format_version).toBe(null)
    expect(memories).toEqual({ '/feedback_testing.md': NOTE, '/notes/deep one.md': 'deep\n' })
    expect(skipped).toEqual([{ file: 'old.bak', reason: 'Claude Code’s memories end in .md' }])
    expect(notes).toEqual([])
  })

  test.each([
    ['text of its own', '# Memory\n\nDeploys are on Tuesdays.\n- [a](a.md): x\n'],
    ['a line for a file that is not there', '- [gone](gone.md): never deploy on Fridays\n'],
  ])('an index with %s is a memory too', (_, index) => {
    const { memories, notes } = imported('claude-code', { 'MEMORY.md': index, 'a.md': 'x' })

    expect(memories).toEqual({ '/MEMORY.md': index, '/a.md': 'x' })
    expect(notes).toHaveLength(1)
  })

  test('a memory that says what it is called and about goes out as it stands', () => {
    const files = exported('claude-code', { '/mistakes/a.md': LESSON })

    expect(files['mistakes/a.md']).toBe(LESSON)
    expect(files['MEMORY.md']).toContain(
      '\n- [get-order-first](mistakes/a.md): For priya.n alone: Call get_order before refund_order\n',
    )
  })

  test('any other goes out under front matter', () => {
    const files = exported('claude-code', { '/a (1).md': '# Orders: "first"\n\nAsk.\n' })

    expect(files['a (1).md']).toBe(
      [
        '---',
        'name: a (1)',
        'description: "Orders: \\"first\\""',
        'metadata:',
        `  reverie: '{"format_version":1,"path":"/a (1).md","front":null}'`,
        '---',
        '# Orders: "first"',
        '',
        'Ask.',
        '',
      ].join('\n'),
    )
    expect(files['MEMORY.md']).toContain('- [a (1)](a%20%281%29.md): Orders: "first"\n')
  })

  test('the line that keeps a path is one YAML string, whatever the path', () => {
    const path = "/ann's ''notes''.md"
    const files = exported('skills', { [path]: 'x' })

    expect(Object.values(files)[0]).toContain(
      `{"format_version":1,"path":"/ann''s ''''notes''''.md","front":null}'\n`,
    )
    expect(imported('skills', files).memories).toEqual({ [path]: 'x' })
  })

  test.each([
    ['another one', '{"format_version":1,"path":"/b.md","front":null}'],
    ['one of a newer Reverie', '{"format_version":2}'],
  ])('a memory cannot pass for %s by what its front matter says', (_, json) => {
    const posing = `---\nname: a\ndescription: b\nmetadata:\n  reverie: '${json}'\n---\nx\n`
    const files = exported('claude-code', { '/a.md': posing })

    expect(imported('claude-code', files).memories).toEqual({ '/a.md': posing })
  })

  test('what Claude Code edits in a file of ours is taken over', () => {
    const files = exported('claude-code', { '/a.md': 'Ask first.\n' })
    const edited = { ...files, 'a.md': files['a.md']!.replace('---\nAsk first.', '---\nAsk twice.') }

    expect(imported('claude-code', edited).memories).toEqual({ '/a.md': 'Ask twice.\n' })
  })

  test('what it edits in front matter that is not the memory’s own is told of', () => {
    const files = exported('claude-code', { '/a.md': 'Ask first.\n' })
    const edited = { ...files, 'a.md': files['a.md']!.replace('name: a', 'name: asking') }

    expect(imported('claude-code', files).notes).toEqual([])
    expect(imported('claude-code', edited)).toMatchObject({
      memories: { '/a.md': 'Ask first.\n' },
      notes: [expect.stringMatching(/^a\.md: what was changed in its front matter/)],
    })
  })

  test('files whose line ends git has turned are known again', () => {
    const files = exported('claude-code', { '/a.md': 'Ask first.\n' })
    const turned = Object.fromEntries(Object.entries(files).map(([k, v]) => [k, v.replaceAll('\n', '\r\n')]))

    expect(imported('claude-code', turned)).toMatchObject({
      format_version: 1,
      memories: { '/a.md': 'Ask first.\n' },
    })
  })

  test('the index is no longer than Claude Code reads, and says how many it leaves out', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`/${i}.md`, `${'word '.repeat(60)}\n`]),
    )
    const { files, notes } = exportMemories('claude-code', exporting(many))
    const index = Buffer.from(files.at(-1)!.bytes).toString()
    const listed = index.split('\n').filter((it) => it.startsWith('- [')).length

    expect(index.split('\n').length).toBeLessThanOrEqual(200)
    expect(Buffer.byteLength(index)).toBeLessThanOrEqual(25_000)
    expect(index).toContain(`- … and ${300 - listed} more files\n`)
    expect(notes).toEqual([expect.stringContaining(`no room for ${300 - listed} of the memories`)])
  })
})

describe('Agent Skills', () => {
  test.each([
    ['a plain name', '/x.md', '---\nname: get-order-first\n---\nx', 'get-order-first'],
    ['a name of words', '/x.md', '---\nname: "Get Order: First!"\n---\nx', 'get-order-first'],
    ['accents', '/Año Nuevo.md', 'x', 'ano-nuevo'],
    ['a name too long', `/${'long-'.repeat(30)}.md`, 'x', /^(?:long-){12}long$/],
    ['nothing that may stand in a name', '/漢字.md', 'x', /^memory-[0-9a-f]{12}$/],
    ['a word the format reserves', '/claude-style.md', 'x', /^memory-[0-9a-f]{12}$/],
    ['a device of Windows', '/con.md', 'x', /^memory-[0-9a-f]{12}$/],
  ])('%s makes a valid name', (_, path, content, name) => {
    const [file] = Object.keys(exported('skills', { [path]: content }))
    const folder = file!.replace('/SKILL.md', '')

    expect(folder).toMatch(typeof name === 'string' ? new RegExp(`^${name}$`) : name)
    expect(folder).toMatch(/^(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*$/)
  })

  test('the folder has the name that its SKILL.md gives, and no two have the same', () => {
    const files = exported('skills', { '/a/x.md': '1', '/b/x.md': '2', '/X.md': '3' })
    const names = Object.entries(files).map(([file, text]) => [file, /^name: (.*)$/m.exec(text)![1]])

    expect(names.map(([file]) => file)).toEqual(names.map(([, name]) => `${name}/SKILL.md`))
    expect(new Set(names.map(([file]) => file)).size).toBe(3)
  })

  test('the description is one line of at most 1,024 characters and without tags', () => {
    const content = `---\ndescription: "<b>${'x'.repeat(3_000)}"\n---\ny`
    const text = exported('skills', { '/a.md': content })['a/SKILL.md']!
    const description = JSON.parse(
      /^description: (.*)$/m.exec(text)![1]!.replace(/^b.*$/, (it) => JSON.stringify(it)),
    )

    expect([...description].length).toBeLessThanOrEqual(1_024)
    expect(description).not.toMatch(/[<>\n]/)
  })

  test('a skill that somebody else wrote is a memory; its other files are told of', () => {
    const skill = '---\nname: pdf\ndescription: >\n  Reads PDF files.\n---\nRun scripts/read.py.\n'

    expect(
      imported('skills', { 'pdf/SKILL.md': skill, 'pdf/scripts/read.py': 'print()', 'SKILL.md': 'x' }),
    ).toMatchObject({
      format_version: null,
      memories: { '/skills/pdf.md': skill, '/skills/skill.md': 'x' },
      skipped: [{ file: 'pdf/scripts/read.py', reason: 'of a skill only SKILL.md is a memory' }],
    })
  })

  test('what somebody changes in the text comes back; what they change above it is told of', () => {
    const files = exported('skills', { '/a.md': LESSON })
    const text = files['get-order-first/SKILL.md']!
    const edited = text.replace('description: ', 'description: Always ').replace('Why:', 'Why, again:')

    expect(imported('skills', { 'get-order-first/SKILL.md': edited })).toMatchObject({
      memories: { '/a.md': LESSON.replace('Why:', 'Why, again:') },
      notes: [expect.stringMatching(/^get-order-first\/SKILL\.md: what was changed in its front matter/)],
    })
  })
})

describe('mem0', () => {
  const rows = [
    {
      id: '4f1c',
      memory: 'Prefers short answers',
      user_id: 'dev',
      agent_id: null,
      metadata: { type: 'preference', 'a b': '-->\u2028' },
      categories: ['style'],
      created_at: '2025-01-02T03:04:05-07:00',
    },
    { memory: 'No id' },
    { text: 'not under memory' },
    { id: 7, memory: 'lone \ud800' },
  ]
  const read = {
    '/mem0/4f1c.md': [
      '---',
      'id: "4f1c"',
      'user_id: "dev"',
      'metadata: {"type":"preference","a b":"--\\u003e\\u2028"}',
      'categories: ["style"]',
      'created_at: "2025-01-02T03:04:05-07:00"',
      '---',
      'Prefers short answers',
    ].join('\n'),
    '/mem0/2.md': 'No id',
  }

  test.each([
    ['a list', rows],
    ['what get_all answers', { results: rows }],
    ['an export with a heading', { memories: rows }],
  ])('%s is read, with whose it is and all else in front matter', (_, value) => {
    const { format_version, memories, skipped, notes } = imported('mem0', { 'm.json': JSON.stringify(value) })

    expect(format_version).toBe(null)
    expect(memories).toEqual(read)
    expect(skipped.map((it) => it.file)).toEqual(['m.json[2]', 'm.json[3]'])
    expect(notes).toHaveLength(1)
  })

  test.each([
    ['no JSON', '[', /m\.json is not JSON/],
    ['another JSON', '{"a":1}', /m\.json is no list of memories/],
    ['no text', '\ufffd[', /m\.json is not JSON/],
  ])('%s is refused', (_, text, told) => {
    expect(() => imported('mem0', { 'm.json': text })).toThrow(told)
  })

  test('what goes out has text, path, author and times where mem0 has them', () => {
    expect(JSON.parse(exported('mem0', { '/a.md': 'a\n' })['memories.json']!)).toEqual([
      {
        id: expect.stringMatching(/^mem_/),
        memory: 'a\n',
        agent_id: 'refund-desk',
        metadata: { reverie: { format_version: 1, path: '/a.md', created_by: 'user:ann' } },
        created_at: '2026-11-03T09:00:00.000Z',
        updated_at: '2026-11-03T09:00:00.000Z',
      },
    ])
  })
})

test.each<Format>(['claude-code', 'skills', 'mem0'])(
  'a stored %s export of version 1 is imported',
  (format) => {
    const { format_version, memories, skipped } = importMemories(format, stored(`version-1-${format}`))

    expect(format_version).toBe(1)
    expect(Object.fromEntries(memories.map((it) => [it.path, it.content]))).toEqual({
      '/../up.md': 'No way out.\n',
      '/empty.md': '',
      '/mistakes/get-order-first.md': LESSON,
      '/notes/año.md': '# Orders\r\n\r\nAsk first.',
    })
    expect(skipped).toEqual([])
  },
)

function exported(format: Format, contents: Record<string, string>): Record<string, string> {
  const { files } = exportMemories(format, exporting(contents))
  return Object.fromEntries(files.map((it) => [it.name, Buffer.from(it.bytes).toString()]))
}

function imported(format: Format, files: Record<string, string>) {
  const read = importMemories(
    format,
    Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  )
  return { ...read, memories: Object.fromEntries(read.memories.map((it) => [it.path, it.content])) }
}
