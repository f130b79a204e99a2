/**
 * One change after another on a terminal, a key for each decision.
 *
 * Each decision is stored as it is made, so leaving loses none. What is decided is what was shown: a change that moved on meanwhile
 * is shown again, and not decided.
 */
import { EngineError } from '../domain/error.ts'
import type { Engine, ListedChange, PersonsWord, ShownChange } from '../engine.ts'
import type { Show } from './call.ts'
import { editText } from './edit-text.ts'
import { printable } from './printable.ts'
import type { Screen } from './screen.ts'
import { showAdoption } from './show/adopt.ts'
import { showAllQuotes, showOneChange } from './show/change.ts'
import { KEYS, showDone, showKeys, showProgress, showRefusal, showSaid } from './show/decide.ts'
import { isYes, type Terminal } from './terminal.ts'

export type Desk = {
  screen: Screen
  engine: Engine
  terminal: Terminal
  by: `user:${string}`
  /** What opens an editor on a text, and gives back what was saved. */
  edit?: (text: string) => string
}

/** What was decided, each change as it stands in the end. */
export async function decideOneByOne(desk: Desk, changes: ListedChange[]): Promise<ListedChange[]> {
  const decided = new Map<string, ListedChange>()
  const drafts = new Map<string, string>()
  for (let at = 0; at < changes.length; ) {
    const change = await desk.engine.change(changes[at]!.id)
    tell(desk, { at, of: changes.length }, showProgress)
    tell(desk, change, showOneChange)
    const step = await decideThis(desk, change, drafts)
    if (step === 'quit') break
    if (typeof step === 'object') decided.set(change.id, step)
    at = step === 'again' ? at : step === 'back' ? Math.max(0, at - 1) : at + 1
  }
  const ended = [...decided.values()]
  tell(desk, { decided: ended, left: changes.length - ended.length }, showDone)
  await offerAdoption(desk, ended)
  return ended
}

type Step = ListedChange | 'next' | 'back' | 'again' | 'quit'

/** Asks until a key leads on. */
async function decideThis(desk: Desk, change: ShownChange, drafts: Map<string, string>): Promise<Step> {
  for (;;) {
    desk.terminal.write(`\n${KEYS} `)
    const key = await desk.terminal.key()
    desk.terminal.write('\n')
    const step = await stepOf(key, desk, change, drafts)
    if (step !== null) return step
  }
}

/** Null where the key decided nothing, and the next one is asked for. */
async function stepOf(
  key: string,
  desk: Desk,
  change: ShownChange,
  drafts: Map<string, string>,
): Promise<Step | null> {
  switch (key) {
    case 'a':
      return say(desk, change, { decision: 'approved', reason: '', edited: null })
    case 'r':
      return reject(desk, change)
    case 'e':
      return edit(desk, change, drafts)
    case 's':
    case ' ':
    case 'return':
      return 'next'
    case 'b':
      return 'back'
    case 'q':
    case 'escape':
    case 'ctrl-c':
    case 'ctrl-d':
      return 'quit'
    case 'd':
      tell(desk, change, showAllQuotes)
      return null
    default:
      tell(desk, null, showKeys)
      return null
  }
}

async function reject(desk: Desk, change: ShownChange): Promise<Step | null> {
  const reason = (await desk.terminal.line('Why not? '))?.trim()
  if (reason) return say(desk, change, { decision: 'rejected', reason, edited: null })
  desk.terminal.write('A rejection needs a reason, so nothing was decided.\n')
  return null
}

/** What was typed is not lost when it is refused: the key opens it again. */
async function edit(desk: Desk, change: ShownChange, drafts: Map<string, string>): Promise<Step | null> {
  const { terminal, edit = editText } = desk
  const before = drafts.get(change.id) ?? change.content ?? ''
  return orTell(desk, async () => {
    const edited = terminal.lend(() => edit(before))
    drafts.set(change.id, edited)
    return say(desk, change, { decision: 'approved', reason: '', edited })
  })
}

type Said = Pick<PersonsWord, 'decision' | 'reason' | 'edited'>

async function say(desk: Desk, change: ShownChange, said: Said): Promise<Step | null> {
  return orTell(desk, async () => {
    const choice = { id: change.id, expect: change.state_sha256 }
    const word = { ...said, until: null, covered_by: null }
    const { decided, known, refused } = await desk.engine.decide([choice], word, desk.by)
    if (refused[0]) throw refused[0].error
    const [now] = [...decided, ...known]
    tell(desk, now!, showSaid)
    return now!
  })
}

/** What the engine refuses is told, and the person goes on; a change that moved on is shown again first. */
async function orTell(desk: Desk, work: () => Promise<Step | null>): Promise<Step | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { type, message, hint } = error
    tell(desk, { message, hint }, showRefusal)
    return type === 'conflict_error' ? 'again' : null
  }
}

async function offerAdoption(desk: Desk, decided: ListedChange[]): Promise<void> {
  const { engine, terminal, by } = desk
  const approved = decided.filter((it) => it.status === 'approved')
  if (approved.length === 0) return
  if (!(await isYes(terminal, 'Adopt what is approved now, so that sessions read it?'))) return
  tell(desk, await engine.adopt({ changes: approved.map((it) => it.id) }, by), showAdoption)
}

function tell<T>({ terminal, screen }: Desk, data: T, show: Show<T>): void {
  terminal.write(show(printable(data), screen))
}
