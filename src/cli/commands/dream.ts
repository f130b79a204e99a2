import type { Dream } from '../../domain/dream.ts'
import { EngineError } from '../../domain/error.ts'
import type { DreamOptions, Engine, PlannedDream } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import type { Progress } from '../progress.ts'
import type { Screen } from '../screen.ts'
import { type DreamAnswer, type Dreamed, showDreamed } from '../show/dream.ts'
import { showCostOfFailed, showPlanned } from '../show/spending.ts'

type Options = Omit<DreamOptions, 'dry_run' | 'at_night'> & { dryRun?: true; atNight?: true }

/** One dream, or one for each agent; a dream that fails does not keep the others from theirs. */
export async function dream(
  call: Call,
  { dryRun, atNight, ...which }: Options,
): Promise<Answer<DreamAnswer>> {
  const engine = await call.open()
  const how = { ...which, dry_run: dryRun === true, at_night: atNight === true }
  // A dry run says it at its end.
  const tell: Tell = {
    planned: (it) => how.dry_run || call.say(it, (planned, screen) => showPlanned(planned, screen, how)),
    failed: (it) => how.dry_run || call.say(it, showCostOfFailed),
  }
  const is_one = how.agent !== undefined || how.store !== undefined
  const { dreams, failed } = is_one
    ? await dreamOne(engine, how, call.progress, tell)
    : await dreamOfEach(engine, how, call.progress, tell)
  const data = {
    dream: dreams.at(-1)?.dream ?? null,
    changes: dreams.flatMap((it) => it.changes),
    dreams,
    failed,
    dry_run: how.dry_run,
  }
  const show = (shown: DreamAnswer, screen: Screen) => showDreamed(shown, screen, how.replay)
  return { data, show, exit_code: failed.length > 0 ? 1 : 0 }
}

/** What is said while dreams go on. */
export type Tell = { planned: (planned: PlannedDream) => void; failed: (dream: Dream) => void }

async function dreamOne(engine: Engine, how: DreamOptions, progress: Progress, tell: Tell): Promise<Dreamed> {
  try {
    const reports = await engine.dream(
      how,
      (stage, done, total) => progress.dream(how.agent ?? how.store!, stage, done, total),
      tell.planned,
    )
    return { dreams: reports.map(({ dream, changes }) => ({ dream, changes })), failed: [] }
  } catch (error) {
    if (!(error instanceof EngineError) || error.type !== 'model_error') throw error
    // What it has cost is told although it failed.
    const [last] = (await engine.dreams({ limit: 1 })).data
    if (last?.error?.message === error.message) tell.failed(last)
    throw error
  }
}

export async function dreamOfEach(
  engine: Engine,
  how: DreamOptions,
  progress: Progress,
  tell: Tell,
): Promise<Dreamed> {
  const all: Dreamed = { dreams: [], failed: [] }
  // An agent may be known by nothing but what was put in over the wire.
  await engine.settle()
  for (const { agent } of await engine.agents()) {
    try {
      all.dreams.push(...(await dreamOne(engine, { ...how, agent }, progress, tell)).dreams)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const { type, message, hint } = error
      all.failed.push({ agent, error: { type, message, hint } })
    }
  }
  return all
}
