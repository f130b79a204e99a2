/**
 * The closed loop: an agent that dreams and one that does not, in the same world, night after night.
 *
 * By day both get the same tasks. The treatment agent is given what the engine recalls for each session, and reads it; the control agent
 * is given nothing. In the evening the sessions of both are ingested, and at night the treatment agent's memory store dreams. The
 * engine is a real one with a database on disk and a clock that the simulation sets; nobody decides on anything by hand, so what
 * goes live is what the policy lets through.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, openEngine, StoredMemory } from '../../src/engine.ts'
import { type Random, seeded } from '../compliance-desk/random.ts'
import { playSession } from './agent.ts'
import { POLICY } from './policy.ts'
import type { World } from './world.ts'

export type Plan = {
  world: World
  nights: number
  /** Sessions a night and agent. */
  sessions: number
  seed: number
  arms: readonly Arm[]
  /** Where the database and the transcripts are written. */
  folder: string
}

export const ARMS = ['treatment', 'control'] as const
export type Arm = (typeof ARMS)[number]

export type Night = { night: number } & Record<Arm, { sessions: number; completed: number }>

export type Taught = {
  /** Since this night sessions could be given it. */
  since: number
  path: string
  text: string
  status: string
}

/** What was live until that night. */
export type Withdrawn = Taught & {
  night: number
  /** What the same lesson says now, where it only has other words. */
  became: string | null
  /** What the lesson is since; null where nobody knows it any more. */
  now: string | null
  /** What the sessions with it and without it say, where it is retired for that. */
  says: string | null
}

export type Simulation = {
  world: string
  about: string
  seed: number
  sessions_a_night: number
  /** The first day and the last one, `YYYY-MM-DD`. */
  from: string
  to: string
  /** Completed is what was really done right, whether anybody verified it or not. */
  nights: Night[]
  lift: Interval | null
  /** Completion of treatment over that of control, by all sessions and by those of the last ten nights; null where nobody completed anything. */
  ratio: number | null
  ratio_at_the_end: number | null
  lessons_live: Taught[]
  withdrawn: Withdrawn[]
  /** The most there was on any night: memories but for the index, their bytes, and those that say that another one contradicts them. */
  memory: { memories: number; bytes: number; contradictions: number }
  /** What went live, or was given to a session, and must not in this world. */
  forbidden: { night: number; text: string }[]
}

/** Treatment minus control in the share of completed sessions, with an interval of 95 % that may be looked at every night. */
export type Interval = { estimate: number; low: number; high: number }

/** The database in the folder of a plan. */
export const DATABASE = 'simulation.db'

/** `told` hears of every night that is over. */
export async function simulate(
  open: typeof openEngine,
  plan: Plan,
  told: (night: Night) => void = () => {},
): Promise<Simulation> {
  mkdirSync(join(plan.folder, 'sessions'), { recursive: true })
  const clock = { at: DAY_ONE }
  const engine = open({ database: join(plan.folder, DATABASE), now: () => new Date(clock.at) })
  try {
    return await closeTheLoop(engine, clock, plan, told)
  } finally {
    await engine.close()
  }
}

/** A Monday, long enough ago that nothing is in the future. */
const DAY_ONE = Date.parse('2025-01-06T00:00:00Z')
const HOUR = 3_600_000

/** What the engine takes for the time, in milliseconds. */
type Clock = { at: number }

