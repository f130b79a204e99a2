import type { ErasureReport, RetentionReport } from '../../engine.ts'
import { wrap } from '../layout.ts'
import { count, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export type Finished = { bytes_left: boolean }

export function showErasure(data: ErasureReport | Finished, screen: Screen): string {
  return 'stores' in data ? erasure(data, screen) : showFinished(data, screen)
}

function erasure(it: ErasureReport, screen: Screen): string {
  const recalls = count(it.recalls, 'recall')
  const head =
    it.sessions > 0
      ? `${it.dry_run ? 'Would erase' : 'Erased'} ${count(it.sessions, 'session')}, ${size(it.transcript_bytes)} of transcript${it.recalls === 0 ? '' : `, and ${recalls}`}.`
      : it.recalls > 0
        ? `${it.dry_run ? 'Would erase' : 'Erased'} ${recalls}; of the sessions they were for, none is stored.`
        : 'There is nothing to erase: no such session is stored.'
  const more = [
    ...(it.followers === 0 ? [] : [`${it.followers} of them are copies or subagents of those you named.`]),
    ...(it.kept_for_newer === 0
      ? []
      : [`${count(it.kept_for_newer, 'session')} as old stay, because newer ones go on from them.`]),
  ]
  return [
    screen.bold(head),
    ...more,
    ...it.stores.flatMap((store) => storeLines(store, it.dry_run)),
    ...leftLines(it, screen),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function storeLines(it: ErasureReport['stores'][number], dry_run: boolean): string[] {
  const lost = `${count(it.lessons, 'lesson')} ${it.lessons === 1 ? 'holds' : 'hold'} without them, ${it.lessons_lost} ${dry_run ? 'would not' : 'did not'}`
  return [
    `${it.store}: had dreamed of ${it.sessions} of them; ${lost}; ${count(it.texts_redacted, 'text')} of its history emptied.`,
    ...it.memories_removed.map((path) => `  ${dry_run ? 'would take out' : 'took out'} ${path}`),
    ...it.memories_rewritten.map(
      (path) => `  ${dry_run ? 'would rewrite' : 'rewrote'} ${path}, without their words`,
    ),
    ...it.people_repeat.map((path) => `  look at ${path}: a person wrote it, and it repeats words of theirs`),
  ]
}

export function showFinished({ bytes_left }: Finished, screen: Screen): string {
  return bytes_left
    ? `${leftLines({ bytes_left, dry_run: false }, screen).join('\n')}\n`
    : 'No byte of what was erased is in the files.\n'
}

function leftLines(
  { bytes_left, dry_run }: { bytes_left: boolean; dry_run: boolean },
  screen: Screen,
): string[] {
  if (!bytes_left) return []
  const why = dry_run
    ? 'Bytes of an earlier erase are still in the files.'
    : 'It is erased, but bytes of it are still in the files, because another process is reading them. Let it end, then run'
  return [screen.bad(wrap(why, screen.columns)), `  ${screen.command(['erase', '--finish'])}`]
}

export function showRetention(it: RetentionReport, screen: Screen): string {
  const transcripts =
    it.transcripts === 0
      ? 'No transcript is due to go.'
      : `${it.dry_run ? 'Would remove' : 'Removed'} ${count(it.transcripts, 'transcript')}, ${size(it.transcript_bytes)}; what was counted and learned stays.`
  const sessions = it.erased.sessions === 0 ? 'No session is due to go.\n' : erasure(it.erased, screen)
  const left = it.erased.sessions === 0 ? leftLines(it, screen) : []
  return `${sessions}${transcripts}\n${left.map((line) => `${line}\n`).join('')}`
}
