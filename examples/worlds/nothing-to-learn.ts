/**
 * A desk where nothing helps: whether a session goes well is decided by its task alone, and the tools just work.
 *
 * It is full of coincidences. Hard tasks have tools of their own, are talked about in their own words and take more calls; people
 * praise and complain as it comes, and change words here and there. A lesson from any of it is false.
 */
import type { Random } from '../compliance-desk/random.ts'
import { CUSTOMERS, MONTHS, PEOPLE } from '../compliance-desk/world.ts'
import { GIVE_UP } from './helpdesk.ts'
import {
  type Desk,
  type Goal,
  hardness,
  type Occasion,
  type Reception,
  type Tool,
  told,
  type Work,
  type World,
} from './world.ts'

const TASKS = [
  'price-quote',
  'meeting-notes',
  'stock-count',
  'route-plan',
  'shift-roster',
  'cost-estimate',
  'press-summary',
  'site-visit',
  'market-survey',
  'patent-search',
  'lost-archive',
  'old-claims',
]
const TOOLS = [
  'open_file',
  'search_notes',
  'list_entries',
  'compare_versions',
  'open_archive',
  'ask_registry',
  'save_result',
]

export const nothingToLearn: World = {
  name: 'nothing-to-learn',
  about: 'a desk where the task alone decides how a session ends, full of tempting coincidences',
  tasks: TASKS,
  tools: Object.fromEntries(TOOLS.map((it) => [it, working(it)])),
  work,
  success: ({ work: { task } }) => 1 - hardness(TASKS, task, 0.05, 0.75),
  receive,
  judge: (_, { random }) =>
    random.chance(0.5)
      ? { approval: 'Thanks.' }
      : random.chance(0.1)
        ? { rejection: `Not this time: ${remark(random)}` }
        : {},
  sessions: 24,
  verified_share: 0.9,
  rule: 'result-check@1',
  never: [/./],
}

function working(tool: string): Tool {
  return {
    takes: ['item', 'customer'],
    answer: ({ item }, { random }) => ({ result: { tool, item, rows: random.int(0, 90) } }),
  }
}

function work(task: string, { random }: Occasion): Work {
  const facts = {
    item: [`IT-${random.int(1000, 9999)}`],
    customer: [random.pick(CUSTOMERS)],
    month: [random.pick(MONTHS)],
  } as const
  const difficulty = TASKS.indexOf(task) / (TASKS.length - 1)
  const request = told(`{customer} needs the ${task.replace('-', ' ')} of {month}, item {item}.`, facts)
  return {
    task,
    person: random.pick(PEOPLE),
    request: difficulty > 0.7 ? `${request} It is from the old archive.` : request,
    facts,
    steps: [
      call('open_file'),
      // The harder the task, the more is tried.
      ...TOOLS.slice(1, -1).flatMap((tool, at) =>
        random.chance(0.15 + (at / 6) * difficulty) ? [call(tool)] : [],
      ),
      ...(random.chance(difficulty / 2) ? [call('search_notes'), call('search_notes')] : []),
      { draft: told(`The ${task.replace('-', ' ')} of {month} for {customer} is done.`, facts) },
      call('save_result'),
    ],
  }
}

function call(tool: string): Goal {
  return { tool, reactions: [[GIVE_UP, 1]] }
}

function receive(draft: string, { random }: Desk): Reception {
  return {
    ...(random.chance(0.15) ? { edit: `${draft}\n${remark(random)}` } : {}),
    ...(random.chance(0.1) ? { correction: `No, ${remark(random)}` } : {}),
  }
}

/** Something about this one case: of two remarks hardly ever the same. */
function remark(random: Random): string {
  const [one, other] = random.shuffle(THINGS)
  return `the ${one} ${random.pick(VERBS)} the ${other}.`
}

const VERBS =
  `absorbs adjoins anchors backs blocks borders bridges brightens carries circles clears conceals contradicts covers crosses darkens delays divides
  drains echoes empties enters exceeds faces feeds fills follows frames guards heats hides holds joins lacks leads lifts lights limits lines loads
  marks meets mends names narrows needs outlasts outweighs overlooks passes precedes predates presses protects quotes raises reaches reflects
  releases replaces resembles rivals rounds screens seals separates shades shapes shelters shields shows skirts splits steadies stops strains
  supports surrounds suspends tightens touches trails traps turns undercuts upholds warms widens wraps`.split(
    /\s+/,
  )

const THINGS =
  `annex appendix arrival balance ballot barrel bracket budget cabinet canopy carpet casing ceiling chapter charter circuit column copper corridor
  courier crane curtain deposit diagram dock drawer engine estate fabric ferry filter fixture folder fountain furnace garage garden gasket girder glacier
  granite gravel harbor hinge inlet invoice kiln ladder lantern lattice ledger lever lining lumber mantle margin marker meadow mirror mortar motor
  nozzle orchard outlet panel parcel pavement pebble pillar pipeline plaster platform pulley quarry railing ramp receipt relay reservoir ribbon roof
  rotor rudder saddle scaffold schedule shelf shutter signal siding silo socket spindle stairway station statute switch tariff terrace thread timber
  tower trench trolley tunnel turbine valve vault veranda vessel viaduct voucher wagon warehouse warranty window winch workshop`.split(
    /\s+/,
  )