async function closeTheLoop(
  engine: Engine,
  clock: Clock,
  plan: Plan,
  told: (night: Night) => void,
): Promise<Simulation> {
  const { world, seed, nights, arms } = plan
  await engine.setPolicy({ file: 'simulation.yaml', text: POLICY }, AS)
  const watch = lessonsWatched(engine, world)
  const done: Night[] = []
  for (let night = 1; night <= nights; night++) {
    const files: string[] = []
    const counts: Night = { night, treatment: NONE, control: NONE }
    for (const arm of arms) {
      const played = await playDay(engine, clock, plan, night, arm, watch.sees)
      counts[arm] = { sessions: played.length, completed: played.filter((it) => it.is_right).length }
      const file = join(plan.folder, 'sessions', `night-${String(night).padStart(3, '0')}-${arm}.jsonl`)
      writeFileSync(file, played.map((it) => `${JSON.stringify(it.line)}\n`).join(''))
      files.push(file)
    }
    clock.at = hoursOn(night, 20)
    await engine.ingest(files)
    clock.at = hoursOn(night, 22)
    if (arms.includes('treatment')) await engine.dream({ agent: agentOf(world, 'treatment') })
    if (night === 1 && arms.length === 2) await compare(engine, world)
    if (arms.includes('treatment')) await watch.look(night)
    done.push(counts)
    told(counts)
  }
  return {
    ...{ world: world.name, about: world.about, seed, sessions_a_night: plan.sessions },
    ...{ from: dayOf(1), to: dayOf(nights) },
    nights: done,
    lift: arms.length === 2 ? await liftOf(engine, world) : null,
    ratio: ratioOf(done),
    ratio_at_the_end: ratioOf(done.slice(-10)),
    ...watch.result(),
  }
}

function dayOf(night: number): string {
  return new Date(hoursOn(night, 0)).toISOString().slice(0, 10)
}

const AS = 'user:simulation'
const NONE = { sessions: 0, completed: 0 }

export function agentOf(world: World, arm: Arm): string {
  return arm === 'treatment' ? world.name : `${world.name}-control`
}

function hoursOn(night: number, hours: number): number {
  return DAY_ONE + (night - 1) * 24 * HOUR + hours * HOUR
}

/** Both agents get the same tasks; who is asked about, what is in the files and all luck are each one's own. */
async function playDay(
  engine: Engine,
  clock: Clock,
  { world, sessions, seed }: Plan,
  night: number,
  arm: Arm,
  sees: (night: number, text: string) => void,
) {
  const tasks = tasksOf(world, sessions, seeded(seed * 7919 + night * 31))
  const random = seeded(seed * 104_729 + night * 127 + (arm === 'control' ? 1 : 0))
  const played = []
  for (const [at, task] of tasks.entries()) {
    const work = world.work(task, { night, random })
    clock.at = Math.floor(hoursOn(night, 8 + (10 * at) / sessions))
    const started_at = new Date(clock.at)
    const id = `${world.name}-${arm}-${night}-${at + 1}`
    const asked = { agent: agentOf(world, arm), session: id, task, query: work.request, person: work.person }
    // Before its first dream nobody has heard of an agent.
    const memory = arm === 'control' || night === 1 ? '' : (await engine.recall(asked, AS)).text
    sees(night, memory)
    played.push(
      playSession(world, work, { id, agent: agentOf(world, arm), night, started_at, memory }, random),
    )
  }
  return played
}

/** Every task about as often as the others, in any order. */
function tasksOf({ tasks }: World, sessions: number, random: Random): string[] {
  const rounds = Math.ceil(sessions / tasks.length)
  return Array.from({ length: rounds }, () => random.shuffle(tasks))
    .flat()
    .slice(0, sessions)
}

async function compare(engine: Engine, world: World): Promise<void> {
  await engine.startExperiment(
    { agent: agentOf(world, 'treatment'), control_agent: agentOf(world, 'control') },
    AS,
  )
}

/** As the engine measures it; null where it says there is too little to tell. */
async function liftOf(engine: Engine, world: World): Promise<Interval | null> {
  const { data } = await engine.lifts({ store: agentOf(world, 'treatment'), kind: 'agent' })
  const { estimate, low, high } = data[0]?.lifts.find((it) => it.metric === 'completion') ?? NOTHING
  return estimate === null || low === null || high === null ? null : { estimate, low, high }
}

const NOTHING = { estimate: null, low: null, high: null }

