/** Decisions in a database on disk: what they change, what they keep away, and for how long. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { sha256 } from '../../src/domain/id.ts'
import { type ListedChange, openEngine, type PersonsWord } from '../../src/engine.ts'
import { type Desk, openDesk } from './desk.ts'

let desk: Desk

beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

const REFUND = '/mistakes/get_refund-before-refund.md'

describe('what was rejected', () => {
  test('is not proposed again by the next dreams, and each says so', async () => {
    const [refund] = await desk.night(['refund'])
    await reject(refund!)
    const { dream, changes } = await anotherNight(['refund'], 4)

    expect(changes).toEqual([])
    expect(dream.notes).toContain('1 change that people rejected or took back was not proposed again.')
    expect((await desk.engine.change(refund!.id)).status).toBe('rejected')
    expect(await desk.standing()).toEqual({})
  })

  test('leaves other lessons alone', async () => {
    const changes = await desk.night(['refund', 'cancel'])
    await reject(byPath(changes, REFUND))
    await desk.night(['refund', 'cancel'], 4)

    expect((await waiting()).map((it) => it.path)).toEqual(['/mistakes/get_cancel-before-cancel.md'])
  })

  test('is proposed again when twice as many sessions speak for it, and says what was said', async () => {
    const [refund] = await desk.night(['refund'])
    await reject(refund!, { reason: 'only true of the old API' })
    expect(await desk.night(['refund'], 30)).toEqual([])
    const [again] = await desk.night(['refund'], 20)

    expect(again).toMatchObject({ path: REFUND, status: 'undecided' })
    expect(again!.reason).toMatch(
      /^New lesson: .+\nRejected before, saying “only true of the old API”\. Then 20 sessions spoke for it, now 45 sessions\.$/,
    )
  })

  test('until a day comes back after it', async () => {
    const [refund] = await desk.night(['refund'])
    await reject(refund!, { until: '2026-11-09' })
    expect(await desk.night(['refund'], 4)).toEqual([])
    const [again] = await nextDay(['refund'], 2)

    expect(again!.reason).toMatch(/Rejected before, saying “because”; that was to hold until 2026-11-09\.$/)
  })

  test('for another memory comes back when that is gone', async () => {
    const [refund] = await desk.night(['refund'])
    await desk.write('/house-rules.md', 'Refunds: look first.\n')
    await reject(refund!, { covered_by: '/house-rules.md' })
    expect(await desk.night(['refund'], 4)).toEqual([])
    await desk.engine.removeMemory(undefined, '/house-rules.md', { as: 'user:ana', reason: 'outdated' })
    const [again] = await desk.night(['refund'], 2)

    expect(again!.reason).toMatch(/; \/house-rules\.md, which was to cover it, is gone\.$/)
  })

  test('and then approved is wanted again', async () => {
    const [refund] = await desk.night(['refund'])
    await reject(refund!)
    await desk.approve(refund!)

    expect((await desk.engine.adopt({}, 'user:ana')).adopted).toHaveLength(1)
    await desk.engine.undo(refund!.id, { as: 'user:ana' })
    expect(await tombstoneCauses()).toEqual(['undone'])
  })

  test('and rejected again for a time goes by the last word', async () => {
    const [refund] = await desk.night(['refund'])
    await reject(refund!, { reason: 'never' })
    await reject(refund!, { reason: 'not this week', until: '2026-11-09' })

    expect(await nextDay(['refund'], 2)).toHaveLength(1)
  })
})

describe('an approval', () => {
  test('is of the bytes that go live', async () => {
    const [refund] = await desk.night(['refund'])
    await desk.approve(refund!)
    const { decisions, status, approved_by } = await desk.engine.change(refund!.id)

    expect(status).toBe('approved')
    expect(approved_by).toEqual(['user:ana'])
    expect(decisions).toEqual([
      expect.objectContaining({ by: 'user:ana', content_sha256: sha256(refund!.after!), edited: null }),
    ])
    await desk.engine.adopt({}, 'user:ben')
    expect(await desk.standing()).toEqual({ [REFUND]: refund!.after })
  })

  test('by the same person again adds nothing: no decision, no audit record', async () => {
    const [refund] = await desk.night(['refund'])
    await desk.approve(refund!)
    const before = (await desk.engine.audit()).data.length
    const report = await decide([refund!], {}, 'user: ANA')

    expect(report.known).toHaveLength(1)
    expect((await desk.engine.change(refund!.id)).decisions).toHaveLength(1)
    expect((await desk.engine.audit()).data).toHaveLength(before)
  })

  test('can be taken back until the change is live', async () => {
    const [refund] = await desk.night(['refund'])
    await desk.approve(refund!)
    await reject(refund!)
    expect((await desk.engine.adopt({}, 'user:ana')).adopted).toEqual([])

    await desk.approve(refund!)
    await desk.engine.adopt({}, 'user:ana')
    const { refused } = await reject(refund!)
    expect(refused[0]!.error).toMatchObject({
      type: 'conflict_error',
      message: expect.stringContaining('live already'),
    })
  })

  test('where the policy is regulated takes another person', async () => {
    await regulate()
    const [refund] = await desk.night(['refund'])
    await decide([refund!], {}, 'user:ana')
    await decide([refund!], {}, 'user:Ana ')
    expect((await desk.engine.adopt({}, 'user:ana')).adopted).toEqual([])
    expect(await desk.engine.change(refund!.id)).toMatchObject({
      status: 'undecided',
      approved_by: ['user:ana'],
      approvals_needed: 2,
    })

    await decide([refund!], {}, 'user:ben')
    expect((await desk.engine.adopt({}, 'user:ana')).adopted).toHaveLength(1)
  })
})

describe('when the policy becomes another, the same word again is weighed anew', () => {
  test('one approval is enough where it no longer is regulated', async () => {
    await regulate()
    const [refund] = await desk.night(['refund'])
    await decide([refund!], {}, 'user:ana')
    await regulate(false)
    await decide([refund!], {}, 'user:ana')

    expect((await desk.engine.change(refund!.id)).status).toBe('approved')
  })

  test('and no longer enough where it is', async () => {
    const [refund] = await desk.night(['refund'])
    await decide([refund!], {}, 'user:ana')
    await regulate()
    expect((await desk.engine.adopt({}, 'user:ana')).adopted).toEqual([])
    await decide([refund!], {}, 'user:ana')

    expect(await desk.engine.change(refund!.id)).toMatchObject({
      status: 'undecided',
      approved_by: ['user:ana'],
      approvals_needed: 2,
    })
  })
})

describe('an edit', () => {
  test.each([
    ['plain', 'Look before you refund.\n'],
    ['without a newline at its end', 'Look first.'],
    ['with Windows lines and a mark before it', '\ufeffLook\r\nfirst.\r\n'],
    ['in any letters', '先に見る\u200b ünïcode 🙂\t \n'],
  ])('%s is live to the byte, and the person’s', async (_, text) => {
    const [refund] = await desk.night(['refund'])
    await decide([refund!], { edited: text }, 'user:cyd')
    await desk.engine.adopt({}, 'user:ana')
    const memory = await desk.engine.memory(undefined, REFUND)

    expect(memory.content).toBe(text)
    expect(memory.created_by).toBe('user:cyd')
    expect((await desk.engine.change(refund!.id)).edited_by).toBe('user:cyd')
  })

  test('makes earlier approvals count no longer', async () => {
    await regulate()
    const [refund] = await desk.night(['refund'])
    await decide([refund!], {}, 'user:ana')
    await decide([refund!], { edited: 'Look first.\n' }, 'user:ben')
    expect((await desk.engine.change(refund!.id)).approved_by).toEqual(['user:ben'])

    await decide([refund!], {}, 'user:ana')
    await desk.engine.adopt({}, 'user:ana')
    expect(await desk.standing()).toEqual({ [REFUND]: 'Look first.\n' })
  })

  test('that holds a secret is refused by its class, never by its value', async () => {
    const [refund] = await desk.night(['refund'])
    const secret = ['AKIA', 'Q3EGR7ZJ5KPL', 'TX2M'].join('')
    const failure = await decide([refund!], { edited: `aws_access_key_id=${secret}\n` }).catch((it) => it)

    expect(failure.message).toMatch(/looks like a secret: 1 × \S+$/)
    expect(`${failure.message} ${failure.hint}`).not.toContain(secret)
    expect(await desk.engine.change(refund!.id)).toMatchObject({ status: 'undecided', decisions: [] })
  })
})

describe('what moved on', () => {
  test('since it was shown is not decided; the rest is', async () => {
    await desk.night(['refund', 'cancel'])
    const seen = await waiting()
    await reject(seen[0]!, {}, 'user:ben')
    const choices = seen.map((it) => ({ id: it.id, expect: it.state_sha256 }))
    const { decided, refused } = await desk.engine.decide(choices, approval(), 'user:ana')

    expect(decided.map((it) => it.id)).toEqual([seen[1]!.id])
    expect(refused).toMatchObject([
      {
        change: { id: seen[0]!.id },
        error: {
          type: 'conflict_error',
          message: expect.stringMatching(/not what you saw: it is rejected now/),
        },
      },
    ])
    expect((await desk.engine.change(seen[0]!.id)).status).toBe('rejected')
  })

  test('into another text is not approved', async () => {
    const [refund] = await desk.night(['refund'])
    const [seen] = await waiting()
    await decide([refund!], { edited: 'Never refund.\n' }, 'user:ben')
    await decide([{ ...refund!, expect: seen!.state_sha256 }], {}, 'user:ana')

    expect((await desk.engine.change(refund!.id)).approved_by).toEqual(['user:ben'])
  })
})

describe('a word that cannot be said', () => {
  test.each<[what: string, word: Partial<PersonsWord>, says: RegExp]>([
    ['without a reason', { reason: '  ' }, /a rejection needs a reason/],
    ['for a time that has passed', { until: '2026-11-08' }, /2026-11-08 has passed/],
  ])('against a change %s is an error', async (_, word, says) => {
    const [refund] = await desk.night(['refund'])

    await expect(reject(refund!, word)).rejects.toThrow(says)
    expect((await desk.engine.change(refund!.id)).status).toBe('undecided')
  })

  test.each(['/nowhere.md', REFUND])('because of %s, which is no other memory, is refused', async (path) => {
    const [refund] = await desk.night(['refund'])
    const { refused } = await reject(refund!, { covered_by: path })

    expect(refused[0]!.error.message).toMatch(/there is no other memory/)
  })
})

test('each word is one audit record: who, which change, which bytes, and the reason without secrets', async () => {
  const [refund, cancel] = await desk.night(['refund', 'cancel'])
  const secret = ['AKIA', 'Q3EGR7ZJ5KPL', 'TX2M'].join('')
  await reject(refund!, { reason: `see aws_access_key_id=${secret}` })
  await decide([cancel!], { edited: 'Look first.\n', reason: 'shorter' }, 'user:ben')
  await decide([cancel!], {}, 'user:cyd')
  const { data } = await desk.engine.audit({ limit: 3 })

  expect(data.reverse()).toMatchObject([
    {
      action: 'change.rejected',
      actor: 'user:ana',
      object: refund!.id,
      reason: expect.stringMatching(/^see .*\[redacted:/),
    },
    {
      action: 'change.edited',
      actor: 'user:ben',
      object: cancel!.id,
      reason: 'shorter',
      after_sha256: sha256('Look first.\n'),
    },
    {
      action: 'change.approved',
      actor: 'user:cyd',
      object: cancel!.id,
      after_sha256: sha256('Look first.\n'),
    },
  ])
  expect(JSON.stringify(await desk.engine.change(refund!.id))).not.toContain(secret)
  expect((await desk.engine.verifyAudit()).broken).toBe(null)
})

describe('ids', () => {
  test('may be shortened as long as one change begins so', async () => {
    const [refund] = await desk.night(['refund'])

    expect((await desk.engine.change(refund!.id.slice(0, 12))).id).toBe(refund!.id)
    expect((await desk.engine.change('chg_')).id).toBe(refund!.id)
    expect((await desk.engine.changes({ dream: refund!.dream_id.slice(0, 12) })).data).toHaveLength(1)
  })

  test('that name no change, or more than one, are refused', async () => {
    await desk.night(['refund', 'cancel'])
    const refused: [id: string, says: RegExp][] = [
      ['chg_', /^2 changes begin with chg_$/],
      ['chg_0000000000', /^there is no change chg_0000000000$/],
      ['drm_1', /^there is no change drm_1$/],
      ['%', /^there is no change %$/],
      ['', /there is no change/],
    ]
    for (const [id, says] of refused) {
      await expect(desk.engine.change(id)).rejects.toThrow(says)
      await expect(decide([{ id }])).rejects.toThrow(says)
    }
  })
})

describe('changes are listed', () => {
  let busy: Desk
  beforeAll(async () => {
    busy = await openDesk()
    await busy.live(await busy.night(['refund']))
    await busy.reject((await busy.night(['cancel']))[0]!)
    await busy.engine.ingest([busy.sessionFile(['refund', 'cancel'], 6)])
    await busy.night(['exchange', 'book'])
  })
  afterAll(() => busy.close())

  test.each<[what: string, wanted: Parameters<Desk['engine']['changes']>[0], paths: string[]]>([
    ['that wait, when nothing else is asked for', {}, ['book', 'exchange', 'refund']],
    ['by status', { status: ['rejected', 'adopted'] }, ['cancel', 'refund']],
    ['by kind', { kind: 'refresh' }, ['refund']],
    ['by path', { path: '/mistakes/*book*' }, ['book']],
    ['by tier', { tier: 'verified' }, []],
    ['by verdict', { verdict: 'deny' }, []],
    ['by all of them', { kind: 'add', tier: 'process', verdict: 'hold', path: '/**/*e.md' }, ['exchange']],
  ])('%s', async (_, wanted, paths) => {
    const { data } = await busy.engine.changes(wanted)
    expect(data.map((it) => /before-(.+)\.md$/.exec(it.path)![1]!)).toEqual(paths)
  })

  test('page by page as at once, whatever is asked for', async () => {
    for (const wanted of [{ status: ['adopted', 'rejected', 'undecided'] as const }, { path: '**o**' }]) {
      const whole = (await busy.engine.changes({ ...wanted, limit: 100 })).data
      const rows: ListedChange[] = []
      for (let page: string | null | undefined; page !== null; ) {
        const it = await busy.engine.changes({ ...wanted, limit: 1, page })
        rows.push(...it.data)
        page = it.next_page
      }
      expect(rows).toEqual(whole)
      expect(whole.length).toBeGreaterThan(1)
    }
  })

  test('with some of their quotes, and one with all of them and the lessons behind it', async () => {
    const [row] = (await busy.engine.changes({ path: '**book**' })).data
    const { evidence, lessons, diff, content } = await busy.engine.change(row!.id)

    expect(row!.evidence.length).toBeLessThan(row!.evidence_count)
    expect(evidence).toHaveLength(row!.evidence_count)
    expect(evidence.slice(0, row!.evidence.length)).toEqual(row!.evidence)
    expect(lessons.map((it) => it.id)).toEqual(row!.pattern_ids)
    expect(diff.slice(1)).toEqual(
      content!
        .trimEnd()
        .split('\n')
        .map((it) => `+${it}`),
    )
  })
})

