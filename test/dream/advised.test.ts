import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
import { readInstructions } from '../../src/4-consolidate/steering.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { findMemoryStore } from '../../src/db/memory-stores.ts'
import { readPatterns } from '../../src/db/patterns.ts'
import { NO_LIMIT } from '../../src/domain/spending.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import { AS_USUAL, type DreamReport, dream, type World } from '../../src/dream.ts'
import type { ModelAtHand } from '../../src/model/at-hand.ts'
import type { Question } from '../../src/model/model.ts'
import { ModelError } from '../../src/model/model-error.ts'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'

const SHIP = '/mistakes/get_ship-before-ship.md'
const PACK = '/mistakes/get_pack-before-pack.md'
const INSIGHT = '/insights/look-before-you-act.md'
const BETTER = 'Before each `ship`, run `get_ship`, or the call fails.'

let desk: Desk
let db: Database
beforeEach(async () => {
  desk = await openDesk()
  await desk.live(await desk.night(['ship', 'pack']))
  db = openDatabase(desk.path)
})
afterEach(async () => {
  await db.destroy()
  await desk.close()
})

describe('a dream with a model', () => {
  test('puts its words to a person, and keeps them with newer counts once they are live', async () => {
    const { changes } = await nightWith(answering(reword), ['ship'])
    const [change] = changes.filter((it) => it.path === SHIP)
    expect(change).toMatchObject({
      kind: 'refresh',
      verdict: 'hold',
      status: 'undecided',
      reason: `A model puts it in other words: ${BETTER} The record says: “Call \`get_ship\` before \`ship\`.”`,
    })
    await desk.live([change!])
    expect((await desk.standing())[SHIP]).toContain(`\n---\n${BETTER}\n`)

    const [newer] = (await desk.night(['ship'], 60)).filter((it) => it.path === SHIP)
    expect(newer!.before).toBe(change!.after)
    expect(newer!.after).toContain(`\n---\n${BETTER}\n`)
    expect(whyIn(newer!.after!)).not.toBe(whyIn(change!.after!))
  })

  test('has nothing of it go live by itself, under a policy that allows all', async () => {
    const text = 'format_version: 1\nrules: [{ verdict: allow }]\nlargest_share: { dropped: 1, touched: 1 }\n'
    await desk.engine.setPolicy({ file: 'all.yaml', text }, ANA)
    const { changes } = await nightWith(answering(reword), ['ship', 'pack'])
    expect(changes.map((it) => [it.path, it.status, it.verdict_reason])).toEqual([
      [PACK, 'adopted', 'rule 1 of the policy'],
      [SHIP, 'undecided', 'a language model put lessons in other words, or together'],
    ])
  })

  test('does not come back with words that people rejected, and still with newer counts', async () => {
    const first = await nightWith(answering(reword), ['ship'])
    await desk.reject(first.changes.find((it) => it.path === SHIP)!)
    const { changes, dream } = await nightWith(answering(reword), ['ship'])
    expect(changes.find((it) => it.path === SHIP)!.after).toContain('\n---\nCall `get_ship` before `ship`.\n')
    expect(dream.notes).toContainEqual(
      'One operation that the model advised was refused: 1 was about what people rejected, or asked to be left alone.',
    )
  })

  test('leaves to a person what that person wrote while the dream was at it', async () => {
    const before_finish = () => desk.write(SHIP, 'Mine.\n')
    const { changes, dream } = await nightWith(answering(reword), ['ship'], before_finish)
    expect(changes.filter((it) => it.path === SHIP)).toEqual([])
    expect((await desk.standing())[SHIP]).toBe('Mine.\n')
    expect(dream.notes).toContainEqual(
      'One operation that the model advised was refused: 1 named something that has changed.',
    )
  })

  test('says what it refused, by reason, and proposes the rest', async () => {
    const { changes, dream } = await nightWith(
      answering((it) => [
        ...reword(it),
        { operation: 'merge', ids: [lesson(it, SHIP), lesson(it, PACK)], text: 'Look first.', says: [] },
        { operation: 'add', ids: ['p9', 'p8'], text: 'Look first.', says: [] },
        { operation: 'add', ids: ['nobody', lesson(it, SHIP)], text: 'Look first.', says: [] },
      ]),
      ['ship'],
    )
    expect(dream.notes).toContainEqual(
      '3 operations that the model advised were refused: 2 named something that it was not given; 1 took lessons about different things for one.',
    )
    expect(changes.map((it) => it.path)).toEqual([SHIP])
    expect(changes[0]!.after).toContain(BETTER)
  })

  test('forgets an insight with the sessions that a lesson of it rests on', async () => {
    const insight = answering((it) => [
      { operation: 'add', ids: [lesson(it, SHIP), lesson(it, PACK)], text: 'Look before you act.', says: [] },
    ])
    const { changes } = await nightWith(insight, ['ship'])
    await desk.live(changes.filter((it) => it.path === INSIGHT))
    expect((await desk.standing())[INSIGHT]).toContain('Rests on: Call `get_pack` before `pack`.')

    const { data } = await desk.engine.sessions({ limit: 1_000 })
    const session_ids = data.map((it) => it.external_session_id).filter((it) => it.includes('-pack-'))
    await desk.engine.erase({ session_ids }, { as: ANA, dry_run: false })
    expect(Object.keys(await desk.standing())).toEqual([SHIP])
  })

  test.each<{ name: string; kind: ModelError['kind']; tries: number; note: RegExp }>([
    { name: 'is not there', kind: 'unavailable', tries: 1, note: /it was not reached \(a word\)/ },
    {
      name: 'does not take the question',
      kind: 'refused',
      tries: 1,
      note: /does not take the question \(a word\)/,
    },
    { name: 'answers nothing of use, twice', kind: 'unusable', tries: 2, note: /of no use \(a word\)/ },
    { name: 'is asked no more', kind: 'stopped', tries: 1, note: /on the memories: words\./ },
  ])('proposes what counts alone do where it $name', async ({ kind, tries, note }) => {
    let asked = 0
    const { changes, dream } = await nightWith(
      modelAt(() => {
        asked++
        throw new ModelError(kind, 'a word', 'words')
      }),
      ['ship'],
    )
    expect(asked).toBe(tries)
    expect(dream).toMatchObject({ status: 'completed', result: 'changed' })
    expect(dream.notes).toContainEqual(expect.stringMatching(note))
    expect(changes.map((it) => it.path)).toEqual([SHIP])
    expect(changes[0]!.after).toContain('\n---\nCall `get_ship` before `ship`.\n')
  })

  test('asks about the memory where something would change in it, or people wrote in it', async () => {
    let asked = 0
    const counting = modelAt((question) => {
      asked += Number(question.prompt.includes('Deploy on Mondays.'))
      return { operations: [] }
    })
    const spared = modelAt(() => {
      throw new Error('there is nothing to ask about')
    })
    await nightWith(spared, ['other'], undefined, '', 2)
    await desk.write('/notes/deploy.md', 'Deploy on Mondays.\n')
    await nightWith(counting, ['other'], undefined, '', 2)
    expect(asked).toBe(1)
    await nightWith(spared, ['other'], undefined, '', 2)
  })

  test('that has nothing new asks nothing', async () => {
    let asked = 0
    const { dream } = await nightWith(
      modelAt(() => {
        asked++
        return { operations: [] }
      }),
      [],
    )
    expect([asked, dream.result]).toEqual([0, 'nothing_new'])
  })

  test('tells it what somebody asked for in words, and says so', async () => {
    let prompt = ''
    const at_hand = modelAt((question) => {
      prompt = question.prompt
      return { operations: [] }
    })
    const { dream } = await nightWith(at_hand, ['ship'], undefined, 'Write for beginners.')
    expect(prompt).toContain('In their words: Write for beginners')
    expect(dream.notes).toContainEqual('An instruction was left to the model: “Write for beginners”.')
  })
})

