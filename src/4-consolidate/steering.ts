/**
 * Steering: what somebody asks of a dream in words, as far as it can be followed without a model.
 *
 * Instructions are read sentence by sentence and line by line. Three things can be asked: what to look at ("focus on refunds", "ignore
 * greetings"), what to leave as it is ("keep /team.md unchanged"), and where new memories go and what their files are called
 * ("put lessons under /lessons"). A sentence that asks for anything else is given back word by word, so that nobody believes it was
 * followed.
 *
 * Instructions are data: they choose among the changes that a dream proposes anyway, and can only make them fewer or put them elsewhere.
 * Never throws.
 */
import type { Change } from '../domain/change.ts'
import { misshapen } from '../domain/memory-path.ts'
import type { Pattern } from '../domain/pattern.ts'

export type Steering = {
  /** Each is a list of words of which all have to be said. Empty for everything. */
  focus: string[][]
  ignored: string[][]
  /** Paths of memories, and folders, which end in `/`. */
  kept: string[]
  /** Where new memories go: of a class of lessons, or of all. */
  folders: { of: Pattern['class'] | 'everything'; folder: string }[]
  /** What file names of new memories begin with. */
  prefix: string
  /** What is not understood, word by word. */
  not_followed: string[]
}

export const NO_STEERING: Steering = {
  focus: [],
  ignored: [],
  kept: [],
  folders: [],
  prefix: '',
  not_followed: [],
}

export function readInstructions(text: string): Steering {
  const steering = structuredClone(NO_STEERING)
  for (const clause of clausesOf(text)) if (!follow(clause, steering)) steering.not_followed.push(clause)
  return steering
}

/** Whether a change is one that the instructions have a dream make. `patterns` are those that it rests on. */
export function isWanted(
  { path }: Pick<Change, 'path'>,
  patterns: Pattern[],
  { focus, ignored, kept }: Steering,
): boolean {
  if (kept.some((it) => (it.endsWith('/') ? path.startsWith(it) : path === it))) return false
  if (patterns.length === 0) return true
  return patterns.some((pattern) => {
    const said = stemsOf(
      [
        pattern.class,
        pattern.channel,
        pattern.name,
        pattern.text,
        pattern.context,
        pattern.trait,
        pattern.scope.person ?? '',
      ].join(' '),
    )
    const isAbout = (topic: string[]) => topic.every((it) => said.has(it))
    return (focus.length === 0 || focus.some(isAbout)) && !ignored.some(isAbout)
  })
}

/** Where the instructions have a new memory stand that would stand at `/folder/name` of itself. */
export function placed(stem: string, kind: Pattern['class'], { folders, prefix }: Steering): string {
  const parts = stem.split('/')
  const name = `${prefix}${parts.pop()}`
  const of = (it: (typeof folders)[number]['of']) => folders.findLast((one) => one.of === it)?.folder
  const whole = of('everything') ?? ''
  const own = of(kind)
  // A class that has a folder of its own does not need the one that says what class it is.
  const folder = own === undefined ? `${whole}${parts.join('/')}` : `${own}${parts.slice(0, -1).join('/')}`
  return `${folder}/${name}`
}

// ---------------------------------------------------------------- reading

const VERB =
  'focus|concentrate|look|only|just|ignore|skip|omit|exclude|disregard|leave|keep|preserve|protect|put|store|place|save|file|write|name|prefix|start|begin|do not|don.t|never|pay|pass'

/** Sentences and list lines, each cut where a new order begins in it. */
function clausesOf(text: string): string[] {
  return text
    .split(/[\r\n]+/)
    .flatMap((line) => line.replace(/^\s*(?:[-*•–]|\d{1,3}[.)])\s+/, '').split(/(?<=[.!?;])\s+/))
    .flatMap((it) =>
      it.split(
        new RegExp(
          `(?:\\s*[,;]\\s*(?:and |but |then )?|\\s+(?:and|but|then)\\s+)(?=(?:please |also )?(?:${VERB})\\b)`,
          'i',
        ),
      ),
    )
    .map((it) => it.trim().replace(/[.!?;:,\s]+$/, ''))
    .filter((it) => /[\p{L}\p{N}]/u.test(it))
}

type Order = { asks: RegExp; follow: (said: string[], steering: Steering) => boolean }

