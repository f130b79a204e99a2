/**
 * The agent: a work, a world and the text of its memory in; a session in the steps format out.
 *
 * It works by habit, and forgets everything from one session to the next. What it knows better it has from its memory, which it
 * reads as plain text (`advice.ts`). It heeds nine in ten of the instructions it understands; the rest it forgets, as agents do.
 */
import type { Random } from '../compliance-desk/random.ts'
import { type Scribe, type SessionLine, scribe } from '../compliance-desk/steps.ts'
import { type Advice, adviceIn, type Change, hasForm, type Way } from './advice.ts'
import {
  type Args,
  type Desk,
  type Fact,
  type Facts,
  type Goal,
  type Practice,
  type Reception,
  type Value,
  type Work,
  type World,
  weighted,
} from './world.ts'

/** How often an instruction that was read and understood is followed. */
export const HEEDS = 0.9

export type Sitting = { id: string; agent: string; night: number; started_at: Date; memory: string }

/** `is_right` is the truth, which only the world knows; the session says it where it was verified. */
export type Played = { line: SessionLine; is_right: boolean }

/** One session from the request to what the person thinks of it; `memory` is the text that the agent was given before, empty for none. */
export function playSession(world: World, work: Work, sitting: Sitting, random: Random): Played {
  const log = scribe(sitting.started_at, random)
  const desk: Desk = { night: sitting.night, random, work, calls: [], failed: [], drafts: [], draft: '' }
  const player: Player = {
    ...{ world, desk, log },
    advice: adviceIn(sitting.memory).filter(() => random.chance(HEEDS)),
    has_yes: false,
    wishes: [],
  }
  if (sitting.memory !== '') log.system(sitting.memory)
  log.user(work.request)
  log.agent(random.pick(BEGINNINGS))
  for (const it of work.remarks ?? []) remark(player, it)
  for (const step of work.steps) {
    if ('draft' in step) write(player, step.draft)
    else if (!reach(player, step)) desk.failed.push(step)
  }
  const is_right = random.chance(world.success(desk))
  log.agent(desk.failed.length === 0 ? 'Everything is done.' : 'I got as far as I could.')
  hear(player, world.judge?.(is_right, desk) ?? {})
  return { line: lineOf(player, sitting, is_right), is_right }
}

const BEGINNINGS = ['I will take care of it.', 'I look into it.', 'On it.', 'I begin with the file.']

type Player = {
  world: World
  desk: Desk
  log: Scribe
  /** What it heeds of its memory in this session. */
  advice: Advice[]
  has_yes: boolean
  /** What the person asked for in this session. */
  wishes: string[]
}

function lineOf({ world, desk, log }: Player, sitting: Sitting, is_right: boolean): SessionLine {
  const is_verified = desk.random.chance(world.verified_share)
  return {
    id: sitting.id,
    agent: sitting.agent,
    agent_version: '1.0.0',
    model: 'scripted-1',
    task_id: desk.work.task,
    user: desk.work.person,
    started_at: sitting.started_at.toISOString(),
    ended_at: log.now(),
    outcome: is_verified
      ? { success: is_right, reward: is_right ? 1 : 0, verified: true, rule: world.rule }
      : { success: null, reward: null, verified: false, rule: null },
    steps: log.steps,
  }
}

// ---------------------------------------------------------------- calls

/** One call and what is to come before it, with the reactions to its errors. */
function reach(player: Player, goal: Goal): boolean {
  const { advice } = player
  prepare(player, goal)
  const tool = isDistrusted(player, goal.tool) ? (alternativeTo(player, goal) ?? goal.tool) : goal.tool
  if (attempt(player, goal, tool, argsOf(player, goal, tool), [])) return true
  const reminded = advice.some((it) => it.about === 'left failed' && [null, goal.tool].includes(it.tool))
  return reminded && call(player, tool, argsOf(player, goal, tool)) === null
}

/** Whether the memory says not to count on a tool, and nothing of what to do when it fails. */
function isDistrusted({ advice }: Player, tool: string): boolean {
  const about = advice.filter((it) => 'tool' in it && it.tool === tool)
  return about.some((it) => it.about === 'distrust') && !about.some((it) => it.about === 'error')
}

const ATTEMPTS = 3