describe('a memory that tells two lessons', () => {
  beforeEach(async () => {
    const lessons = await readPatterns(db, (await findMemoryStore(db, 'desk'))!.id)
    const [ship, pack] = [SHIP, PACK].map((path) => lessons.find((it) => path.includes(it.name))!)
    const remarks = { marks: [], also: [], merged: [pack!], wording: 'Look before you act.' }
    await desk.write(SHIP, memoryFile(ship!, '2026-11-09', remarks), 'dream:drm_1')
  })

  test('takes the place of the other one, once that is let live', async () => {
    const [fold] = await desk.night()
    expect(fold).toMatchObject({ kind: 'merge', path: PACK, after: null, verdict: 'hold' })
    await desk.live([fold!])
    expect(Object.keys(await desk.standing())).toEqual([SHIP])
    expect(await desk.night()).toEqual([])
  })

  test('teaches both, so a session that was given it is evidence for neither', async () => {
    const { memories } = await desk.engine.recall({ agent: 'desk', session: 'new' }, ANA)
    expect(memories.map((it) => [it.path, it.pattern_ids.length])).toContainEqual([SHIP, 2])
  })

  test('goes with both, where a person takes it away', async () => {
    await desk.live(await desk.night())
    await desk.engine.removeMemory('desk', SHIP, { as: ANA, reason: 'of no use' })
    expect(await desk.night(['ship', 'pack'], 10)).toEqual([])
  })
})