/** The first that fits is followed. None is tried on what it denies: `do not focus on` begins with another word than `focus on`. */
const ORDERS: Order[] = [
  {
    asks: /^(?:keep|leave|preserve|protect) (.+?)(?: (?:unchanged|untouched|intact|alone|verbatim|unmodified|as (?:it|they) (?:is|are)|as is))$/i,
    follow: ([what], it) => keep(what!, it),
  },
  { asks: /^(?:preserve|protect) (.+)$/i, follow: ([what], it) => keep(what!, it) },
  {
    asks: /^(?:do not|don.t|never) (?:touch|change|edit|modify|alter|rewrite|update|delete|remove|overwrite) (.+)$/i,
    follow: ([what], it) => keep(what!, it),
  },
  {
    asks: /^(?:focus|concentrate)(?: only| mainly| especially)? on (.+)$/i,
    follow: ([what], it) => topics(what!, it.focus),
  },
  { asks: /^pay (?:special |close )?attention to (.+)$/i, follow: ([what], it) => topics(what!, it.focus) },
  { asks: /^look (?:closely |only )*at (.+)$/i, follow: ([what], it) => topics(what!, it.focus) },
  {
    asks: /^(?:ignore|skip|omit|exclude|disregard|leave out|pass over) (.+)$/i,
    follow: ([what], it) => topics(what!, it.ignored),
  },
  {
    asks: /^(?:do not|don.t|never) (?:focus on|look at|include|propose|write (?:down|about)|learn(?: about| from)?|pay attention to) (.+)$/i,
    follow: ([what], it) => topics(what!, it.ignored),
  },
  {
    asks: /^(?:put|store|place|save|file|write|keep) (?:all |any |the |new |every )*(lessons?|memories|memory|notes?|files?|everything|mistakes?|successes|success|practices?|insights?) (?:under|in|into|below|inside|to)(?: the)?(?: folder| directory)? [`"'“]?(\/\S*?)[`"'”]?(?: folder| directory)?$/i,
    follow: ([what, folder], it) => putUnder(what!, folder!, it),
  },
  {
    asks: /^(?:prefix|start|begin) (?:all |the |new |every )*(?:file ?names?|files?|memories|names)(?: of (?:files|memories))? with [`"'“]?([\p{L}\p{N}_.-]+)[`"'”]?$/iu,
    follow: ([prefix], it) => nameWith(prefix!, it),
  },
  {
    asks: /^name (?:all |the |new |every )*(?:files?|memories) with (?:the )?prefix [`"'“]?([\p{L}\p{N}_.-]+)[`"'”]?$/iu,
    follow: ([prefix], it) => nameWith(prefix!, it),
  },
  // Files are called so anyway.
  {
    asks: /^(?:name|use) (?:all |the |new |every )*(?:files?|memories|file ?names?) in (?:kebab[- ]case|lower[- ]case)$/i,
    follow: () => true,
  },
  {
    asks: /^use (?:kebab[- ]case|lower[- ]case)(?: for)?(?: all| the)?(?: file ?names?| files?| names?)?$/i,
    follow: () => true,
  },
  {
    asks: /^(?:only|just) (?:(?:look at|consider|include|propose|write (?:down|about)|learn(?: about| from)?|read) )?(.+)$/i,
    follow: ([what], it) => topics(what!, it.focus),
  },
]

function follow(clause: string, steering: Steering): boolean {
  const words = clause.replace(/\s+/g, ' ').replace(/^(?:and |but |then |also |please )+/i, '')
  for (const { asks, follow: obey } of ORDERS) {
    const found = asks.exec(words)
    if (found) return obey(found.slice(1), steering)
  }
  return false
}

/** `refunds and late parcels` are two topics; nothing is a topic that has no word of its own. */
function topics(text: string, list: string[][]): boolean {
  const parts = text.split(/\s*[,/&]\s*|\s+(?:and|or|as well as)\s+/i).filter((it) => it !== '')
  const found = parts.map((it) => wordsIn(it).flatMap((word) => (EMPTY.has(word) ? [] : stemOf(word))))
  if (found.length === 0 || found.some((it) => it.length === 0)) return false
  list.push(...found)
  return true
}

const EMPTY = new Set(
  'a an the any all every each some on of for to in with from about that which what how when is are be it do does thing things anything everything something lesson lessons memory memories topic topics subject subjects matter matters session sessions area areas part parts case cases related regarding concerning'.split(
    ' ',
  ),
)

function keep(text: string, steering: Steering): boolean {
  const parts = text.split(/\s*,\s*(?:and )?|\s+(?:and|or)\s+/i)
  const paths = parts.map((it) => pathsOf(it))
  if (paths.some((it) => it.length === 0)) return false
  steering.kept.push(...paths.flat())
  return true
}

const BEFORE_A_PATH =
  /^(?:(?:the|all|any|every|anything|everything|what|memory|memories|files?|folder|directory|is|stands|in|under|at|below|of) )+/i

/** What is kept where a path is named. A name without an ending may be a memory or a folder, so it is kept as both. */
function pathsOf(text: string): string[] {
  const is_folder = /\b(?:in|under|below|folder|directory)\b/i.test(text.replace(/\/\S*/g, ''))
  const path = text
    .replace(BEFORE_A_PATH, '')
    .replace(/ (?:folder|directory)$/i, '')
    .replace(/^[`"'“]|[`"'”]$/g, '')
    .replace(/\/?\*{1,2}$/, '/')
  if (path === '/') return ['/']
  const bare = path.replace(/\/$/, '')
  if (misshapen(bare) !== null || /\s/.test(bare)) return []
  if (is_folder || path.endsWith('/')) return [`${bare}/`]
  return /\.[^/]+$/.test(bare) ? [bare] : [bare, `${bare}/`]
}

const CLASSES: [RegExp, Pattern['class']][] = [
  [/^mistake/i, 'mistake'],
  [/^success/i, 'success'],
  [/^practice/i, 'practice'],
  [/^insight/i, 'insight'],
]

function putUnder(what: string, folder: string, steering: Steering): boolean {
  const bare = folder.replace(/\/+$/, '')
  // Deep enough for every name that a lesson can have below it.
  if (bare !== '' && (misshapen(bare) !== null || bare.length > 200 || bare.split('/').length > 9))
    return false
  const of = CLASSES.find(([name]) => name.test(what))?.[1] ?? 'everything'
  steering.folders.push({ of, folder: bare })
  return true
}

function nameWith(prefix: string, steering: Steering): boolean {
  if (prefix.length > 40 || prefix.startsWith('.') || misshapen(`/${prefix}`) !== null) return false
  steering.prefix = prefix
  return true
}

/** The words of a text, as far as they can be told apart from their other forms: `refunds` and `refunded` are `refund`. */
function stemsOf(text: string): Set<string> {
  return new Set(wordsIn(text).map(stemOf))
}

function wordsIn(text: string): string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

function stemOf(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  for (const end of ['ings', 'ing', 'ed', 'es', 's', 'e'])
    if (word.length - end.length >= 3 && word.endsWith(end) && !word.endsWith('ss'))
      return word.slice(0, -end.length)
  return word
}
