/** The sample workload, in which it is known what is true: what the whole pipeline finds of it, and what it falls for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { planted, traps } from '../../examples/compliance-desk/planted.ts'
import { openEngine } from '../../src/engine.ts'
import type { Section } from './section.ts'

const MAX_SEEDS = 10

/** The night after the last session of the workload. */
const NIGHT = '2026-11-07T03:00:00Z'

export async function sample(seeds: number): Promise<Section> {
  const runs = Math.min(seeds, MAX_SEEDS)
  const found = planted.map(() => 0)
  const fallen = traps.map(() => 0)
  const watched = traps.map(() => 0)
  let told = 0
  for (let seed = 1; seed <= runs; seed++) {
    const patterns = await dreamOver(seed)
    const lessons = patterns.filter((it) => it.status !== 'candidate')
    told += lessons.length
    for (const [i, { channel, matches }] of planted.entries())
      if (lessons.some((it) => it.channel === channel && matches(it.text))) found[i]!++
    for (const [i, { matches }] of traps.entries()) {
      if (lessons.some((it) => matches(it.text))) fallen[i]!++
      else if (patterns.some((it) => matches(it.text))) watched[i]!++
    }
  }
  return {
    name: 'sample',
    about: [
      `examples/compliance-desk, ${runs} seeds of about 400 sessions, ingested and dreamed over by the engine: in how many of the dreams each planted`,
      `lesson was told in its own channel, and each trap was fallen for, or only watched as a candidate, which is told to no agent. ${(told / runs).toFixed(1)} lessons a dream in all.`,
    ].join(' '),
    rows: [
      ...planted.map(({ name, channel }, i) => ({
        what: 'planted',
        channel,
        name,
        dreams: `${found[i]} of ${runs}`,
      })),
      ...traps.map(({ name }, i) => ({
        what: 'trap',
        channel: '',
        name,
        dreams: `${fallen[i]} of ${runs}`,
        watched: watched[i]!,
      })),
    ],
    bars: [
      {
        name: 'planted lessons found, of the worst of them',
        value: Math.min(...found) / runs,
        limit: 1,
        is: 'at least',
      },
      {
        name: 'traps fallen for, all dreams',
        value: fallen.reduce((sum, it) => sum + it, 0),
        limit: 0,
        is: 'at most',
      },
    ],
    skipped: null,
  }
}

async function dreamOver(seed: number) {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-desk-'))
  const engine = openEngine({ database: ':memory:', now: () => new Date(NIGHT) })
  try {
    generateComplianceDesk(folder, { seed })
    await engine.ingest([folder])
    const [report] = await engine.dream()
    return report!.patterns
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true })
  }
}