// ----------------------------------------------------------------

const approval = (of: Partial<PersonsWord> = {}): PersonsWord => ({
  decision: 'approved',
  reason: '',
  edited: null,
  until: null,
  covered_by: null,
  ...of,
})

function decide(
  changes: { id: string; expect?: string }[],
  word: Partial<PersonsWord> = {},
  by: `user:${string}` = 'user:ana',
) {
  return desk.engine.decide(
    changes.map(({ id, expect }) => ({ id, expect })),
    approval(word),
    by,
  )
}

function reject(change: { id: string }, word: Partial<PersonsWord> = {}, by: `user:${string}` = 'user:ana') {
  return decide([change], { decision: 'rejected', reason: 'because', ...word }, by)
}

async function waiting(): Promise<ListedChange[]> {
  return (await desk.engine.changes()).data
}

async function anotherNight(calls: string[], n: number) {
  await desk.engine.ingest([desk.sessionFile(calls, n)])
  const [report] = await desk.engine.dream()
  return report!
}

/** A dream over such sessions, on the day after. */
async function nextDay(calls: string[], n: number): Promise<Change[]> {
  await desk.engine.ingest([desk.sessionFile(calls, n)])
  const tomorrow = openEngine({ database: desk.path, now: () => new Date('2026-11-10T03:00:00Z') })
  const [report] = await tomorrow.dream()
  await tomorrow.close()
  return report!.changes
}

async function regulate(regulated = true): Promise<void> {
  const text = `format_version: 1\nregulated: ${regulated}\n`
  await desk.engine.setPolicy({ file: 'regulated.yaml', text }, 'user:ana')
}

async function tombstoneCauses(): Promise<string[]> {
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(desk.path)
  const rows = db.prepare('SELECT DISTINCT cause FROM tombstone ORDER BY cause').all()
  db.close()
  return rows.map((it) => String(it.cause))
}

function byPath(changes: Change[], path: string): Change {
  return changes.find((it) => it.path === path)!
}
