/**
 * Decide: one change by its id, many by what they have in common, or one after another on a terminal.
 *
 * What is approved is what was seen: the screen and a bulk decision go by the state that they showed, a script by the one it gives.
 */
import { basename, resolve } from 'node:path'
import { EngineError } from '../../domain/error.ts'
import type { Choice, Engine, ListedChange, PersonsWord } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { decideOneByOne } from '../decide-screen.ts'
import { decoded, editText, keptText } from '../edit-text.ts'
import { readFile } from '../folder.ts'
import { personAt } from '../person.ts'
import { type Decided, showDecided, showToBeDecided } from '../show/decide.ts'
import { isYes } from '../terminal.ts'
import { type Choosing, wanted } from './changes.ts'

export type Options = Choosing & {
  dream?: string
  reason?: string
  until?: string
  coveredBy?: string
  file?: string
  as?: string
  expect?: string
  all?: true
  yes?: true
}

const VERBS = ['approve', 'reject', 'edit'] as const
type Verb = (typeof VERBS)[number]

/** The words are a change and what to do with it, with `--all` only what to do, and on a terminal a dream, a change or nothing. */
export async function decide(call: Call, words: string[], options: Options): Promise<Answer<Decided>> {
  const [first, second] = words
  if (options.all) refuseSurplus(second)
  if (options.all) return decideAll(call, verbIn(first, ['approve', 'reject']), options)
  if (first === undefined || second === undefined)
    return decideOnTerminal(call, first ?? options.dream, options)
  return decideOne(call, first, verbIn(second, VERBS), options)
}

async function decideOne(call: Call, id: string, verb: Verb, options: Options): Promise<Answer<Decided>> {
  const engine = await call.open()
  if (verb === 'edit' && options.file === undefined) return editOne(engine, id, options)
  const edited = verb === 'edit' ? textIn(options.file!) : null
  return say(engine, { id, expect: options.expect }, wordOf(verb, options, edited), options)
}

async function say(
  engine: Engine,
  choice: Choice,
  word: PersonsWord,
  { as }: Options,
): Promise<Answer<Decided>> {
  const report = await engine.decide([choice], word, personAt(as))
  if (report.refused[0]) throw report.refused[0].error
  return { data: { ...told(report), not_confirmed: [] }, show: showDecided }
}

/** In the person's editor. A text that is refused is kept. */
async function editOne(engine: Engine, id: string, options: Options): Promise<Answer<Decided>> {
  const { content, state_sha256 } = await engine.change(id)
  wordOf('edit', options, null)
  const edited = editText(content ?? '')
  try {
    const choice = { id, expect: options.expect ?? state_sha256 }
    return await say(engine, choice, wordOf('edit', options, edited), options)
  } catch (error) {
    if (!(error instanceof EngineError) || edited === content) throw error
    const { type, message, hint } = error
    const kept = `what you wrote is kept in ${keptText(edited)}, for --file`
    throw new EngineError(type, message, { hint: hint === null ? kept : `${hint}; ${kept}`, cause: error })
  }
}

function textIn(file: string): string {
  const path = resolve(file)
  const found = readFile(path, basename(path))
  if (found) return decoded(found.bytes, path)
  throw new EngineError('file_access_error', `there is no file ${path}`, {
    hint: 'give the file with the text',
  })
}

/** Those that fit, after a yes: on the terminal, or with --yes. */
async function decideAll(call: Call, verb: Verb, options: Options): Promise<Answer<Decided>> {
  const engine = await call.open()
  const word = wordOf(verb, options, null)
  const changes = await everyChange(engine, { ...options, status: options.status ?? 'undecided' })
  const nothing: Decided = { decided: [], known: [], refused: [], not_confirmed: [] }
  if (changes.length === 0) return { data: nothing, show: showDecided }
  if (!(options.yes ?? (await isConfirmed(call, verb, changes))))
    return { data: { ...nothing, not_confirmed: changes }, show: showDecided, exit_code: 1 }
  const seen = changes.map((it) => ({ id: it.id, expect: it.state_sha256 }))
  const data = { ...told(await engine.decide(seen, word, personAt(options.as))), not_confirmed: [] }
  return { data, show: showDecided, exit_code: data.refused.length > 0 ? 1 : 0 }
}