function prepare(player: Player, goal: Goal): void {
  const { advice, desk } = player
  const by_habit = (goal.before ?? [])
    .filter(([, chance]) => desk.random.chance(chance))
    .map(([tool]) => tool)
  const told = advice.flatMap((it) => (it.about === 'before' && it.tool === goal.tool ? [it.first] : []))
  for (const tool of new Set([...told, ...by_habit])) {
    const args = argsOf(player, goal, tool)
    const is_done = desk.calls.some((it) => it.ok && it.tool === tool && isAlike(it.args, args))
    if (!is_done && isPossible(player, tool, args)) call(player, tool, args)
  }
  if (advice.some((it) => it.about === 'yes before' && it.tool === goal.tool)) askForYes(player, goal.tool)
}

function askForYes(player: Player, tool: string): void {
  if (player.has_yes) return
  player.has_yes = true
  player.log.agent(`Shall I go ahead with ${tool}?`)
  player.log.user(player.desk.random.pick(['Yes, please go ahead.', 'Yes, do it.', 'Sure, go ahead.']))
}

/** A tool that there is, with all that it takes: what the agent has no argument for it leaves. */
function isPossible({ world }: Player, tool: string, args: Args): boolean {
  return world.tools[tool]?.takes.every((it) => it in args) ?? false
}

function isAlike(a: Args, b: Args): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Another tool that the agent itself would try, where it has one in mind. */
function alternativeTo(player: Player, goal: Goal): string | null {
  const switches = goal.reactions.flatMap(([way]) => (way.do === 'switch' ? [way.tool] : []))
  const open = switches.filter((it) => !isDistrusted(player, it))
  return open.length === 0 ? null : player.desk.random.pick(open)
}

function argsOf(player: Player, goal: Goal, tool: string): Args {
  const { takes = [], may_take = [] } = player.world.tools[tool] ?? {}
  return Object.fromEntries(
    [...takes, ...may_take].flatMap((name) => {
      const fact = factsOf(player, goal)[name]
      return fact === undefined ? [] : [[name, formOf(player, tool, name, fact)]]
    }),
  )
}

function factsOf({ desk }: Player, goal: Goal): Facts {
  return { ...desk.work.facts, ...goal.facts }
}

/** As the memory says, as people wish, or as it comes. */
function formOf(player: Player, tool: string, argument: string, fact: Fact): Value {
  const advised = player.advice.find(
    (it) => it.about === 'form' && it.tool === tool && it.argument === argument,
  )
  const by_advice = advised?.about === 'form' ? fact.find((it) => hasForm(it, advised.form)) : undefined
  const like = practicesOf(player).find((it) => it.writes?.argument === argument)?.writes?.like
  return by_advice ?? (like && fact.find((it) => like.test(String(it)))) ?? fact[0]
}

function call(player: Player, tool: string, args: Args): string | null {
  const { world, desk, log } = player
  const answer = world.tools[tool]!.answer(args, desk)
  desk.calls.push({ tool, args, ok: 'result' in answer })
  if ('result' in answer) log.call(tool, args, answer.result)
  else log.fail(tool, args, answer.error)
  return 'result' in answer ? null : answer.error
}

/** `tried` is how the agent reacted to the errors so far. */
function attempt(player: Player, goal: Goal, tool: string, args: Args, tried: Way[]): boolean {
  const error = call(player, tool, args)
  if (error === null) return true
  if (tried.length === ATTEMPTS - 1) return false
  const way = reactionTo(player, goal, tool, error, tried)
  const so_far = [...tried, way]
  switch (way.do) {
    case 'give up':
      return false
    case 'again':
      return attempt(player, goal, tool, args, so_far)
    case 'switch': {
      const its = argsOf(player, goal, way.tool)
      return isPossible(player, way.tool, its) && attempt(player, goal, way.tool, its, so_far)
    }
    case 'retry':
      return attempt(player, goal, tool, prepared(player, goal, tool, args, way), so_far)
  }
}

