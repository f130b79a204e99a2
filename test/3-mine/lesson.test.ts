import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/3-mine/finding.ts'
import { lessonOf, patternId } from '../../src/3-mine/lesson.ts'
import { frontMatterOf, memoryFile } from '../../src/4-consolidate/memory-file.ts'
import type { Evidence } from '../../src/domain/evidence.ts'

const finding: Finding = {
  published: true,
  kind: 'guard',
  class: 'mistake',
  channel: 'call',
  tier: 'process',
  context: 'call modify_order',
  trait: 'after get_order',
  better: null,
  effect: { exposed: [21, 22], unexposed: [11, 199], odds_ratio: 200, low: 30, high: 900 },
  p: 0.001,
  q: 0.014,
  strength: 4,
  sessions: 22,
  sightings: [{ session_id: 'sesn_1', event: 3 }],
  lacks: 'after get_order',
}

const alone = { odds_ratio: null, low: null, high: null }
const check: Partial<Finding> = {
  kind: 'check',
  channel: 'session',
  tier: 'verified',
  context: 'session',
  lacks: null,
}
const harmful: Partial<Finding> = {
  ...check,
  effect: { exposed: [107, 148], unexposed: [275, 663], odds_ratio: 2.99, low: 1.8, high: 12.2 },
}
const helpful: Partial<Finding> = {
  ...check,
  class: 'success',
  effect: { exposed: [16, 97], unexposed: [35, 65], odds_ratio: 0.2, low: 0.1, high: 0.4 },
}
const ODDS_HIGHER =
  'At the same task and agent version their odds of failing are 3.0 times higher (95 % interval 1.8 to 12).'
const ODDS_LOWER =
  'At the same task and agent version their odds of failing are 5.0 times lower (95 % interval 2.5 to 10).'
const repair: Partial<Finding> = {
  kind: 'repair',
  channel: 'repair',
  context: 'repair find_user | user <id> not found',
  effect: { exposed: [3, 33], unexposed: [5, 7], odds_ratio: 0.1, low: 0.01, high: 0.5 },
}
const WORKED = 'That worked in 30 of 33 attempts; other reactions, or none, in 2 of 7.'

