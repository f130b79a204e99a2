import type {
  Behaviour,
  BehaviourDrift,
  Difference,
  Drift,
  MemoryDrift,
  MixDrift,
} from '../../domain/drift.ts'
import { table, wrap } from '../layout.ts'
import { count, grouped, size } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export type ShownDrift = Drift & { file: string | null }

export function showDrift({ file, ...drift }: ShownDrift, screen: Screen): string {
  const { columns, bold, bad, good } = screen
  const { title, verdict, alarms, sections } = reportOf(drift)
  const head = (drift.alarms.length > 0 ? bad : drift.notes.length > 0 ? String : good)(
    wrap(verdict, columns),
  )
  const parts = [
    `${bold(wrap(title, columns))}\n${head}`,
    ...alarms.map(({ what, to_do }) => `${wrap(`* ${what}`, columns)}\n${wrap(to_do, columns, '  ')}`),
    ...sections.map(({ heading, rows, lines }) =>
      [
        bold(heading),
        ...(rows.length === 0 ? [] : [table(rows, columns)]),
        ...lines.map((it) => wrap(it, columns)),
      ].join('\n'),
    ),
    ...(file === null ? [] : [`Written to ${file}.`]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The same as Markdown. */
export function driftText(drift: Drift): string {
  const { title, verdict, alarms, sections } = reportOf(drift)
  const parts = [
    `# ${title}`,
    verdict,
    ...(alarms.length === 0 ? [] : [alarms.map((it) => `- **${it.what}** ${it.to_do}`).join('\n')]),
    ...sections.flatMap(({ heading, rows, lines }) => [
      `## ${heading}`,
      ...(rows.length === 0 ? [] : [markdownTable(rows)]),
      ...(lines.length === 0 ? [] : [lines.map((it) => `- ${it}`).join('\n')]),
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}

function markdownTable(rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((it) => it.replaceAll('|', '\\|')).join(' | ')} |`
  const [head, ...body] = rows
  return [line(head!), line(head!.map(() => '---')), ...body.map(line)].join('\n')
}

type Section = { heading: string; rows: string[][]; lines: string[] }
type Report = {
  title: string
  verdict: string
  alarms: { what: string; to_do: string }[]
  sections: Section[]
}

function reportOf(drift: Drift): Report {
  const { agent, before, after, memory } = drift
  const days = (it: Drift['before']) => `${it.from} to ${it.to} (${count(it.sessions, 'session')})`
  return {
    title: `${agent}: ${days(before)} against ${days(after)}`,
    verdict: verdictOn(drift),
    alarms: drift.alarms.map(({ text, to_do }) => ({ what: text, to_do })),
    sections: [
      behaviourSection(drift),
      ...(memory === null ? [] : [memorySection(memory)]),
      ...(drift.notes.length === 0 ? [] : [{ heading: 'Not compared', rows: [], lines: drift.notes }]),
    ],
  }
}

function verdictOn({ alarms, behaviour, notes }: Drift): string {
  const surely = behaviour
    .filter(({ at_equal_work, difference }) => excludesZero(at_equal_work ?? difference))
    .map((it) => NAMES[it.behaviour])
  const moved = surely.length === 0 ? '' : ` More than luck moved: ${surely.join(', ')}.`
  if (alarms.length > 0)
    return `${count(alarms.length, 'alarm')}: thresholds of the policy were passed.${moved}`
  if (behaviour.every((it) => it.difference === null))
    return `Nothing can be said of behaviour: ${notes[0] ?? 'no session tells enough.'}`
  return `No alarm: no threshold of the policy was passed.${moved}`
}

function excludesZero(it: Difference | null): boolean {
  return it !== null && (it.low > 0 || it.high < 0)
}

// ---------------------------------------------------------------- behaviour

const NAMES: Record<Behaviour, string> = {
  completion: 'ended well',
  approved_but_wrong: 'approved but wrong',
  tool_errors: 'calls that failed',
  refusals: 'agent declined',
  escalation: 'handed to a person',
  duration_ms: 'seconds',
  tokens: 'tokens',
  tool_calls: 'calls',
  words: 'words to people',
}

const SHARES: ReadonlySet<Behaviour> = new Set([
  'completion',
  'approved_but_wrong',
  'tool_errors',
  'refusals',
  'escalation',
])

function behaviourSection({ behaviour, actions, intents, versions }: Drift): Section {
  const known = behaviour.filter((it) => it.before.sessions + it.after.sessions > 0)
  return {
    heading: 'What the agent does, a session',
    rows: [['', 'then', 'now', 'change', 'at the same work'], ...known.map(behaviourRow)],
    lines: [
      ...mixLines('Actions', 'of all calls', actions),
      ...mixLines('Work', 'of all sessions', intents),
      ...versionLines(versions),
    ],
  }
}

function behaviourRow({ behaviour, before, after, difference, at_equal_work }: BehaviourDrift): string[] {
  const value = (it: number | null) =>
    it === null
      ? '-'
      : SHARES.has(behaviour)
        ? `${Math.round(100 * it)} %`
        : amount(behaviour === 'duration_ms' ? it / 1_000 : it)
  const scale = SHARES.has(behaviour) ? 100 : behaviour === 'duration_ms' ? 0.001 : 1
  return [
    NAMES[behaviour],
    value(before.mean),
    value(after.mean),
    change(difference, scale),
    change(at_equal_work, scale),
  ]
}

function change(it: Difference | null, scale: number): string {
  if (it === null) return 'too few'
  const [estimate, low, high] = [it.estimate, it.low, it.high].map((value) => signed(value * scale))
  return `${estimate} (${low} to ${high})`
}

function signed(value: number): string {
  const text = amount(Math.abs(value))
  return /^0(?:\.0)?$/.test(text) ? '0' : `${value < 0 ? '-' : '+'}${text}`
}

function amount(value: number): string {
  return value >= 10 ? grouped(Math.round(value)) : value.toFixed(1)
}

function mixLines(what: string, of_all: string, mix: MixDrift): string[] {
  if (mix.divergence === null) return []
  const luck = mix.by_luck ?? 0
  const is_luck = mix.p !== null && mix.p > 0.05
  const moved = mix.moved
    .slice(0, 3)
    .map((it) => `${it.name} ${percent(it.before)} then, ${percent(it.after)} now`)
    .join('; ')
  const how = is_luck
    ? `${what}: the mix moved no more than by luck.`
    : `${what}: the mix moved by ${mix.divergence.toFixed(2)} bits, of which luck makes ${luck.toFixed(2)}. Most (${of_all}): ${moved}.`
  const named = (label: string, names: MixDrift['appeared']) =>
    names.length === 0
      ? []
      : [
          `${what} ${label}: ${names
            .slice(0, 5)
            .map((it) => `${it.name} (${count(it.sessions, 'session')})`)
            .join(', ')}${names.length > 5 ? `, and ${names.length - 5} more` : ''}.`,
        ]
  return [how, ...named('that is new', mix.appeared), ...named('that is gone', mix.vanished)]
}

function versionLines(versions: Drift['versions']): string[] {
  const changed = versions.filter((it) => it.before === 0 || it.after === 0)
  if (changed.length === 0) return []
  const told = versions
    .slice(0, 4)
    .map((it) => `${it.version ?? 'unknown'} ran ${it.before} sessions then, ${it.after} now`)
  return [`Agent version: ${told.join('; ')}.`]
}

// ---------------------------------------------------------------- memory

function memorySection({ store, before, after, a_week, writes, resurrected, seen }: MemoryDrift): Section {
  const row = (name: string, then: string, now: string) => [name, then, now]
  const counted = (name: string, then: number, now: number) => row(name, grouped(then), grouped(now))
  const weekly = (name: string, what: 'created' | 'modified' | 'refreshed' | 'deleted') =>
    row(name, amount(a_week.before[what]), amount(a_week.after[what]))
  const lessons = (Object.keys(before.lessons) as (keyof typeof before.lessons)[]).map((it) =>
    counted(`lessons ${STATUSES[it]}`, before.lessons[it], after.lessons[it]),
  )
  const rows = [
    ...lessons,
    counted('contradictions live', before.contradictions, after.contradictions),
    weekly('new a week', 'created'),
    weekly('reworded a week', 'modified'),
    weekly('newer counts a week', 'refreshed'),
    weekly('removed a week', 'deleted'),
    counted('recalls', seen.before.recalls, seen.after.recalls),
    counted('versions given', seen.before.versions, seen.after.versions),
    counted('sets of versions given', seen.before.sets, seen.after.sets),
  ]
  return {
    heading: `What the memory ${store} holds`,
    rows: [
      row('', 'then', 'now'),
      counted('memories', before.memories, after.memories),
      row('size', size(before.bytes), size(after.bytes)),
      counted('tokens of the index', before.index_tokens, after.index_tokens),
      counted('not from dreams', before.by_people, after.by_people),
      ...rows.filter(([, ...values]) => values.some((it) => Number.parseFloat(it) !== 0)),
    ],
    lines: [
      ...writes.map(
        ({ by, created, modified, refreshed, deleted }) =>
          `Written by ${writer(by)}: ${created} new, ${modified} reworded, ${refreshed} with newer counts, ${deleted} removed.`,
      ),
      ...resurrected.map(
        ({ path, cause, buried_at, live_since }) =>
          `${path} was ${CAUSES[cause]} on ${buried_at.slice(0, 10)} and is live again since ${live_since.slice(0, 10)}.`,
      ),
      ...(after.erased === 0
        ? []
        : [`Of ${count(after.erased, 'memory')} the text was erased; nothing more is known.`]),
    ],
  }
}

const STATUSES: Record<keyof MemoryDrift['before']['lessons'], string> = {
  probation: 'on probation',
  confirmed: 'confirmed',
  stale: 'stale',
  dormant: 'dormant',
  disputed: 'disputed',
  retired: 'retired',
}

const CAUSES = { rejected: 'rejected', undone: 'taken back', retired: 'taken out' }

function writer(by: string): string {
  if (by === 'dreams') return 'dreams'
  if (by.startsWith('policy:')) return 'the policy'
  return by.replace(/^user:/, '')
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}
