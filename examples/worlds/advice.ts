/**
 * Advice: what the scripted agent makes of its memory, out of plain text.
 *
 * A sentence is understood by its words or not at all: nothing tells the agent which lesson, or which world, a text is from. It
 * reads the sentences that a careful model would act on; what it does not know it passes over, and so does it with what a heading or a
 * first line calls stale, disputed or retired. Whose words a sentence is it cannot know: an order that somebody smuggled into its
 * memory is followed like any other.
 */

/** What to do about an error: prepare, change an argument, or both; then the call is made again. */
export type Way =
  | { do: 'give up' }
  | { do: 'again' }
  | { do: 'switch'; tool: string }
  | { do: 'retry'; first: string | null; asks: boolean; change: Change | null }

export type Change = {
  how: 'give' | 'add' | 'leave out' | 'change'
  argument: string
  /** The form of the value, in the words of the lesson; empty for any other value. */
  form: string
}

export type Advice =
  | { about: 'before'; tool: string; first: string }
  | { about: 'form'; tool: string; argument: string; form: string }
  | { about: 'yes before'; tool: string }
  | { about: 'distrust'; tool: string }
  | { about: 'error'; tool: string; error: RegExp; way: Way }
  | { about: 'hopeless'; tool: string; error: RegExp; way: Way }
  | { about: 'left failed'; tool: string | null }
  | { about: 'include'; person: string | null; topic: string | null; words: string }
  | { about: 'leave out'; person: string | null; topic: string | null; words: string }
  | { about: 'write'; person: string | null; topic: string | null; words: string; instead: string }
  | { about: 'heed'; person: string | null; words: string }

/** All that a memory advises, each once, in its order. */
export function adviceIn(memory: string): Advice[] {
  const found = sectionsOf(memory)
    .filter((it) => !it.some((line) => PAST.test(line)))
    .flatMap((lines) => lines.flatMap(sentenceOf))
    .map((sentence) => ({ sentence, advice: read(sentence) }))
  const once = new Map(found.map((it) => [it.sentence, it.advice]))
  return [...once.values()].filter((it) => it !== null)
}

function sectionsOf(memory: string): string[][] {
  const sections: string[][] = [[]]
  for (const line of memory.split('\n')) {
    if (/^#{1,6} /.test(line)) sections.push([])
    sections.at(-1)!.push(line.trim())
  }
  return sections
}

const PAST = /^(?:Stale|Dormant|Disputed|Retired): /
const PAST_LINE = /^\((?:[^)]*; )?(?:stale|dormant|disputed|retired)\b[^)]*\) /
const REMARK = /^\([^)]*\) /

/** What a line says, without the path of an index and without what stands before and after a lesson. */
function sentenceOf(line: string): string[] {
  const told = line
    .replace(/^[-*] +/, '')
    .replace(/^\[[^\]]*\]\([^)]*\): /, '')
    .replace(/^Also, in the same sessions: /, '')
  if (told === '' || told.startsWith('Why: ') || PAST_LINE.test(told)) return []
  return [told.replace(REMARK, '')]
}

const TOOL = '`([^`]+)`'

/** The ways to say something, each with what it comes to. The first that fits counts. */
const READERS: [RegExp, (...parts: string[]) => Advice | null][] = [
  [
    new RegExp(`^Call ${TOOL} before ${TOOL}`),
    (first, tool) => ({ about: 'before', tool: tool!, first: first! }),
  ],
  [
    new RegExp(`^Before ${TOOL}, check that ${TOOL} was done`),
    (tool, first) => ({ about: 'before', tool: tool!, first: first! }),
  ],
  [
    new RegExp(
      `^(?:Let the user say yes before you call|Ask before you call|Before) ${TOOL}(?:, check that the person has said yes to it)?\\.$`,
    ),
    (tool) => ({ about: 'yes before', tool: tool! }),
  ],
  [
    new RegExp(`^Do not call ${TOOL} on the user's first message alone`),
    (tool) => ({ about: 'yes before', tool: tool! }),
  ],
  [
    new RegExp(`^When calling ${TOOL}, give ${TOOL} as (.+), not as .+\\.$`),
    (tool, argument, form) => ({ about: 'form', tool: tool!, argument: argument!, form: bare(form!) }),
  ],
  [new RegExp(`^Do not count on ${TOOL}`), (tool) => ({ about: 'distrust', tool: tool! })],
  [
    new RegExp(`^If ${TOOL} fails with (.+?), do not just (.+)\\.$`),
    (tool, error, way) => onError('hopeless', tool!, error!, way!),
  ],
  [
    new RegExp(`^If ${TOOL} fails with (".+?"|a message that is not repeated here), (.+)\\.$`),
    (tool, error, way) => onError('error', tool!, error!, way!),
  ],
  [
    new RegExp(`^Before you finish, check that (?:${TOOL} has not been|no call is) left failed`),
    (tool) => ({ about: 'left failed', tool: tool ?? null }),
  ],
  ...written('include', '(.+)\\.$', (parts) => ({ about: 'include', words: unquoted(parts[0]!) })),
  ...written('leave out', '(.+)\\.$', (parts) => ({ about: 'leave out', words: unquoted(parts[0]!) })),
  ...written('write', '"(.+?)" instead of "(.+?)"\\.$', (parts) => ({
    about: 'write',
    words: parts[0]!,
    instead: parts[1]!,
  })),
  [
    /^People keep (?:asking for this|objecting): "(.+)"$/,
    (words) => ({ about: 'heed', person: null, words: words! }),
  ],
  [
    /^When you work for (.+?), heed this: "(.+)"$/,
    (person, words) => ({ about: 'heed', person: person!, words: words! }),
  ],
]

