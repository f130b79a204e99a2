/**
 * A made-up world of the size of the recordings that mining.md 5.1 measured, about which everything is known.
 *
 * Five domains with the numbers of sessions (nine in ten, as many as were no copies), tasks, agents and failures of those
 * recordings. How a session ends depends on its task, on its agent, and on the true traits; some 700 other traits depend on
 * task and agent too, but have no effect. So what they seem to do is confounding or chance.
 */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import type { Counted } from '../../src/3-mine/tally.ts'
import { derivedId } from '../../src/domain/id.ts'

export type World = { sessions: Counted[]; true_traits: Set<string> }

/** Sessions, tasks, agents and share of failures as in mining.md 2; competing traits in proportion. */
const DOMAINS = [
  { name: 'airline-one', sessions: 182, tasks: 50, agents: 1, failures: 0.58, traits: 70, true_traits: 0 },
  { name: 'airline', sessions: 555, tasks: 50, agents: 18, failures: 0.435, traits: 250, true_traits: 14 },
  { name: 'retail', sessions: 710, tasks: 230, agents: 9, failures: 0.28, traits: 290, true_traits: 12 },
  { name: 'telecom', sessions: 185, tasks: 65, agents: 7, failures: 0.34, traits: 90, true_traits: 4 },
  { name: 'triage', sessions: 63, tasks: 69, agents: 1, failures: 0, traits: 20, true_traits: 0 },
]

/** Standard deviations, in log odds, of what makes sessions differ. */
const TASK_DIFFICULTY = 1.5
const AGENT_CLUMSINESS = 0.8
const TRAIT_OF_TASK = 1.2
const TRAIT_OF_AGENT = 0.8
/** How far a trait goes with the difficulty of the task and the clumsiness of the agent: this is the confounding. */
const CONFOUNDING = 0.3
/** Log odds by which a true trait makes sessions fail more, or less, often: the size of the lessons of mining.md 4.6. */
const TRUE_EFFECT = 1.5

/** `with_effects: false` makes the true traits as idle as all others: every lesson is then false. */
export function madeUpWorld(seed: number, { with_effects }: { with_effects: boolean }): World {
  const random = seeded(seed)
  const true_traits = new Set<string>()
  const sessions = DOMAINS.flatMap((domain) => {
    const difficulty = normals(domain.tasks, TASK_DIFFICULTY, random)
    const clumsiness = normals(domain.agents, AGENT_CLUMSINESS, random)
    const traits = Array.from({ length: domain.traits }, (_, i) =>
      traitOf(domain, i, difficulty, clumsiness, random),
    )
    if (with_effects) for (const it of traits) if (it.effect !== 0) true_traits.add(it.name)
    const tasks = inRounds(domain.tasks, domain.sessions, random)
    const drawn = tasks.map((task) => {
      const agent = random.int(0, domain.agents - 1)
      const shown = traits.filter((it) =>
        random.chance(sigmoid(it.base + it.of_task[task]! + it.of_agent[agent]!)),
      )
      const harm = with_effects ? shown.reduce((sum, it) => sum + it.effect, 0) : 0
      return { task, agent, shown, log_odds: difficulty[task]! + clumsiness[agent]! + harm }
    })
    const base = baseFor(
      domain.failures,
      drawn.map((it) => it.log_odds),
    )
    return drawn.map(({ task, agent, shown, log_odds }) => ({
      cell: `${domain.name}-agent-${agent}|${domain.name}/${task}`,
      domain: domain.name,
      bad: random.chance(sigmoid(base + log_odds)),
      traits: Object.fromEntries(shown.map((it) => [it.name, 0])),
    }))
  })
  const counted = sessions.map(
    ({ cell, domain, bad, traits }, i): Counted => ({
      // The miner takes the lowest ids for a random sample, so they are hashes here too.
      session_id: derivedId('sesn', 'made up', String(seed), String(i)),
      cell,
      person: null,
      at: null,
      observations: [
        { channel: 'session', context: 'session', bad, event: 0, traits: {} },
        { channel: 'session', context: `session ${domain}`, bad, event: 0, traits },
      ],
    }),
  )
  return { sessions: counted.sort((a, b) => (a.session_id < b.session_id ? -1 : 1)), true_traits }
}

type Trait = { name: string; base: number; of_task: number[]; of_agent: number[]; effect: number }

function traitOf(
  domain: (typeof DOMAINS)[number],
  i: number,
  difficulty: number[],
  clumsiness: number[],
  random: Random,
): Trait {
  const is_true = i < domain.true_traits
  const with_difficulty = CONFOUNDING * normal(random)
  const with_clumsiness = CONFOUNDING * normal(random)
  // True traits are neither rare nor common; of the others, most are rare.
  const rate = is_true ? 0.1 + 0.3 * uniform(random) : 0.02 * 30 ** uniform(random)
  return {
    name: `use ${domain.name}_${i}`,
    base: Math.log(rate / (1 - rate)),
    of_task: difficulty.map((it) => with_difficulty * it + TRAIT_OF_TASK * normal(random)),
    of_agent: clumsiness.map((it) => with_clumsiness * it + TRAIT_OF_AGENT * normal(random)),
    effect: is_true ? (i % 3 === 2 ? -TRUE_EFFECT : TRUE_EFFECT) : 0,
  }
}

/** What has to be added to all log odds for that share of failures, by bisection. */
function baseFor(share: number, log_odds: number[]): number {
  let low = -20
  let high = 20
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    const expected = log_odds.reduce((sum, it) => sum + sigmoid(middle + it), 0)
    if (expected < share * log_odds.length) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** `count` numbers below `limit`, every round of them holding each once. */
function inRounds(limit: number, count: number, random: Random): number[] {
  const all = Array.from({ length: limit }, (_, i) => i)
  return Array.from({ length: Math.ceil(count / limit) }, () => random.shuffle(all))
    .flat()
    .slice(0, count)
}

function normals(count: number, deviation: number, random: Random): number[] {
  return Array.from({ length: count }, () => deviation * normal(random))
}

/** A standard normal number (Box and Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random))
}

function uniform(random: Random): number {
  return random.int(0, 2 ** 31 - 1) / 2 ** 31
}

function sigmoid(log_odds: number): number {
  return 1 / (1 + Math.exp(-log_odds))
}