describe('the words of a lesson', () => {
  test.each<{
    name: string
    of: Partial<Finding>
    quotes?: string[]
    text: string
    why: string
    file: string
  }>([
    {
      name: 'a guard',
      of: {},
      quotes: ['items should match', 'items should match', 'not pending'],
      text: 'Call `get_order` before `modify_order`.',
      why: 'Without it the first call failed in 21 of 22 sessions ("items should match", "not pending"); with it in 11 of 199.',
      file: 'get_order-before-modify_order',
    },
    {
      name: 'a guard on the same thing',
      of: { trait: 'after Read on the same file_path', context: 'call Edit' },
      text: 'Call `Read` before `Edit` for the same `file_path`.',
      why: 'Without it the first call failed in 21 of 22 sessions; with it in 11 of 199.',
      file: 'read-before-edit',
    },
    {
      name: 'a guard on the same thing of a name with dashes',
      of: { trait: 'after get on the same issue-number' },
      text: 'Call `get` before `modify_order` for the same `issue-number`.',
      why: 'Without it the first call failed in 21 of 22 sessions; with it in 11 of 199.',
      file: 'get-before-modify_order',
    },
    {
      name: 'a shape',
      of: { kind: 'shape', trait: 'arg items = a list of 1', better: 'a list of 2 or more', lacks: null },
      quotes: ['none given'],
      text: 'When calling `modify_order`, give `items` as a list of 2 or more, not as a list of 1.',
      why: 'With a list of 1 the first call failed in 21 of 22 sessions ("none given"); otherwise in 11 of 199.',
      file: 'modify_order-items-as-a-list-of-2-or-more',
    },
    {
      name: 'a fragile action',
      of: {
        kind: 'fragile',
        trait: '',
        effect: { exposed: [14, 20], unexposed: [0, 0], ...alone },
        lacks: null,
      },
      quotes: ['quota exceeded'],
      text: 'Check what `modify_order` demands before you call it.',
      why: 'Its first call failed in 14 of 20 sessions ("quota exceeded").',
      file: 'check-before-modify_order',
    },
    {
      name: 'an action that hardly ever works',
      of: {
        kind: 'fragile',
        trait: '',
        context: 'call dot',
        effect: { exposed: [9, 10], unexposed: [0, 0], ...alone },
      },
      text: 'Do not count on `dot`: here it hardly ever works.',
      why: 'Its first call failed in 9 of 10 sessions.',
      file: 'do-not-count-on-dot',
    },
    {
      name: 'a retry',
      of: { ...repair, trait: 'again' },
      text: 'If `find_user` fails with "user <id> not found", make the same call once more.',
      why: WORKED,
      file: 'find_user-user-not-found',
    },
    {
      name: 'asking',
      of: { ...repair, trait: 'ask' },
      text: 'If `find_user` fails with "user <id> not found", ask the user before you try again.',
      why: WORKED,
      file: 'find_user-user-not-found',
    },
    {
      name: 'another argument',
      of: { ...repair, trait: 'change zip' },
      text: 'If `find_user` fails with "user <id> not found", try again with another `zip`.',
      why: WORKED,
      file: 'find_user-user-not-found',
    },
    {
      name: 'an argument that the error names',
      of: { ...repair, trait: 'take zip' },
      text: 'If `find_user` fails with "user <id> not found", try again with a `zip` that the error names.',
      why: WORKED,
      file: 'find_user-user-not-found',
    },
    {
      name: 'another call first',
      of: { ...repair, trait: 'first sync' },
      text: 'If `find_user` fails with "user <id> not found", call `sync` first, then try again.',
      why: WORKED,
      file: 'find_user-user-not-found',
    },
    {
      name: 'another call first, then another argument',
      of: { ...repair, trait: 'first sync, change zip' },
      text: 'If `find_user` fails with "user <id> not found", call `sync` first, then try again with another `zip`.',
      why: WORKED,
      file: 'find_user-user-not-found',
    },
    {
      name: 'another tool',
      of: {
        ...repair,
        trait: 'switch find_by_zip',
        effect: { exposed: [0, 5], unexposed: [0, 0], ...alone },
      },
      text: 'If `find_user` fails with "user <id> not found", use `find_by_zip` instead.',
      why: 'That worked in 5 of 5 attempts; nothing else was tried.',
      file: 'find_user-user-not-found',
    },
    {
      name: 'an error that nothing mends',
      of: {
        ...repair,
        kind: 'recurring',
        trait: 'met',
        effect: { exposed: [9, 10], unexposed: [0, 0], ...alone },
      },
      text: 'Rule out "user <id> not found" before you call `find_user`: once it happens, nothing tried so far is known to mend it.',
      why: '10 sessions ran into it; in 9 of them the next attempt failed too, or there was none.',
      file: 'find_user-user-not-found',
    },
    {
      name: 'a step that helps',
      of: { ...helpful, context: 'session submit', trait: 'before collect' },
      text: 'Before `submit`, check that `collect` was done.',
      why: `Sessions that called \`collect\` before \`submit\` failed in 16 % (16 of 97), the others in 54 % (35 of 65). ${ODDS_LOWER}`,
      file: 'collect-before-submit',
    },
    {
      name: 'a tool that helps',
      of: { ...helpful, trait: 'use verify' },
      text: 'Before you finish, check whether `verify` is still needed.',
      why: `Sessions that called \`verify\` failed in 16 % (16 of 97), the others in 54 % (35 of 65). ${ODDS_LOWER}`,
      file: 'check-whether-verify',
    },
    {
      name: 'a tool that helps only within a task',
      of: {
        ...helpful,
        trait: 'use verify',
        effect: { ...helpful.effect!, exposed: [50, 100], unexposed: [50, 100] },
      },
      text: 'Before you finish, check whether `verify` is still needed.',
      why: `Sessions that called \`verify\` failed in 50 % (50 of 100), the others in 50 % (50 of 100) (the difference of the tasks hides it). ${ODDS_LOWER}`,
      file: 'check-whether-verify',
    },
    {
      name: 'looking more often, which helps',
      of: { ...helpful, trait: 'use look 3 times or more' },
      text: 'Before you act, check whether one more `look` would tell you something you need.',
      why: `Sessions that called \`look\` 3 times or more failed in 16 % (16 of 97), the others in 54 % (35 of 65). ${ODDS_LOWER}`,
      file: 'enough-look',
    },
    {
      name: 'a tool that goes with failure',
      of: { ...harmful, trait: 'use cancel' },
      text: 'Check the rules that allow `cancel` before you call it.',
      why: `Sessions that called \`cancel\` failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'check-before-cancel',
    },
    {
      name: 'trying again and again',
      of: { ...harmful, trait: 'use cancel 6 times or more' },
      text: 'Before another `cancel` after 5, stop and check the approach.',
      why: `Sessions that called \`cancel\` 6 times or more failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'cancel-6-times',
    },
    {
      name: 'a repeated call',
      of: { ...harmful, trait: 'repeat look' },
      text: 'Before you repeat a `look` call word for word, check what its last answer said.',
      why: `Sessions that repeated a \`look\` call word for word failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'repeating-look',
    },
    {
      name: 'an error',
      of: { ...harmful, trait: 'error find | user <id> not found' },
      text: 'After "user <id> not found" from `find`, check the task again before you go on.',
      why: `Sessions in which \`find\` answered "user <id> not found" failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'after-find-user-not-found',
    },
    {
      name: 'errors',
      of: { ...harmful, trait: '2 errors or more' },
      text: 'After 2 errors, stop and check the approach.',
      why: `Sessions with 2 errors or more failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'after-2-errors-or-more',
    },
    {
      name: 'a call left failed',
      of: { ...harmful, trait: 'a call left failed' },
      text: 'Before you finish, check that no call is left failed.',
      why: `Sessions that ended with a failed call that was not repaired failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'a-call-left-failed',
    },
    {
      name: 'an action left failed',
      of: { ...harmful, trait: 'left failed update' },
      text: 'Before you finish, check that `update` has not been left failed.',
      why: `Sessions that ended on a failed \`update\` failed in 72 % (107 of 148), the others in 41 % (275 of 663). ${ODDS_HIGHER}`,
      file: 'left-failed-update',
    },
    {
      name: 'a wish',
      of: {
        kind: 'correction',
        channel: 'correction',
        tier: 'people',
        context: 'said',
        trait: 'case + number',
        better: 'case number subject',
        sessions: 9,
      },
      quotes: [
        'No.',
        'The case number was meant.',
        'Please put the case number in the subject.',
        'Use the case number, as always, in the subject line.',
      ],
      text: 'People keep asking for this: "Please put the case number in the subject."',
      why: 'People had to say it, in these words or similar ones, in 9 sessions.',
      file: 'put-case-number-in-subject',
    },
    {
      name: 'a wish whose quotes are gone',
      of: {
        kind: 'correction',
        channel: 'correction',
        tier: 'people',
        context: 'said',
        trait: 'case + number',
        better: 'case number',
        sessions: 9,
      },
      text: 'People keep asking for this: "case number"',
      why: 'People had to say it, in these words or similar ones, in 9 sessions.',
      file: 'case-number',
    },
    {
      name: 'a refusal',
      of: {
        kind: 'refusal',
        channel: 'correction',
        tier: 'people',
        context: 'refused git push',
        trait: '',
        effect: { exposed: [4, 6], unexposed: [0, 0], ...alone },
      },
      quotes: ['never push to main'],
      text: 'Ask before you call `git push`.',
      why: 'People refused it in 4 of 6 sessions ("never push to main").',
      file: 'ask-before-git-push',
    },
  ])('$name', ({ of, quotes = [], text, why, file }) => {
    const lesson = lessonOf(
      { ...finding, ...of },
      'desk',
      quotes.map((it) => quoted(it)),
    )
    expect(lesson.text).toBe(text)
    expect(lesson.why).toBe(why)
    expect(lesson.name).toBe(file)
  })

  test('a refusal quotes people only', () => {
    const refusal: Finding = { ...finding, kind: 'refusal', context: 'refused push', trait: '' }
    expect(lessonOf(refusal, 'desk', [quoted('git push --force', 'agent')]).why).toBe(
      'People refused it in 21 of 22 sessions.',
    )
  })

  test('a long quote is cut to 120 characters, and never inside one', () => {
    expect(lessonOf(finding, 'desk', [quoted('😀'.repeat(200))]).why).toContain(`("${'😀'.repeat(119)}…")`)
    expect(lessonOf(finding, 'desk', [quoted('x'.repeat(120))]).why).toContain(`("${'x'.repeat(120)}")`)
  })

  test('what a terminal would obey, or a database could not keep, is not quoted', () => {
    const { why } = lessonOf(finding, 'desk', [quoted('\u001b[31mdisk full\u001b[0m\u0007 on\ttape\ud83d')])
    expect(why).toContain('("disk full on tape")')
  })
})