function read(sentence: string): Advice | null {
  for (const [pattern, make] of READERS) {
    const found = pattern.exec(sentence)
    if (found) return make(...found.slice(1))
  }
  return null
}

type Written =
  | { about: 'include' | 'leave out'; words: string }
  | { about: 'write'; words: string; instead: string }

/** "Include …", "When a request mentions x, include …", "When you write for p, include …", "When p mentions x, include …". */
function written(
  verb: string,
  what: string,
  make: (parts: string[]) => Written,
): [RegExp, (...parts: string[]) => Advice][] {
  const always = `${verb[0]!.toUpperCase()}${verb.slice(1)}`
  return [
    [new RegExp(`^${always} ${what}`), (...parts) => ({ ...make(parts), person: null, topic: null })],
    [
      new RegExp(`^When a request mentions (\\S+), ${verb} ${what}`),
      (topic, ...parts) => ({ ...make(parts), person: null, topic: topic! }),
    ],
    [
      new RegExp(`^When you write for (.+?), ${verb} ${what}`),
      (person, ...parts) => ({ ...make(parts), person: person!, topic: null }),
    ],
    [
      new RegExp(`^When (\\S+) mentions (\\S+), ${verb} ${what}`),
      (person, topic, ...parts) => ({ ...make(parts), person: person!, topic: topic! }),
    ],
  ]
}

function onError(about: 'error' | 'hopeless', tool: string, error: string, remedy: string): Advice | null {
  const way = wayIn(remedy)
  return way && { about, tool, error: errorLike(error), way }
}

/** The errors that a lesson speaks of: what it masks, and where it is cut, may be anything. */
function errorLike(words: string): RegExp {
  const template = /^"(.*)"$/.exec(words)?.[1]
  if (template === undefined) return /./
  const parts = template.split(/<[\w…]+>|\[…\]|…/)
  return new RegExp(parts.map((it) => it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*?'))
}

function wayIn(remedy: string): Way | null {
  if (remedy === 'make the same call once more') return { do: 'again' }
  const instead = /^use `(.+)` instead$/.exec(remedy)
  if (instead) return { do: 'switch', tool: instead[1]! }
  // Nothing in a world takes time, so that to wait is to try again.
  const wait = /^wait .+?, then try again(?: (.+))?$/.exec(remedy)
  if (wait) return wait[1] === undefined ? { do: 'again' } : retry({ change: changeIn(wait[1]) })
  const first = /^call `(.+?)` first, then try again(?: (.+))?$/.exec(remedy)
  if (first) return retry({ first: first[1]!, change: changeIn(first[2] ?? '') })
  const asked =
    /^ask the user(?: (?:about|for) `(.+?)`)?(?: before you try again|, then try again(?: (.+))?)$/.exec(
      remedy,
    )
  if (asked) {
    const [, argument, rest = ''] = asked
    const given = argument === undefined ? changeIn(rest) : changeIn(`with another \`${argument}\``)
    return retry({ asks: true, change: given })
  }
  const again = /^try again (.+)$/.exec(remedy)
  const change = again && changeIn(again[1]!)
  return change ? retry({ change }) : null
}

function retry(it: { first?: string; asks?: true; change: Change | null }): Way {
  return { do: 'retry', first: it.first ?? null, asks: it.asks ?? false, change: it.change }
}

function changeIn(words: string): Change | null {
  const give = /^and give `(.+?)` as (.+?) instead of .+$/.exec(words)
  if (give) return { how: 'give', argument: give[1]!, form: bare(give[2]!) }
  const add = /^and give `(.+?)` too$/.exec(words) ?? /^with the option `(.+?)`$/.exec(words)
  if (add) return { how: 'add', argument: add[1]!, form: '' }
  const leave_out = /^without `(.+?)`$/.exec(words)
  if (leave_out) return { how: 'leave out', argument: leave_out[1]!, form: '' }
  const change = /^with an?(?:other| smaller| larger)? `(.+?)`(?: that the error names)?$/.exec(words)
  return change && { how: 'change', argument: change[1]!, form: '' }
}

function bare(words: string): string {
  return words.replaceAll('`', '')
}

function unquoted(words: string): string {
  return words.replace(/^"(.*)"$/, '$1')
}

/** Whether a value has a form that a lesson names. */
export function hasForm(value: unknown, form: string): boolean {
  if (typeof value !== 'string') return form === String(value)
  const like = FORMS[form]
  if (like) return like.test(value)
  const masked = form.split('<n>').map((it) => it.replace(/[.*+?^${}()|[\]\\#$@]/g, '\\$&'))
  return new RegExp(`^${masked.join('\\d+')}$`).test(value)
}

const FORMS: Record<string, RegExp> = {
  digits: /^-?\d+(?:\.\d+)?$/,
  'one word': /^[^\s\d]+$/,
  'several words': /\s/,
  'an identifier': /^\S*\d\S*$/,
  'a date like YYYY-MM-DD': /^\d{4}-\d\d-\d\d$/,
  'a date in another order': /^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}$/,
  'an absolute path': /^\//,
  'a relative path': /^\.{0,2}[\w.-]*\/[\w./-]+$/,
  'an e-mail address': /@/,
  'a URL': /^https?:\/\//,
}
