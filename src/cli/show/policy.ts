import type { Page } from '../../domain/page.ts'
import type { Policy } from '../../domain/policy.ts'
import type { PolicyError, PolicyInForce, PolicySetting, PolicyTrial, TriedChange } from '../../engine.ts'
import { table, wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export type CheckedPolicy = {
  file: string
  sha256: string
  policy: Policy | null
  errors: PolicyError[]
}

/** One error a line, as compilers write them, so that an editor finds the place. */
export function showCheck({ file, policy, errors }: CheckedPolicy, { bad, good, columns }: Screen): string {
  if (policy !== null)
    return `${good('good')}: ${wrap(`${file} can be put in force. ${inWords(policy)}`, columns).trim()}\n`
  const lines = errors.map(({ line, column, message, hint }) => {
    const advice = hint === null ? '' : `\n${wrap(hint, columns, '  ')}`
    return `${file}:${line}:${column}: ${message}${advice}\n`
  })
  return `${lines.join('')}${bad(count(errors.length, 'error'))}\n`
}

export type SetPolicy = PolicyInForce & { file: string; is_new: boolean }

export function showSetPolicy({ file, is_new, policy, sha256 }: SetPolicy, screen: Screen): string {
  if (!is_new) return `This policy is in force already, as ${sha256.slice(0, 12)}.\n`
  const says = `${file} is in force from now on, as ${sha256.slice(0, 12)}. ${inWords(policy)} What waits for a decision keeps its verdict.`
  return `${wrap(says, screen.columns)}\n`
}

export function showPolicyHistory({ data, next_page }: Page<PolicySetting>, screen: Screen): string {
  if (data.length === 0)
    return `${wrap('Nobody has set a policy: the default is in force, and nothing goes live without a decision.', screen.columns)}\n`
  const rows = data.map((it) => [minute(it.set_at), it.set_by!, it.sha256.slice(0, 12)])
  return `${table([['in force from (UTC)', 'set by', 'policy'], ...rows], screen.columns)}\n${screen.more(next_page)}`
}

export type Trial = PolicyTrial & { file: string }

export function showTrial(it: Trial, screen: Screen): string {
  const { columns } = screen
  if (it.changes === 0) return 'No dream has proposed a change yet, so there is nothing to try it on.\n'
  const rows = VERDICTS.map((verdict) => [
    verdict,
    String(it.verdicts[verdict]),
    String(it.would_be[verdict]),
  ])
  const against = [
    ...warning(it.allowed_against_people, 'that people rejected or took back would have gone live by itself'),
    ...warning(it.denied_against_people, 'that people approved would have been refused'),
  ]
  return [
    `${count(it.changes, 'change')} of ${count(it.dreams, 'dream')}; nothing was written.`,
    '',
    table([['verdict', 'was', 'would be'], ...rows], columns, '  '),
    '',
    ...against.map((line) => screen.bad(wrap(line, columns))),
    ...(against.length > 0 ? [''] : []),
    ...(it.differing === 0
      ? ['It says the same of every one.']
      : it.data.map((row) => triedLines(row, screen))),
    screen.more(it.next_page),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

const VERDICTS = ['allow', 'hold', 'deny'] as const

function warning(n: number, what: string): string[] {
  return n === 0 ? [] : [`${count(n, 'change')} ${what}.`]
}

function triedLines(it: TriedChange, { bold, columns }: Screen): string {
  const outcome =
    it.status === 'undone' ? ', taken back' : it.people === null ? '' : `, ${it.people} by people`
  const why = `${it.store}, ${it.id.slice(0, 12)}${outcome}: ${it.would_be_reason}`
  return `  ${it.verdict} -> ${bold(it.would_be)}  ${it.path}\n${wrap(why, columns, '    ')}`
}

function inWords({ regulated, rules, protected_paths, measuring }: Policy): string {
  const allowing = rules.filter((it) => it.verdict === 'allow').length
  const live = regulated
    ? 'Nothing goes live without the approval of two people.'
    : allowing === 0
      ? 'Nothing goes live without a decision.'
      : `${count(allowing, 'rule')} may let changes go live without a person.`
  const paths = protected_paths.length === 0 ? '' : ` ${count(protected_paths.length, 'path')} protected.`
  const unmeasured = measuring.enabled ? '' : ' Whether lessons help is not measured.'
  return `${live}${paths}${unmeasured}`
}
