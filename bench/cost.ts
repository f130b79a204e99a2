/**
 * What does it cost to learn from a hundred sessions with a language model, here and elsewhere?
 *
 *     npm run bench:cost [-- --sessions 100 --ms 100 --width 1,8 --one-in 4 --only NAME,NAME --json --strict]
 *
 * The same recorded sessions go through a dream with a model, through `add` of mem0, and through the ACE playbook of ax: first all,
 * then all again with nothing new, then all with one in a hundred more. All ask the same scripted server on this machine, over the
 * protocol of OpenAI, so what is counted is what each of them sends; answers take a set time. What a real model would
 * make of the questions is not measured here.
 *
 * mem0 and ax are installed into bench/cost when they are missing, and are no part of the project. With `--strict` the exit code is 1
 * when a bar is not met.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ax, ax_as_it_cuts } from './cost/ax.ts'
import type { Contender, Session } from './cost/contender.ts'
import { measured, type Row } from './cost/measured.ts'
import { mem0, mem0_of_words } from './cost/mem0.ts'
import { reverie } from './cost/reverie.ts'

const RECORDED = join(
  process.env.REVERIE_DATA ?? join(import.meta.dirname, '../../shared/data'),
  'tau2-retail-gpt4o.jsonl',
)
const CONTENDERS = [reverie, mem0, mem0_of_words, ax, ax_as_it_cuts]

const COLUMNS: [heading: string, cell: (row: Row) => string][] = [
  ['', (it) => it.contender],
  ['at once', (it) => String(it.width)],
  ['run', (it) => it.run],
  ['calls', (it) => counted(it.calls)],
  ['prompt tokens', (it) => counted(it.prompt_tokens)],
  ['of them cached', (it) => counted(it.of_them_cached)],
  ['answer tokens', (it) => counted(it.answer_tokens)],
  ['embeddings', (it) => counted(it.embedding_calls)],
  ['their tokens', (it) => counted(it.embedding_tokens)],
  ['seconds', (it) => it.seconds.toFixed(1)],
  ['keeps', (it) => it.keeps],
]

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100' },
    ms: { type: 'string', default: '100' },
    width: { type: 'string', default: '1,8' },
    'one-in': { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
})
const SESSIONS = Number(values.sessions)
const MS = Number(values.ms)
const ONE_IN = Number(values['one-in'])
const MORE = Math.max(1, Math.round(SESSIONS / 100))

if (existsSync(RECORDED)) await main()
else console.log(`Skipped: ${RECORDED} is not there; REVERIE_DATA names the folder of the recordings.`)

async function main(): Promise<void> {
  install()
  const only = values.only.split(',').filter(Boolean)
  const chosen = CONTENDERS.filter((it) => only.length === 0 || only.includes(it.name))
  const all = recorded()
  const rows: Row[] = []
  for (const width of values.width.split(',').map(Number))
    for (const contender of chosen) {
      rows.push(...(await measured(contender, { all, more: MORE, width, ms: MS, one_in: ONE_IN })))
      process.stderr.write(`${contender.name}, ${width} at a time: done\n`)
    }
  const bars = barsOf(rows)
  if (values.json)
    console.log(JSON.stringify({ sessions: SESSIONS, ms: MS, one_in: ONE_IN, rows, bars }, null, 2))
  else console.log(shown(rows, chosen, bars))
  if (values.strict && bars.some((it) => !it.is_met)) process.exitCode = 1
}

function recorded(): Session[] {
  const lines = readFileSync(RECORDED, 'utf8').split('\n').filter(Boolean)
  return lines.slice(0, SESSIONS + MORE).map((it) => JSON.parse(it) as Session)
}

/** None where Reverie was not measured. */
function barsOf(rows: Row[]): { says: string; is_met: boolean }[] {
  const ours = rows.filter((it) => it.contender === reverie.name)
  if (ours.length === 0) return []
  const theirs = rows.filter((it) => it.contender !== reverie.name)
  return [
    ...theirs
      .filter((it) => it.run === 'first')
      .map(({ contender, width, prompt_tokens }) => ({
        says: `fewer prompt tokens than ${contender}, ${width} at a time`,
        is_met: ours.some(
          (it) => it.run === 'first' && it.width === width && it.prompt_tokens < prompt_tokens,
        ),
      })),
    ...ours
      .filter((it) => it.run === 'again')
      .map(({ width, calls }) => ({ says: `nothing asked again, ${width} at a time`, is_met: calls === 0 })),
  ]
}

function shown(rows: Row[], contenders: Contender[], bars: { says: string; is_met: boolean }[]): string {
  const cells = [
    COLUMNS.map(([heading]) => heading),
    ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row))),
  ]
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((it) => it[i]!.length)))
  const is_number = (i: number) => i > 2 && i < COLUMNS.length - 1
  const lines = cells.map((row) =>
    row
      .map((it, i) => (is_number(i) ? it.padStart(widths[i]!) : it.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  return [
    `${SESSIONS} sessions of tau2-retail-gpt4o; first, again with nothing new, and with ${MORE} more. An answer takes ${MS} ms, an embedding none.`,
    `The scripted model finds something to learn in one session of ${ONE_IN}.`,
    'A token is four characters. What is cached began as an earlier question did, with 1,024 tokens or more; it is among the prompt tokens.',
    ...['', ...lines, ''],
    ...contenders.map((it) => `${it.name}: ${it.says}.`),
    ...['', ...bars.map((it) => `${it.is_met ? 'met    ' : 'NOT MET'}  ${it.says}`)],
  ].join('\n')
}

function counted(n: number): string {
  return n.toLocaleString('en')
}

/** Without scripts of packages: nothing is compiled, and nothing is written elsewhere. */
function install(): void {
  const folder = join(import.meta.dirname, 'cost')
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return
  process.stderr.write('installing mem0 and ax into bench/cost (npm ci)\n')
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    },
  )
  if (status !== 0) throw new Error('npm could not install what is compared with', { cause: error })
}