test.each<{ name: string; of: Partial<Finding>; file: string }>([
  {
    name: 'its first words, when not all fit',
    of: {
      ...repair,
      context: 'repair import_customers | the file was not read as the customers of the second quarter',
      trait: 'again',
    },
    file: 'import_customers-the-file-was-not-read-as-the-customers-of-the-second',
  },
  {
    name: 'no word at the end that would join it to what is left out',
    of: { context: `call ${'update_'.repeat(6)}address`, trait: 'after get_address_of_customer' },
    file: 'get_address_of_customer',
  },
])('the file of a lesson is called by $name', ({ of, file }) => {
  expect(lessonOf({ ...finding, ...of }, 'desk', []).name).toBe(file)
})

describe('a lesson keeps its identity', () => {
  const id = patternId(finding, 'desk')

  test.each<{ name: string; of: Partial<Finding>; agent?: string; same: boolean }>([
    {
      name: 'when its numbers change',
      of: { sessions: 400, effect: harmful.effect!, q: 0.2, published: false },
      same: true,
    },
    { name: 'not for another agent', of: {}, agent: 'other', same: false },
    { name: 'not for another action', of: { context: 'call cancel_order' }, same: false },
    { name: 'not for another guard', of: { trait: 'after look' }, same: false },
  ])('$name', ({ of, agent = 'desk', same }) => {
    expect(patternId({ ...finding, ...of }, agent) === id).toBe(same)
  })

  test('of what is known of an error there is one, whichever remedy is the best so far', () => {
    const of = (trait: string, context = 'repair find | gone') =>
      patternId({ channel: 'repair', context, trait }, 'desk')
    expect(of('again')).toBe(of('switch look'))
    expect(of('again')).toBe(of('met'))
    expect(of('again')).not.toBe(of('again', 'repair find | denied'))
  })

  test('for ever: this id stands in memories that are already written', () => {
    expect(id).toBe('pat_705476f19c7c4a769d955573')
  })

  test('as a candidate that is published later', () => {
    const candidate = lessonOf({ ...finding, published: false }, 'desk', [])
    const lesson = lessonOf(finding, 'desk', [])
    expect([candidate.status, lesson.status]).toEqual(['candidate', 'probation'])
    expect(candidate.id).toBe(lesson.id)
  })
})

