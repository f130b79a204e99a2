import { EngineError } from '../../domain/error.ts'
import type { Engine, ErasureReport, RetentionReport } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { personAt } from '../person.ts'
import { type Finished, showErasure, showFinished, showRetention } from '../show/erase.ts'

type Options = {
  session?: string[]
  user?: string
  before?: string
  agent?: string
  dryRun?: true
  yes?: true
  reason?: string
  as?: string
  finish?: true
}

/** Fails when bytes of what was erased are still in the files. */
export async function erase(call: Call, options: Options): Promise<Answer<ErasureReport | Finished>> {
  if (options.finish) return finish(await call.open(), options)
  const which = whichOf(options)
  if ((options.dryRun ?? false) === (options.yes ?? false))
    throw new EngineError('invalid_request_error', 'erasing cannot be undone, so say which you want', {
      hint: 'give --dry-run to see what would go, or --yes to remove it',
    })
  const engine = await call.open()
  const { reason, dryRun: dry_run = false } = options
  const data = await engine.erase(which, { as: personAt(options.as), reason, dry_run })
  return { data, show: showErasure, exit_code: data.bytes_left && !dry_run ? 1 : 0 }
}

export async function runRetention(
  call: Call,
  { dryRun = false }: { dryRun?: boolean },
): Promise<Answer<RetentionReport>> {
  const engine = await call.open()
  const data = await engine.retain(dryRun)
  return { data, show: showRetention, exit_code: data.bytes_left && !dryRun ? 1 : 0 }
}

async function finish(engine: Engine, options: Options): Promise<Answer<Finished>> {
  if (options.session ?? options.user ?? options.before)
    throw new EngineError('invalid_request_error', '--finish only clears up after an earlier erase', {
      hint: 'give it alone',
    })
  const bytes_left = !(await engine.finishErasure())
  return { data: { bytes_left }, show: showFinished, exit_code: bytes_left ? 1 : 0 }
}

function whichOf({ session, user, before, agent }: Options): Parameters<Engine['erase']>[0] {
  const given = [session, user, before].filter((it) => it !== undefined)
  if (given.length !== 1)
    throw new EngineError('invalid_request_error', 'it takes one of --session, --user and --before', {
      hint: '`reverie erase --help` shows examples',
    })
  if (session !== undefined) {
    if (agent !== undefined)
      throw new EngineError('invalid_request_error', 'a session is named by its id alone', {
        hint: 'leave --agent out',
      })
    return { session_ids: session }
  }
  return user !== undefined ? { person: user, agent } : { before: before!, agent }
}