async function everyChange(engine: Engine, { dream, ...options }: Options): Promise<ListedChange[]> {
  const { store, status, kind, tier, verdict, path } = options
  const asked = { ...wanted({ store, status, kind, tier, verdict, path }), dream }
  return (await engine.changes({ ...asked, limit: 999_999 })).data
}

async function isConfirmed(call: Call, verb: Verb, changes: ListedChange[]): Promise<boolean> {
  const terminal = call.terminal()
  if (terminal === null) return false
  call.say(changes, showToBeDecided)
  return isYes(
    terminal,
    `${verb === 'approve' ? 'Approve' : 'Reject'} ${changes.length === 1 ? 'it' : `all ${changes.length}`}?`,
  )
}

async function decideOnTerminal(
  call: Call,
  what: string | undefined,
  { dream: _, ...options }: Options,
): Promise<Answer<Decided>> {
  const terminal = call.terminal()
  if (terminal === null)
    throw new EngineError('invalid_request_error', 'deciding one change after another needs a terminal', {
      hint:
        'in a script, `reverie changes --json` lists what waits, `reverie decide CHANGE approve` decides one, and ' +
        '`reverie decide --all approve --yes` all that fit; see `reverie decide --help`',
    })
  const engine = await call.open()
  const is_one = what?.startsWith('chg_')
  const changes = is_one
    ? [await engine.change(what!)]
    : await everyChange(engine, { ...options, dream: what, status: options.status ?? 'undecided' })
  const by = personAt(options.as)
  const mine = changes.filter((it) => is_one || !it.approved_by.includes(by))
  const decided = await decideOneByOne({ screen: call.screen, engine, terminal, by }, mine)
  return { data: { decided, known: [], refused: [], not_confirmed: [] }, show: () => '' }
}

/** What a person says, with what belongs to it and nothing else. */
function wordOf(verb: Verb, { reason, until, coveredBy, file }: Options, edited: string | null): PersonsWord {
  const misplaced = [
    ...(verb === 'reject' ? [] : [until && '--until', coveredBy && '--covered-by']),
    ...(verb === 'edit' ? [] : [file && '--file']),
  ].filter((it) => it)
  if (misplaced.length > 0)
    throw new EngineError('invalid_request_error', `${misplaced.join(' and ')} says nothing about ${verb}`, {
      hint: '--until and --covered-by belong to reject, --file to edit',
    })
  return {
    decision: verb === 'reject' ? 'rejected' : 'approved',
    reason: reason ?? '',
    edited,
    until: until ?? null,
    covered_by: coveredBy ?? null,
  }
}

function told({
  decided,
  known,
  refused,
}: Awaited<ReturnType<Engine['decide']>>): Omit<Decided, 'not_confirmed'> {
  const why = ({ type, message, hint }: EngineError) => ({ type, message, hint })
  return { decided, known, refused: refused.map(({ change, error }) => ({ change, error: why(error) })) }
}

function verbIn<V extends Verb>(word: string | undefined, verbs: readonly V[]): V {
  const found = verbs.find((it) => it === word)
  if (found) return found
  const given = word === undefined ? 'nothing' : word
  throw new EngineError('invalid_request_error', `${given} is not what can be decided`, {
    hint: `say ${verbs.join(', ')}: \`reverie decide --help\` shows how`,
  })
}

function refuseSurplus(word: string | undefined): void {
  if (word === undefined) return
  throw new EngineError(
    'invalid_request_error',
    `--all decides what fits, and ${word} names something else`,
    {
      hint: 'leave one of them out',
    },
  )
}
