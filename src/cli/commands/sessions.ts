import type { Page, PageRequest } from '../../domain/page.ts'
import type { SessionRow } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { type OneSession, showOneSession, showSessions } from '../show/session.ts'

export async function listSessions(
  call: Call,
  options: PageRequest & { agent?: string },
): Promise<Answer<Page<SessionRow>>> {
  const engine = await call.open()
  // What was put in over the wire is listed as what a dream would read.
  await engine.settle()
  return { data: await engine.sessions(options), show: showSessions }
}

export async function showSession(call: Call, id: string): Promise<Answer<OneSession>> {
  const engine = await call.open()
  const { row, session, transcript_removed_at, recalls } = await engine.session(id)
  const { outcome = null, usage = null, events = [] } = session ?? {}
  const data = { session: { ...row, outcome, usage }, events, transcript_removed_at, recalls }
  return { data, show: showOneSession }
}
