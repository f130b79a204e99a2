/**
 * The helpdesk: tickets about customers and their orders, worked off with tools that have their ways.
 *
 * True here, whoever learns it: `update_record` turns down what was not read with `get_customer` before; orders are found by `#W…`,
 * not by the bare number; the knowledge service is down for a moment now and then, and answers when it is asked again. What the tools
 * say does not tell what to do about it.
 */
import type { Random } from '../compliance-desk/random.ts'
import { CUSTOMERS, MONTHS, PEOPLE } from '../compliance-desk/world.ts'
import type { Way } from './advice.ts'
import {
  type Desk,
  did,
  type Goal,
  hardness,
  type Occasion,
  type Tool,
  told,
  type Work,
  type World,
} from './world.ts'

type Need = 'record' | 'order' | 'knowledge'

const TICKETS: Record<string, { asks: string; needs: Need[] }> = {
  'address-change': { asks: '{name} has moved, please change the address on {record}.', needs: ['record'] },
  'name-change': {
    asks: '{name} took a new family name in {month}; please change {record}.',
    needs: ['record'],
  },
  'late-delivery': { asks: '{name} still waits for order {number} from {month}.', needs: ['order'] },
  'phone-number': { asks: 'Please note a new phone number for {name} on {record}.', needs: ['record'] },
  'broken-part': {
    asks: 'Order {number} arrived broken, {name} asks what to do.',
    needs: ['order', 'knowledge'],
  },
  'opening-hours': { asks: '{name} asks whether the desk is open on holidays.', needs: ['knowledge'] },
  'wrong-item': { asks: '{name} got somebody else’s parcel for order {number}.', needs: ['order', 'record'] },
  'how-to-connect': { asks: '{name} cannot connect the device, what do we advise?', needs: ['knowledge'] },
  'double-entry': { asks: '{name} is in our books twice, {record} is the right one.', needs: ['record'] },
  warranty: { asks: 'Is order {number} of {name} still under warranty?', needs: ['order', 'knowledge'] },
  'old-contract': {
    asks: '{name} wants to know which contract of {month} holds.',
    needs: ['record', 'knowledge'],
  },
  'missing-invoice': { asks: '{name} never got the invoice for order {number}.', needs: ['order', 'record'] },
}

export const helpdesk: World = {
  name: 'helpdesk',
  about:
    'tickets, with tools that have quirks: an order of calls, a form of ids, a service that is down for a moment',
  tasks: Object.keys(TICKETS),
  tools: tools(),
  work: ticket,
  success: solved,
  sessions: 24,
  verified_share: 0.85,
  rule: 'ticket-not-reopened@1',
  never: [],
}

export function tools(): Record<string, Tool> {
  return {
    get_customer: {
      takes: ['customer'],
      answer: ({ customer }, { random }) => ({
        result: { customer, version: random.int(3, 40), segment: 'private' },
      }),
    },
    update_record: {
      takes: ['customer', 'record'],
      answer: ({ record }, desk) =>
        did(desk, 'get_customer') || desk.random.chance(0.05)
          ? { result: { record, state: 'saved' } }
          : {
              error: `stale version: record ${record} is at version ${desk.random.int(20, 40)}, request carried ${desk.random.int(3, 19)}`,
            },
    },
    lookup_order: {
      takes: ['order'],
      answer: ({ order }, { random }) =>
        String(order).startsWith('#W')
          ? { result: { order, parcel: `P-${random.int(10_000, 99_999)}`, state: 'delivered' } }
          : { error: `no such order in the index: ${order}` },
    },
    search_knowledge: {
      takes: ['topic'],
      answer: ({ topic }, { random }) =>
        random.chance(0.3)
          ? { error: `503 knowledge service unavailable, request ${random.int(100_000, 999_999)}` }
          : { result: { topic, articles: random.int(1, 9) } },
    },
    reply_to_customer: {
      takes: ['customer', 'ticket'],
      answer: ({ ticket }) => ({ result: { ticket, state: 'answered' } }),
    },
  }
}

export function ticket(task: string, { random }: Occasion): Work {
  const { asks, needs } = TICKETS[task]!
  const facts = factsOf(task, random)
  return {
    task,
    person: random.pick(PEOPLE),
    request: told(asks, facts),
    facts,
    steps: [...needs.map((it) => STEPS[it]), { tool: 'reply_to_customer', reactions: [[GIVE_UP, 1]] }],
  }
}

function factsOf(task: string, random: Random): Work['facts'] {
  const number = String(random.int(10_000, 99_999))
  const by_number = random.chance(0.7)
  return {
    name: [random.pick(CUSTOMERS)],
    month: [random.pick(MONTHS)],
    customer: [`CU-${random.int(1000, 9999)}`],
    record: [`R-${random.int(10_000, 99_999)}`],
    ticket: [`T-${random.int(10_000, 99_999)}`],
    topic: [task],
    number: [number],
    order: by_number ? [number, `#W${number}`] : [`#W${number}`, number],
  }
}

export const GIVE_UP: Way = { do: 'give up' }
export const AGAIN: Way = { do: 'again' }

export function first(tool: string): Way {
  return { do: 'retry', first: tool, asks: false, change: null }
}

/** What the agent does by itself: mostly not the right thing, and never the same. */
const STEPS: Record<Need, Goal> = {
  record: {
    tool: 'update_record',
    before: [['get_customer', 0.25]],
    reactions: [
      [GIVE_UP, 4],
      [AGAIN, 3],
      [first('get_customer'), 3],
    ],
  },
  order: {
    tool: 'lookup_order',
    reactions: [
      [GIVE_UP, 5],
      [AGAIN, 2],
      [{ do: 'retry', first: null, asks: false, change: { how: 'change', argument: 'order', form: '' } }, 3],
    ],
  },
  knowledge: {
    tool: 'search_knowledge',
    reactions: [
      [GIVE_UP, 7],
      [AGAIN, 3],
    ],
  },
}

/** A ticket is seldom solved when something that it needs could not be done, and now and then not even then. */
export function solved({ work, failed }: Desk): number {
  return (1 - hardness(Object.keys(TICKETS), work.task, 0.05, 0.3)) * 0.1 ** failed.length
}
