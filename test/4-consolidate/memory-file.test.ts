import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frontMatterOf, marked, marksIn, memoryFile, wordsOf } from '../../src/4-consolidate/memory-file.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import { pattern } from './patterns.ts'

test('a memory is the lesson, then why, with front matter for machines', () => {
  expect(memoryFile(pattern(1), '2026-11-03')).toBe(`---
name: get-before-update_1
description: "Call \`get\` before \`update_1\`."
type: mistake
scope: { agent: desk }
since: 2026-11-03
pattern: pat_000000000000000000000001
---
Call \`get\` before \`update_1\`.

Why: Without it the first call failed in 12 of 12 sessions; with it in 2 of 22.
`)
})

test('a lesson that stopped holding keeps its words and says so', () => {
  expect(memoryFile(pattern(1, { status: 'stale' }), '2026-11-03')).toBe(`---
name: get-before-update_1
description: "Call \`get\` before \`update_1\`."
type: mistake
scope: { agent: desk }
since: 2026-11-03
status: stale
pattern: pat_000000000000000000000001
---
Stale: recent sessions no longer support this, or another lesson says it better.

Call \`get\` before \`update_1\`.

Why: Without it the first call failed in 12 of 12 sessions; with it in 2 of 22.
`)
})

describe('a lesson that is not simply to be followed says so first', () => {
  test.each<{ status: Pattern['status']; of?: Partial<Pattern>; body: string }>([
    {
      status: 'dormant',
      body: 'Dormant: nothing of the kind was seen for three months, so it may no longer apply.\n\nCall `get` before `update_1`.\n',
    },
    { status: 'retired', body: 'Retired: it was followed and did not help. Do not follow it.\n\nCall' },
    {
      status: 'disputed',
      body: 'Disputed: there is as much evidence for the opposite. Do not follow it.\n\nWhat it said: "Call `get` before `update_1`."\n',
    },
    {
      status: 'disputed',
      of: { tier: 'people' },
      body: 'Disputed: approved by people but judged wrong by verified outcomes. Do not follow it.\n\nWhat it said: "Call',
    },
    { status: 'confirmed', body: 'Call `get` before `update_1`.\n' },
  ])('$status', ({ status, of, body }) => {
    const written = memoryFile(pattern(1, { ...of, status }), '2026-11-03')
    expect(written).toContain(`\nstatus: ${status}\n`)
    expect(written).toContain(`\n---\n${body}`)
  })
})

test('a lesson of one person says whose it is', () => {
  const scope = { agent: 'desk', person: 'ana@acme.example' }
  expect(memoryFile(pattern(1, { scope }), '2026-11-03')).toContain(
    '\nscope: { agent: desk, person: "ana@acme.example" }\n',
  )
})

test('marks are read back from the memory they stand in, whoever wrote it', () => {
  const marks = ['Conflict: /notes/b.md says "Never do."', 'Copy: /notes/c.md says the same.']
  for (const content of ['Do.\n', '---\ntitle: x\n---\nDo.\n', '', memoryFile(pattern(1), '2026-11-03')]) {
    const written = marked(content, marks)
    expect(marksIn(written)).toEqual(marks)
    expect(wordsOf(written)).toBe(wordsOf(content))
    expect(frontMatterOf(written)).toEqual(frontMatterOf(content))
  }
  expect(marked(memoryFile(pattern(1), '2026-11-03'), marks)).toBe(
    memoryFile(pattern(1), '2026-11-03', { marks, also: [] }),
  )
})

describe('what YAML would read otherwise is quoted', () => {
  test.each([
    { agent: 'retail-desk', yaml: 'retail-desk' },
    { agent: 'claude-code:acme-api', yaml: '"claude-code:acme-api"' },
    { agent: 'ana, the "boss" } # {x: y}', yaml: '"ana, the \\"boss\\" } # {x: y}"' },
    { agent: '7', yaml: '"7"' },
    { agent: '- a', yaml: '"- a"' },
    { agent: '', yaml: '""' },
    { agent: 'true', yaml: '"true"' },
    { agent: 'No', yaml: '"No"' },
    { agent: 'null', yaml: '"null"' },
    { agent: 'bell\u0007', yaml: '"bell\\u0007"' },
    { agent: 'two\n---\nlines', yaml: 'two --- lines' },
  ])('$agent', ({ agent, yaml }) => {
    expect(memoryFile(pattern(1, { scope: { agent, person: null } }), '2026-11-03')).toContain(
      `\nscope: { agent: ${yaml} }\n`,
    )
  })
})

describe('front matter', () => {
  test('reads back what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('probation', 'stale'), (text, status) => {
        const written = pattern(1, { text, status: status as 'stale' })
        expect(frontMatterOf(memoryFile(written, '2026-11-03'))).toEqual({
          pattern: written.id,
          since: '2026-11-03',
          status: status === 'stale' ? 'stale' : null,
          description: text.replace(/\s+/g, ' ').trim(),
          person: null,
          also: [],
          worded: null,
        })
      }),
    )
  })

  test('tells whose memory it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((it) => it.trim() !== ''),
        (agent, person) => {
          const written = memoryFile(pattern(1, { scope: { agent, person } }), '2026-11-03')
          expect(frontMatterOf(written).person).toBe(person.replace(/\s+/g, ' ').trim())
          expect(
            frontMatterOf(memoryFile(pattern(1, { scope: { agent, person: null } }), '2026-11-03')).person,
          ).toBe(null)
        },
      ),
    )
  })

  const nothing = {
    ...{ pattern: null, since: null, status: null, description: null, person: null },
    ...{ also: [], worded: null },
  }
  test.each([
    { name: 'there is none', content: '# Notes\n\nBe kind.\n', read: nothing },
    { name: 'there is nothing at all', content: '', read: nothing },
    { name: 'it is not closed', content: '---\npattern: pat_1\nBe kind.\n', read: nothing },
    { name: 'it stands further down', content: 'Be kind.\n---\npattern: pat_1\n---\n', read: nothing },
    { name: 'it says other things', content: '---\ntitle: Notes\n---\nBe kind.\n', read: nothing },
    { name: 'the field is in the text', content: '---\ntitle: x\n---\npattern: pat_1\n', read: nothing },
    {
      name: 'a person wrote it',
      content: '---\ndescription: Be kind\n---\n',
      read: { ...nothing, description: 'Be kind' },
    },
    {
      name: 'a person misquoted it',
      content: '---\ndescription: "Be" kind\n---\n',
      read: { ...nothing, description: '"Be" kind' },
    },
  ])('when $name', ({ content, read }) => {
    expect(frontMatterOf(content)).toEqual(read)
  })
})