type Said = { operation: string; ids: string[]; text: string; says: string[] }

function reword(question: Question<unknown>): Said[] {
  return [{ operation: 'reword', ids: [lesson(question, SHIP)], text: BETTER, says: [] }]
}

/** The id that a lesson is shown under. */
function lesson({ prompt }: Question<unknown>, path: string): string {
  return new RegExp(`id="([^"]+)" lesson, at ${path}>`).exec(prompt)![1]!
}

function answering(advice: (question: Question<unknown>) => Said[]): ModelAtHand {
  return modelAt((question) => ({ operations: advice(question) }))
}

/** A model that claims nothing of any session, and gives this advice. */
function modelAt(advise: (question: Question<unknown>) => unknown): ModelAtHand {
  return {
    model: {
      name: 'desk/scripted',
      provider: 'desk',
      model: 'scripted',
      width: 4,
      ask: async (question) => {
        const value = question.stage === 'consolidate' ? advise(question) : { claims: [] }
        return { value: question.schema.parse(value), usage: NO_USAGE, from: 'provider' }
      },
    },
    may_wait_ms: 0,
    meter: {
      plan: () => {},
      stopped: () => null,
      stop: () => {},
      spending: () => ({
        model: 'desk/scripted',
        planned: { calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: null },
        budget: NO_LIMIT,
        uses: [],
        stopped: null,
      }),
    },
  }
}

/** A dream over such sessions with that model; `before_finish` happens when all is worked out and nothing is written yet. */
async function nightWith(
  model: ModelAtHand,
  calls: string[],
  before_finish: () => Promise<void> = async () => {},
  instructions = '',
  sessions?: number,
): Promise<DreamReport> {
  if (calls.length > 0) await desk.engine.ingest([desk.sessionFile(calls, sessions)])
  const memory_store = (await findMemoryStore(db, 'desk'))!
  let stage = ''
  const world: World = {
    now: desk.now,
    worker: 'a test',
    is_alive: () => false,
    progress: (at) => {
      stage = at
    },
    witness: {
      stays: async () => {
        if (stage === 'finish') await before_finish()
      },
      plans: async () => {},
      reads: async () => {},
      checks: async () => {},
      ends: async () => [],
    },
    model,
  }
  const steering = readInstructions(instructions)
  return dream(db, { ...AS_USUAL, memory_store, steering }, world)
}

function whyIn(content: string): string {
  return /^Why: .*$/m.exec(content)![0]
}
