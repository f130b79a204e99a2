/** The page of a report: one file that needs nothing else, in which what strangers wrote is only ever words. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { StoreReport } from '../../src/domain/report.ts'
import { Report } from '../../src/domain/report.ts'
import { isReportPage, reportPage } from '../../src/report/page.ts'
import { change, digest, EMPTY, lift, report, storeReport } from './made-up.ts'

const page = (of: Partial<StoreReport> = {}) => reportPage(report(storeReport(of)))
/** What is read of a page, element by element. */
const wordsOf = (html: string) =>
  html
    .replace(/<style>[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

test('the made-up report is of the shape of a report', () => {
  expect(Report.parse(report(storeReport(), storeReport(EMPTY)))).toBeDefined()
})

describe('the page', () => {
  test('runs nothing and fetches nothing, and forbids all but its own style', () => {
    const html = page()
    const [, style] = /<style>([\s\S]*?)<\/style>/.exec(html)!
    const hash = createHash('sha256').update(style!).digest('base64')

    expect(html).not.toMatch(/<script|<link|<img|<iframe|<form| on\w+=|@import|url\(|src=|href=|http:|https:/)
    expect(html).not.toContain(' style=')
    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">`,
    )
  })

  test('has its elements in order', () => {
    const open: string[] = []
    for (const [tag, closing, name] of page().matchAll(/<(\/?)([a-z]+[1-6]?)\b[^>]*>/g)) {
      if (['meta', 'br'].includes(name!) || tag.endsWith('/>')) continue
      if (closing === '') open.push(name!)
      else expect(open.pop()).toBe(name)
    }
    expect(open).toEqual([])
  })

  test('is known again', () => {
    expect(isReportPage(page())).toBe(true)
    expect(isReportPage('<!doctype html><title>Mine</title>')).toBe(false)
  })

  test('tells the numbers of every plot in a table under it, and what it shows in words', () => {
    const html = page()
    const plots = [...html.matchAll(/<svg viewBox="0 0 720[^>]*aria-label="([^"]*)"/g)].map(([, it]) => it)
    const words = wordsOf(html)

    expect(plots).toHaveLength(5)
    for (const it of plots) expect(it).toMatch(/numbers are in the table below$/)
    expect(html.match(/<details><summary>The numbers<\/summary>/g)).toHaveLength(4)
    // The first week of both arms, a day of the lift, the last size, a day of recalls.
    expect(words).toContain('2026-09-01 64 % (49 % to 76 %) of 44 60 % (23 % to 88 %) of 5')
    expect(words).toContain('2026-10-03 224 +11 points (0 to +20)')
    expect(words).toContain('14 8.5 kB')
    expect(words).toContain('2026-11-18 9 666')
  })

  test('says first what is asked first', () => {
    expect(wordsOf(page())).toContain(
      'Completed more often with lessons +12 points +2 to +22 Memory 14 memories 8.5 kB Waiting for a decision 1 change 2 approved, to be adopted Alarms 1',
    )
  })

  test('tells what was learned by dream and kind, and what became of it', () => {
    const words = wordsOf(page())

    expect(words).toContain('84 dreams ended in this time, none of them failed.')
    expect(words).toContain('End every export with author and source. waits for a decision')
    expect(words).toContain('No longer hold, or were withdrawn: 1 Use the old export. live')
    expect(words).toContain('Use 300 dpi for scans. rejected')
    expect(words).toContain('2026-11-19 , 43 new sessions read: 2 new; 1 no longer hold, or were withdrawn')
  })

  test('shows the latest dream, and folds the others away', () => {
    const folds = [...page().matchAll(/<details class="dream"( open)?><summary><strong>([^<]*)/g)]

    expect(folds.map(([, open, day]) => [day, open !== undefined])).toEqual([
      ['2026-11-22', true],
      ['2026-11-19', false],
    ])
  })

  test('tells of a hundred changes of one kind the first twenty', () => {
    const changes = Array.from({ length: 100 }, (_, i) => change({ lesson: `Lesson ${i}.` }))
    const words = wordsOf(page({ digests: [digest('2026-11-22T02:00:00Z', changes)] }))

    expect(words).toContain('Lesson 19.')
    expect(words).not.toContain('Lesson 20.')
    expect(words).toContain('and 80 more')
  })

  test('says of what no session tells that none does, and of what too few do how many it takes', () => {
    const none = { sessions: 0, mean: null }
    const unknown = { estimate: null, low: null, high: null, sessions_needed: 200 }
    const words = wordsOf(
      page({
        effect: {
          ...storeReport().effect!,
          lifts: [
            lift({ metric: 'tokens', ...unknown, treatment: none, control: none }),
            lift({ metric: 'escalation', ...unknown }),
          ],
        },
      }),
    )

    expect(words).toContain('Tokens a session none known none known no session says')
    expect(words).toContain('not known: about 200 more sessions')
  })

  test('tells what language models were asked, and what that cost', () => {
    const words = wordsOf(page())
    const anew = storeReport().asked.map((it) => ({ ...it, from_cache: 0 }))

    expect(words).toContain('674 calls, $1.28. Of what was answered before nothing was paid.')
    expect(wordsOf(page({ asked: anew }))).not.toContain('Of what was answered before')
    expect(words).toContain(
      'Reading sessions anthropic/claude-haiku-4-5 $1.23 590 4 12 1,003,000 600,000 41,000',
    )
    expect(words).toContain('Advice on memories anthropic/claude-haiku-4-5 $0.043 84 0 0 9,000 0 500')
  })

  test('does not guess what a model cost whose price is not known', () => {
    const [use] = storeReport().asked
    const words = wordsOf(page({ asked: [{ ...use!, cost_usd: null }] }))

    expect(words).toContain('590 calls, at a price that is not known.')
    expect(words).toContain('claude-haiku-4-5 not known 590')
  })

  test('tells how an agent does against its control', () => {
    expect(wordsOf(page())).toContain('Against desk-without, which is given no memory')
    expect(wordsOf(page())).toContain('+6 points (−4 to +16)')
  })

  test('tells of each lesson what is known of it, or what it takes', () => {
    const words = wordsOf(page())

    expect(words).toContain(
      'Call get_order before refund_order . helps +12 points (+2 to +22) −41 points (−52 to −30) 310, 92',
    )
    expect(words).toContain('not known +1 points (−19 to +21) not known: about 40 more sessions')
    expect(words).toContain('Close the ledger first. harms −14 points (−25 to −3) not measured')
  })
})

describe('what is not there yet is said, with when it comes', () => {
  test.each<[what: string, of: Partial<StoreReport>, says: string]>([
    [
      'dreams',
      { dreams: { ended: 0, failed: 0 }, digests: [] },
      'No dream ended in this time. reverie dream starts one',
    ],
    ['changes', { digests: [] }, 'None had anything to change.'],
    [
      'a comparison',
      { effect: null },
      'As soon as a lesson is live and sessions of compliance-desk recall it',
    ],
    ['lessons', { lessons: [] }, 'No lesson is compared yet'],
    ['memories', { memory: [] }, 'what a dream proposes goes live when somebody decides'],
    ['recalls', { recalled: [] }, 'No session recalled anything in this time.'],
    ['models', { asked: [] }, 'No language model was asked in this time.'],
    [
      'lots',
      { effect: { ...storeReport().effect!, draws_lots: false } },
      'No session goes without lessons now',
    ],
    [
      'outcomes',
      {
        effect: {
          ...storeReport().effect!,
          arms: [],
          lift_by_day: [],
          lifts: [lift({ estimate: null, low: null, high: null, sessions_needed: 84 })],
        },
      },
      'about 84 more with a known outcome are needed',
    ],
  ])('%s', (_, of, says) => {
    expect(wordsOf(page(of))).toContain(says)
  })

  test('of a store that is empty, everything', () => {
    const html = page(EMPTY)

    expect(html).not.toContain('<svg')
    expect(html).not.toMatch(/NaN|undefined|null|Infinity/)
    expect(wordsOf(html)).toContain('not known yet')
  })

  test('and of no store at all', () => {
    expect(wordsOf(reportPage(report()))).toContain('There is no memory store yet')
  })
})

const HOSTILE =
  '</li></style><script>alert(1)</script><img src=x onerror=alert(1)> " onload="x" \' `<b>`\u202Egnp.exe\u0000'

test('whatever a memory, a lesson, an alarm or a name says is only words', () => {
  const html = page({
    ...{ store: HOSTILE, agent: HOSTILE },
    digests: [
      digest('2026-11-22T02:00:00Z', [
        change({ lesson: HOSTILE, why: HOSTILE, path: HOSTILE }),
        change({ lesson: null, path: HOSTILE }),
      ]),
    ],
    lessons: [{ ...storeReport().lessons[0]!, lesson: HOSTILE }],
    asked: [{ ...storeReport().asked[0]!, provider: HOSTILE, model: HOSTILE }],
    alarms: [{ type: 'refusals', text: HOSTILE, since: '2026-11-20' }],
  })

  expect(html).not.toMatch(/<script|<img|<b>|onload="|\u202e/)
  expect(html).not.toContain(String.fromCharCode(0))
  expect(html.match(/&lt;script&gt;/g)!.length).toBeGreaterThanOrEqual(8)
  expect(html).toContain('<code>&lt;b&gt;</code>')
})

test('nothing of it is left without a number where something is known of one arm only, or on one day', () => {
  const { effect } = storeReport()
  const day = effect!.arms[0]!
  const none = { sessions: 0, completed: 0, low: 0, high: 1 }
  const html = page({
    effect: { ...effect!, arms: [{ ...day, control: none }], lift_by_day: effect!.lift_by_day.slice(-1) },
    memory: [{ day: '2026-11-23', memories: 0, bytes: 0 }],
    recalled: [{ day: '2026-11-23', recalls: 1, tokens: 0 }],
  })

  expect(html).not.toMatch(/NaN|undefined|Infinity/)
  expect(wordsOf(html)).toContain('none known')
})