function ratioOf(nights: Night[]): number | null {
  const [treatment, control] = ARMS.map((arm) => {
    const sessions = nights.reduce((sum, it) => sum + it[arm].sessions, 0)
    return nights.reduce((sum, it) => sum + it[arm].completed, 0) / sessions
  })
  return control! > 0 && Number.isFinite(treatment) ? treatment! / control! : null
}

/** Which lessons sessions can be given, looked at once a night; and whether one of them, or anything given, must not be there. */
function lessonsWatched(engine: Engine, world: World) {
  const store = agentOf(world, 'treatment')
  const live = new Map<string, Taught>()
  const withdrawn: Withdrawn[] = []
  const forbidden: Simulation['forbidden'] = []
  const memory: Simulation['memory'] = { memories: 0, bytes: 0, contradictions: 0 }
  const seen = new Set<string>()
  const sees = (night: number, text: string) => {
    if (text === '' || seen.has(text)) return
    seen.add(text)
    if (world.never.some((it) => it.test(text))) forbidden.push({ night, text })
  }
  return {
    sees,
    async look(night: number): Promise<void> {
      const { data: memories } = await engine.memories(store, { limit: 1_000 })
      const tonight = await lessonsLive(engine, store, memories)
      const now = sizeOf(memories)
      for (const it of ['memories', 'bytes', 'contradictions'] as const)
        memory[it] = Math.max(memory[it], now[it])
      for (const [key, it] of live)
        if (!tonight.has(key)) {
          const other = [...tonight].find(([other]) => patternOf(other) === patternOf(key))
          const stands = await standingOf(engine, store, patternOf(key))
          withdrawn.push({ ...it, night, became: other?.[1].text ?? null, ...stands })
          live.delete(key)
        }
      for (const [key, it] of tonight) {
        sees(night, it.text)
        live.set(key, { ...it, since: live.get(key)?.since ?? night })
      }
    },
    result: () => ({ lessons_live: [...live.values()], withdrawn, memory, forbidden }),
  }
}

function patternOf(key: string): string {
  return key.split(' ')[0]!
}

async function standingOf(
  engine: Engine,
  store: string,
  id: string,
): Promise<Pick<Withdrawn, 'now' | 'says'>> {
  const lessons = await engine.lessons({ store, limit: 1_000 })
  const now = lessons.data.find((it) => it.id === id)?.status ?? null
  if (now !== 'retired') return { now, says: null }
  const experiments = await engine.lifts({ store, kind: 'lesson', limit: 1_000 })
  return { now, says: experiments.data.find((it) => it.pattern_id === id)?.says ?? null }
}

/** By pattern and words. */
async function lessonsLive(
  engine: Engine,
  store: string,
  memories: StoredMemory[],
): Promise<Map<string, Omit<Taught, 'since'>>> {
  const lessons = await engine.lessons({ store, limit: 1_000 })
  const told = new Map(lessons.data.filter((it) => TOLD.has(it.status)).map((it) => [it.id, it]))
  return new Map(
    memories.flatMap(({ path, content }) => {
      const pattern = /^pattern: (\S+)$/m.exec(content)?.[1] ?? ''
      const lesson = told.get(pattern)
      if (lesson === undefined || /^status: (?:stale|dormant|disputed|retired)$/m.test(content)) return []
      const { text, status } = lesson
      return content.includes(text) ? [[`${pattern} ${text}`, { path, text, status }]] : []
    }),
  )
}

function sizeOf(memories: StoredMemory[]): Simulation['memory'] {
  const own = memories.filter((it) => it.path !== '/_index.md')
  return {
    memories: own.length,
    bytes: own.reduce((sum, it) => sum + Buffer.byteLength(it.content), 0),
    contradictions: own.filter((it) => /^Conflict: /m.test(it.content)).length,
  }
}

const TOLD = new Set(['probation', 'confirmed'])
