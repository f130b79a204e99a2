/** Progress on one line of the terminal that rewrites itself. Where stderr is no terminal, nothing is written. */

import type { Stage } from '../engine.ts'
import { cut } from './layout.ts'
import { size } from './number-words.ts'
import { printable } from './printable.ts'

export type Progress = {
  ingest: (done_bytes: number, total_bytes: number) => void
  dream: (agent: string, stage: Stage, done: number, total: number) => void
  nights: (done: number, total: number) => void
  /** Takes the line away. */
  end: () => void
}

const BAR = 16
const AGENT = 24
const REDRAW_MS = 50

const stages: Record<Stage, string> = {
  plan: 'looking for new sessions',
  review: 'reading sessions',
  read: 'asking the model about them',
  mine: 'counting what recurs',
  measure: 'measuring what helped',
  consolidate: 'comparing with the memory',
  finish: 'storing',
}

export function progressOn(
  stream: NodeJS.WriteStream,
  now: () => number = () => performance.now(),
): Progress {
  if (!stream.isTTY) return { ingest: () => {}, dream: () => {}, nights: () => {}, end: () => {} }
  let drawn_at = Number.NEGATIVE_INFINITY
  let label = ''

  /** What is new to say is drawn at once, a mere number only now and then. */
  const draw = (what: string, done: number, total: number, numbers: string) => {
    if (what === label && done < total && now() - drawn_at < REDRAW_MS) return
    label = what
    drawn_at = now()
    const filled = total === 0 ? 0 : Math.floor((BAR * done) / total)
    const bar = total === 0 ? '' : ` ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${numbers}`
    stream.write(`\r\x1b[2K${cut(what + bar, (stream.columns || 80) - 1)}`)
  }

  return {
    ingest: (done, total) => draw('Reading transcripts', done, total, `${size(done)} of ${size(total)}`),
    dream: (agent, stage, done, total) =>
      draw(`${cut(printable(agent), AGENT)}: ${stages[stage]}`, done, total, `${done} of ${total}`),
    nights: (done, total) => draw('Simulating nights', done, total, `${done} of ${total}`),
    end: () => {
      if (label !== '') stream.write('\r\x1b[2K')
      label = ''
    },
  }
}
