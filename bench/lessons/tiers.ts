/** Lessons: how many of each tier and status one dream over each recording gives. */
import { openEngine } from '../../src/engine.ts'
import { readRecordings, recordedFiles } from './recorded.ts'
import { recordings, type Section, skipped } from './section.ts'

/** After the last session of any recording. */
const NIGHT = '2026-11-07T03:00:00Z'

export async function lessons(): Promise<Section> {
  const folder = recordings()
  if (folder === null) return skipped('lessons', 'the data folder is missing')
  const rows: Section['rows'] = []
  for (const path of await recordedFiles(folder)) rows.push(...(await dreamOver(path)))
  return {
    name: 'lessons',
    about: [
      'One dream of the real pipeline over each recording, one agent at a time: sessions, those that are copies of others (found by content and not counted',
      'again; "begun" go on from where another ended), verified outcomes, and how many patterns it gave by tier and status. No bar: it depends on what is there to be learned.',
    ].join(' '),
    rows,
    bars: [],
    skipped: null,
  }
}

async function dreamOver(path: string): Promise<Section['rows']> {
  const recorded = await readRecordings(path)
  const engine = openEngine({ database: ':memory:', now: () => new Date(NIGHT) })
  try {
    await engine.ingest([path])
    const reports = await engine.dream()
    return reports.map(({ dream, patterns }, i) => {
      const { name, copies, sessions } = recorded.find((it) => it.agent === dream.agent)!
      const count = Map.groupBy(patterns, (it) => `${it.tier} ${it.status}`)
      const told = [...count].map(([kind, { length }]) => `${length} ${kind}`).sort()
      return {
        recording: name,
        sessions: dream.sessions_read,
        copies: i === 0 ? copies.whole : '',
        begun: copies.begun,
        judged: sessions.filter((it) => it.observations.some(({ channel }) => channel === 'session')).length,
        lessons: told.join(', ') || 'none',
        alerts: dream.alerts.length,
      }
    })
  } finally {
    await engine.close()
  }
}
