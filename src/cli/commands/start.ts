/**
 * Start: from nothing to lessons in one command.
 *
 * The sessions that are on this machine go into the user's database; where there are none, a sample workload goes
 * into a database of its own, so sample lessons never mix with the user's. Everything it writes is in the data folder.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Evidence } from '../../domain/evidence.ts'
import type { Engine, IngestChoice, IngestReport, Lesson } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { dataFolder } from '../data-folder.ts'
import { type RedactionOptions, redactionChoice } from '../redaction-choice.ts'
import { showCostOfFailed, showPlanned } from '../show/spending.ts'
import {
  type Folder,
  type LessonWithQuotes,
  type Started,
  showFound,
  showLearned,
  showRead,
  showSampleMade,
} from '../show/start.ts'
import { dreamOfEach, type Tell } from './dream.ts'

export async function start(call: Call, options: RedactionOptions): Promise<Answer<Started>> {
  const redaction = redactionChoice(options)
  const own = await call.open()
  const folders: Folder[] = own.sessionFolders(homedir(), process.env)
  call.say({ folders }, showFound)
  const read = await readFolders(call, own, folders, redaction)
  if (read.sessions_new + read.sessions_known > 0) return learn(call, own, folders, read, null)

  const sample = await import('../../../examples/compliance-desk/generate.ts')
  const folder = join(dataFolder(), 'sample')
  const database = `${folder}.db`
  const made = sample.generateComplianceDesk(folder)
  call.say({ ...made, folder, skipped: read.skipped }, showSampleMade)
  const engine = await call.open(database)
  return learn(
    call,
    engine,
    folders,
    await readFolders(call, engine, [{ path: folder }], redaction),
    database,
  )
}

function readFolders(
  call: Call,
  engine: Engine,
  folders: { path: string }[],
  redaction: IngestChoice,
): Promise<IngestReport> {
  return engine.ingest(
    folders.map((it) => it.path),
    redaction,
    call.progress.ingest,
  )
}

async function learn(
  call: Call,
  engine: Engine,
  folders: Folder[],
  read: IngestReport,
  sample_database: string | null,
): Promise<Answer<Started>> {
  call.say(read, showRead)
  // What is invented is worth nobody's money.
  const how = sample_database === null ? {} : { model: 'none' }
  const tell: Tell = {
    planned: (it) => call.say(it, showPlanned),
    failed: (it) => call.say(it, showCostOfFailed),
  }
  const dreamed = await dreamOfEach(engine, how, call.progress, tell)
  const all = await allLessons(engine)
  const by_agent = Map.groupBy(all, (it) => it.scope.agent)
  const lessons: LessonWithQuotes[] = []
  for (const it of bestOfEach([...by_agent.values()]))
    lessons.push({ ...it, evidence: firstDifferent((await engine.evidence(it.id)).data) })
  const data: Started = {
    is_sample: sample_database !== null,
    database: sample_database ?? call.database,
    folders,
    ingest: read,
    ...dreamed,
    waiting: await engine.waiting(),
    lessons,
    lessons_by_agent: Object.fromEntries([...by_agent].map(([agent, its]) => [agent, its.length])),
  }
  return { data, show: showLearned, exit_code: dreamed.failed.length > 0 ? 1 : 0 }
}

async function allLessons(engine: Engine): Promise<Lesson[]> {
  const all: Lesson[] = []
  for (let page: string | null | undefined; page !== null; ) {
    const { data, next_page } = await engine.lessons({ limit: 1_000, page })
    all.push(...data.filter((it) => it.status !== 'stale'))
    page = next_page
  }
  return all
}

const SHOWN = 10

/** The first of each agent, then the second of each, and so on until there are enough; together agent by agent. */
function bestOfEach(by_agent: Lesson[][]): Lesson[] {
  const ranked = by_agent
    .flatMap((its) => its.map((it, rank) => ({ it, rank })))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, SHOWN)
  return [...Map.groupBy(ranked, ({ it }) => it.scope.agent).values()].flat().map(({ it }) => it)
}

const QUOTES_SHOWN = 2

function firstDifferent(evidence: Evidence[]): Evidence[] {
  const by_quote = Map.groupBy(evidence, (it) => it.quote)
  return [...by_quote.values()].map((it) => it[0]!).slice(0, QUOTES_SHOWN)
}
