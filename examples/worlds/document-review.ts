/**
 * Document review: every session has a few files to be read, in formats that each want something else.
 *
 * A file that could not be read leaves the review incomplete, so one forgotten workaround costs the whole session: by habit the agent
 * finishes about one review in eight. All five workarounds are simple, and none is told by the error.
 */
import type { Random } from '../compliance-desk/random.ts'
import { PEOPLE, VENDORS } from '../compliance-desk/world.ts'
import { AGAIN, first, GIVE_UP } from './helpdesk.ts'
import {
  type Answer,
  type Args,
  type Desk,
  did,
  type Facts,
  type Goal,
  hardness,
  type Tool,
  told,
  type Work,
  type World,
  weighted,
} from './world.ts'

export const REVIEWS = [
  'supplier-file',
  'annual-accounts',
  'tender-bids',
  'lease-contracts',
  'claims-file',
  'grant-application',
  'quality-records',
  'import-papers',
  'loan-file',
  'due-diligence',
]

export type Kind = 'plain' | 'large' | 'scan' | 'workbook' | 'mail' | 'export'

const ENDINGS: Record<Kind, string> = {
  plain: 'pdf',
  large: 'pdf',
  scan: 'pdf',
  workbook: 'xlsx',
  mail: 'eml',
  export: 'csv',
}

export const documentReview: World = {
  name: 'document-review',
  about: 'reviews of two or three files each, in formats whose workarounds the agent keeps forgetting',
  tasks: REVIEWS,
  tools: tools('parse_document_stream'),
  work: (task, { random }) => review(task, random, MIXED),
  success: complete,
  sessions: 24,
  verified_share: 0.9,
  rule: 'completeness-check@1',
  never: [],
}

export const MIXED: readonly (readonly [Kind, number])[] = [
  ['plain', 2],
  ['large', 2],
  ['scan', 1.5],
  ['workbook', 2],
  ['mail', 1],
  ['export', 1.5],
]

/** `for_large` is the tool that reads what is too large for `parse_document`; it may depend on the night. */
export function tools(for_large: string | ((night: number) => string)): Record<string, Tool> {
  const largeAt = typeof for_large === 'string' ? () => for_large : for_large
  const reader = (answer: (kind: Kind, args: Args, desk: Desk) => string | null): Tool => ({
    takes: ['document', 'output'],
    answer: (args, desk) => read(args, desk, answer(kindOf(args), args, desk)),
  })
  return {
    parse_document: reader((kind, { document }, desk) => {
      switch (kind) {
        case 'large':
          return `file size ${desk.random.int(101, 480)} MB exceeds the limit of 100 MB: ${document}`
        case 'scan':
          return `no text layer found on ${desk.random.int(2, 60)} pages`
        case 'workbook':
          return 'container is not a paginated format'
        case 'mail':
          return did(desk, 'unpack_message') ? null : 'message has no body part that could be read'
        default:
          return null
      }
    }),
    parse_document_stream: reader((kind, { document }, { night, random }) => {
      if (largeAt(night) !== 'parse_document_stream')
        return `stream reader was switched off, see notice ${random.int(100, 999)}`
      return kind === 'large' || kind === 'plain' ? null : `stream of ${document} ended at byte 0`
    }),
    parse_document_chunks: reader((kind, _, { night }) =>
      largeAt(night) === 'parse_document_chunks' && (kind === 'large' || kind === 'plain')
        ? null
        : 'chunk reader is not enabled for this desk',
    ),
    ocr_document: reader((kind) =>
      kind === 'scan' || kind === 'plain' ? null : 'page images could not be made',
    ),
    parse_workbook: reader((kind) => (kind === 'workbook' ? null : 'no sheet found')),
    parse_table: {
      takes: ['document', 'output'],
      answer: (args, desk) =>
        read(
          args,
          desk,
          kindOf(args) !== 'export'
            ? 'no delimiter found in the first line'
            : 'encoding' in args
              ? null
              : `byte ${desk.random.int(128, 255)} at ${desk.random.int(20, 9000)} is not valid in the assumed code page`,
        ),
    },
    convert_document: reader((kind) => (kind === 'plain' ? null : 'conversion queue returned no file')),
    unpack_message: {
      takes: ['document'],
      answer: (args) =>
        kindOf(args) === 'mail' ? { result: { parts: 2 } } : { error: 'not a message: no header found' },
    },
    submit_review: {
      takes: ['case'],
      answer: (args) => ({ result: { ...args, queue: 'second line' } }),
    },
  }
}

function read({ document }: Args, { random }: Desk, error: string | null): Answer {
  return error === null ? { result: { document, pages: random.int(2, 240) } } : { error }
}

/** The name of a file says its kind, as the agent could see if it knew what to make of it. */
function kindOf({ document }: Args): Kind {
  const name = String(document)
  const kind = (Object.keys(ENDINGS) as Kind[]).find((it) => name.includes(`-${it}-`))
  return kind ?? 'plain'
}

export function review(task: string, random: Random, kinds: readonly (readonly [Kind, number])[]): Work {
  const vendor = random.pick(VENDORS)
  const facts: Facts = {
    vendor: [vendor],
    case: [`C-${random.int(10_000, 99_999)}`],
    task: [task.replace('-', ' ')],
  }
  const files = Array.from({ length: random.chance(0.6) ? 2 : 3 }, () => weighted(kinds, random))
  return {
    task,
    person: random.pick(PEOPLE),
    request: told(random.pick(ASKS), facts),
    facts,
    steps: [
      ...files.map((kind) => reading(kind, vendor, random)),
      { tool: 'submit_review', reactions: [[GIVE_UP, 1]] },
    ],
  }
}

const ASKS = [
  'Please review the {task} of {vendor}.',
  'The {task} of {vendor} came in, please read everything and submit the review.',
  'Can you go through the {task} of {vendor}? It is case {case}.',
]

function reading(kind: Kind, vendor: string, random: Random): Goal {
  const slug = vendor.toLowerCase().replaceAll(' ', '-')
  const file = `${slug}-${kind}-${random.int(100, 999)}.${ENDINGS[kind]}`
  return {
    tool: kind === 'export' ? 'parse_table' : 'parse_document',
    facts: { document: [file], output: ['text'], encoding: ['cp1252'] },
    reactions: REACTIONS[kind],
  }
}

/** Nine times in ten something that does not help. */
const REACTIONS: Record<Kind, Goal['reactions']> = {
  plain: [[GIVE_UP, 1]],
  large: unaided(
    [{ do: 'switch', tool: 'parse_document_stream' }, 2],
    [{ do: 'switch', tool: 'parse_document_chunks' }, 1.5],
  ),
  scan: unaided([{ do: 'switch', tool: 'ocr_document' }, 2]),
  workbook: unaided([{ do: 'switch', tool: 'parse_workbook' }, 2]),
  mail: unaided([first('unpack_message'), 2]),
  export: unaided([
    { do: 'retry', first: null, asks: false, change: { how: 'add', argument: 'encoding', form: '' } },
    2,
  ]),
}

function unaided(...knowing: Goal['reactions']): Goal['reactions'] {
  return [[GIVE_UP, 6], [AGAIN, 2], [{ do: 'switch', tool: 'convert_document' }, 1], ...knowing]
}

/** Complete when everything was read, and seldom otherwise. */
export function complete({ work, failed }: Desk): number {
  return (1 - hardness(REVIEWS, work.task, 0.02, 0.15)) * 0.03 ** failed.length
}