/** What the memory says of such an error, once; then, or when it says nothing, what habit says. */
function reactionTo(player: Player, goal: Goal, tool: string, error: string, tried: Way[]): Way {
  const about = player.advice.flatMap((it) =>
    (it.about === 'error' || it.about === 'hopeless') && it.tool === tool && it.error.test(error) ? [it] : [],
  )
  const advised = about.find((it) => it.about === 'error' && !tried.includes(it.way))
  if (advised) return advised.way
  const hopeless = about.filter((it) => it.about === 'hopeless').map((it) => JSON.stringify(it.way))
  const open = goal.reactions.filter(
    ([way]) =>
      !hopeless.includes(JSON.stringify(way)) && !(way.do === 'switch' && isDistrusted(player, way.tool)),
  )
  return open.length === 0 ? { do: 'give up' } : weighted(open, player.desk.random)
}

/** The arguments of another attempt, once what is to come before it was done. */
function prepared(
  player: Player,
  goal: Goal,
  tool: string,
  args: Args,
  { first, asks, change }: Extract<Way, { do: 'retry' }>,
): Args {
  const help = first === null ? {} : argsOf(player, goal, first)
  if (first !== null && isPossible(player, first, help)) call(player, first, help)
  if (asks) {
    player.log.agent(`The call ${tool} was turned down. What should I use?`)
    player.log.user(`Please take ${Object.values(factsOf(player, goal))[0]![0]}.`)
  }
  return change === null ? args : changedBy(change, args, factsOf(player, goal), player.desk.random)
}

function changedBy({ how, argument, form }: Change, args: Args, facts: Facts, random: Random): Args {
  const { [argument]: was, ...others } = args
  if (how === 'leave out') return others
  const known = facts[argument] ?? []
  const others_known = known.filter((it) => it !== was)
  const wanted = how === 'give' ? known.find((it) => hasForm(it, form)) : undefined
  const value = wanted ?? (others_known.length > 0 ? random.pick(others_known) : (known[0] ?? was))
  return value === undefined ? args : { ...args, [argument]: value }
}

// ---------------------------------------------------------------- texts

function write(player: Player, draft: string): void {
  const { world, desk, log } = player
  desk.draft = asAdvised(player, draft)
  desk.drafts.push(desk.draft)
  log.agent(desk.draft)
  hear(player, world.receive?.(desk.draft, desk) ?? {})
}

function asAdvised(player: Player, draft: string): string {
  const { advice, desk, world } = player
  const { work } = desk
  let text = draft
  for (const it of advice) {
    if (it.about !== 'include' && it.about !== 'leave out' && it.about !== 'write') continue
    if (it.person !== null && it.person !== work.person) continue
    if (it.topic !== null && !work.request.toLowerCase().includes(it.topic.toLowerCase())) continue
    if (it.about === 'include')
      text = withLine(text, it.words.replaceAll('…', String(Object.values(work.facts)[0]![0])))
    if (it.about === 'write') text = text.replaceAll(it.instead, it.words)
    if (it.about === 'leave out') text = withoutSentence(text, it.words)
  }
  for (const { adds } of practicesOf(player, world.practices))
    if (adds !== undefined) text = withLine(text, adds)
  return text
}

/** What people ask for, now or in the memory, as far as the agent understands it. */
function practicesOf({ advice, desk, wishes, world }: Player, known = world.practices ?? []): Practice[] {
  const heard = advice.flatMap((it) =>
    it.about === 'heed' && (it.person === null || it.person === desk.work.person) ? [it.words] : [],
  )
  return known.filter((it) => [...heard, ...wishes].some((words) => it.told.test(words)))
}

function withLine(text: string, line: string): string {
  return text.includes(line) ? text : `${text}\n${line}`
}

function withoutSentence(text: string, words: string): string {
  const [start] = words.split('…')
  return text
    .split(/(?<=[.!?\n]) ?/)
    .filter((it) => start === '' || !it.includes(start!.trim()))
    .join(' ')
}

function remark(player: Player, words: string): void {
  player.log.user(words)
  player.wishes.push(words)
  player.log.agent('Noted.')
}

function hear(player: Player, { edit, correction, approval, rejection }: Reception): void {
  const { desk, log } = player
  if (rejection !== undefined) log.rejection(rejection)
  if (edit !== undefined) {
    log.edit(desk.draft, edit)
    desk.draft = edit
  }
  if (correction !== undefined) {
    log.user(correction)
    player.wishes.push(correction)
    desk.draft = asAdvised(player, desk.draft)
    log.agent(desk.draft === '' ? 'I have changed that.' : desk.draft)
  }
  if (approval !== undefined) log.approval(approval)
}