describe('whatever tools, arguments and errors are called', () => {
  const evil = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(
          '---',
          '`',
          '"',
          "'",
          ': ',
          '#',
          '../',
          '/',
          ' on the same ',
          ' | ',
          ', change ',
          ' = ',
          '<id>',
          '\u202e',
          'ÄÖ',
          'x',
          ' ',
          '3 times or more',
          'a_very_long_name_'.repeat(4),
        ),
        { maxLength: 12 },
      )
      .map((it) => it.join('')),
  )
  /** As names and templates come out of a review: on one line, without control characters, never empty. */
  const plain = evil.map((it) => it.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim() || 'x')
  const anyFinding = fc.tuple(plain, plain, plain).map(([a, b, c]): Finding[] => [
    { ...finding, context: `call ${a}`, trait: `after ${b}` },
    { ...finding, context: `call ${a}`, trait: `after ${b} on the same ${c}` },
    { ...finding, kind: 'shape', context: `call ${a}`, trait: `arg ${b} = blank`, better: 'digits' },
    { ...finding, kind: 'shape', context: `call ${a}`, trait: `arg ${b} is open`, better: 'shut' },
    { ...finding, kind: 'timing', context: `call ${a}`, trait: `after ${b} failed` },
    { ...finding, kind: 'fragile', context: `call ${a}`, trait: '' },
    ...[
      'again',
      'ask',
      `change ${c}`,
      `take ${c}`,
      `first ${c}`,
      `first ${b}, change ${c}`,
      `ask, change ${c}`,
      `give ${c}: digits -> #W<n>`,
      `first ${b}, give ${c}: digits -> #W<n>`,
      `add ${c}`,
      `leave out ${c}`,
      'option --x',
      `switch ${c}`,
    ].map((trait): Finding => ({ ...finding, ...repair, context: `repair ${a} | ${b}`, trait })),
    { ...finding, ...repair, kind: 'recurring', context: `repair ${a} | ${b}`, trait: 'met' },
    { ...finding, ...repair, kind: 'recurring', context: `repair ${a} | ${b}`, trait: `change ${c}` },
    ...[`use ${a}`, `use ${a} 3 times or more`, `repeat ${a}`, `error ${a} | ${b}`, `left failed ${a}`].map(
      (trait): Finding => ({ ...finding, ...harmful, trait }),
    ),
    { ...finding, ...helpful, context: `session ${a}`, trait: `before ${b}` },
    {
      ...finding,
      kind: 'correction',
      channel: 'correction',
      context: 'said',
      trait: 'case + number',
      better: 'case number',
    },
    { ...finding, kind: 'refusal', channel: 'correction', context: `refused ${a}`, trait: '' },
  ])
  const everyLesson = fc
    .tuple(anyFinding, evil, evil)
    .map(([findings, quote, agent]) => findings.map((it) => lessonOf(it, agent, [quoted(quote || 'x')])))

  test('a lesson has a name that is a safe file name', () => {
    fc.assert(
      fc.property(everyLesson, (lessons) => {
        for (const { name } of lessons) expect(name).toMatch(/^[a-z0-9_]+(?:-[a-z0-9_]+)*$/)
        for (const { name } of lessons) expect(name.length).toBeLessThanOrEqual(72)
      }),
    )
  })

  test('its numbers are numbers', () => {
    fc.assert(
      fc.property(anyFinding, (findings) => {
        for (const it of findings) {
          const { text, why } = lessonOf(it, 'desk', [])
          expect(`${text} ${why}`.replace(/x|`[^`]*`|"[^"]*"/g, '')).not.toMatch(
            /NaN|undefined|null|Infinity/,
          )
        }
      }),
    )
  })

  test('its memory has the front matter that was written, and one line for the lesson and one for why', () => {
    fc.assert(
      fc.property(everyLesson, (lessons) => {
        for (const lesson of lessons) {
          const file = memoryFile(lesson, '2026-11-03')
          expect(frontMatterOf(file)).toEqual({
            pattern: lesson.id,
            since: '2026-11-03',
            status: null,
            person: null,
            description: lesson.text.replace(/\s+/g, ' ').trim(),
            also: [],
            worded: null,
          })
          const lines = file.split(/[\n\r\u2028\u2029]/)
          expect(lines).toHaveLength(12)
          expect(lines.filter((it) => it === '---')).toHaveLength(2)
          expect(lines[8]).toBe(lesson.text)
          expect(lines[10]).toBe(`Why: ${lesson.why}`)
          expect(file).not.toMatch(/[^\P{Cc}\n]/u)
        }
      }),
    )
  })
})

function quoted(quote: string, origin: Evidence['origin'] = 'person'): Evidence {
  return { session_id: 'sesn_1', external_session_id: 'run-1', event_id: 'e3', origin, quote }
}
