/**
 * Redaction: a text or a session in, the same out with every secret replaced by `[redacted:CLASS]`, and personal
 * data of the classes that were asked for by `[redacted:CLASS:DIGITS]`; and how many there were of each class.
 *
 * What `secret.ts` finds is removed. A text in which it finds something is read by secretlint as well,
 * which knows more vendors and is loaded only then. A secret found in one text of a session is also
 * removed where it stands bare in another, and so is a number that is personal. What is personal, `pii.ts` says.
 *
 * Guaranteed: redacting again changes nothing; a session without secrets comes back as the same
 * object; time grows with the length of a text, whatever it says. The value of a secret goes nowhere:
 * not into counts, not into errors, and of personal data not even into ids that were made of it.
 *
 * It does not find secrets that read like ordinary words, or that are broken over lines.
 */
import type { Session } from '../domain/session.ts'
import { type FindMasked, keyedDigest, type MaskedSpan, type Privacy, piiFinder, SHORT } from './pii.ts'
import { classByKey, eachFinding, type Finding, HINT, RANK } from './secret.ts'
import { type Place, textsOf, withTexts } from './session-texts.ts'

/** Redacts every string of a session, in whatever field it stands. */
export async function redactSession<S extends Omit<Session, 'id'>>(
  session: S,
  privacy?: Privacy,
): Promise<{ session: S; redactions: Redactions }> {
  const removed: Removed[] = []
  const clean = await cleaned(session, privacy, removed)
  return {
    session: privacy === undefined ? clean : withKeyedIds(clean, session.external_session_id, privacy.key),
    redactions: countByClass(removed),
  }
}

/** The same for a text by itself. */
export async function redact(
  text: string,
  privacy?: Privacy,
): Promise<{ text: string; redactions: Redactions }> {
  const removed: Removed[] = []
  let clean = await removeSecrets(text, removed)
  if (privacy !== undefined) {
    const find = piiFinder(privacy)
    for (let spans = find(clean, ''); spans.length > 0; spans = find(clean, ''))
      clean = await removeSecrets(removeSpans(clean, spans, removed), removed)
  }
  return { text: clean, redactions: countByClass(removed) }
}

/**
 * The same for what comes as JSON, in whatever fields its texts stand; its shape stays.
 *
 * `found` is what may stand bare where nothing tells what it is, for `withoutBare`. It is in clear: nobody may store it.
 */
export async function redactJson<T extends object>(
  value: T,
  privacy?: Privacy,
): Promise<{ value: T; redactions: Redactions; found: Removed[] }> {
  const removed: Removed[] = []
  const clean = await cleaned(value, privacy, removed)
  return { value: clean, redactions: countByClass(removed), found: removed.filter(isCopied) }
}

/** The same without what was found elsewhere in its session, where it stands bare. */
export function withoutBare<T extends object>(value: T, found: Removed[]): T {
  const secrets = found.filter((it) => !NUMBERED.has(it.class)).map((it) => [it.value, it] as const)
  const numbers = found.filter((it) => NUMBERED.has(it.class)).flatMap(spellings)
  const clean = withoutCopies(value, new Map(secrets), anywhere, [])
  return withoutCopies(clean, new Map(numbers), asWholeNumber, [], NUMBERS_FROM)
}

/** How it may be written where it stands bare. */
export function bareSpellings(it: Removed): string[] {
  return NUMBERED.has(it.class) ? spellings(it).map(([value]) => value) : [it.value]
}

/** Whether a name lost a secret: then it tells nothing any more, while one that lost what is personal is still a name of its own. */
export function lostSecret(clean: unknown, given: unknown): boolean {
  return typeof clean === 'string' && clean !== given && /\[redacted:[^:\]]+\]/.test(clean)
}

/** Quick, and rarely true where there is no secret. False means that `redact` finds no secret. */
export function mayHoldSecret(text: string): boolean {
  let found = false
  eachFinding(text, () => {
    found = true
    return 'stop'
  })
  return found
}

async function cleaned<S extends object>(
  session: S,
  privacy: Privacy | undefined,
  removed: Removed[],
): Promise<S> {
  let clean = await withoutSecrets(session, removed)
  if (privacy === undefined) return clean
  const find = piiFinder(privacy)
  const seen = new Set<string>()
  // Again and again, for what stood beside something that is gone may only now be recognised.
  for (let before: S | null = null; before !== clean; ) {
    before = clean
    const next = withoutPii(clean, find, seen, removed)
    if (next !== clean) clean = await withoutSecrets(next, removed)
  }
  return clean
}

async function withoutSecrets<S extends object>(session: S, removed: Removed[]): Promise<S> {
  const others: string[] = []
  const suspects = textsOf(session, (text, name) => {
    if (text.length < MIN_SECRET) return false
    const is_suspect = classByKey(name, text) !== null || mayHoldSecret(text)
    if (!is_suspect) others.push(text)
    return is_suspect
  })
  if (suspects.length === 0) return session

  const secrets: Removed[] = []
  const clean: string[] = []
  for (const it of suspects) clean.push(await removeFrom(it, secrets))
  removed.push(...secrets)
  const copies = new Map(secrets.filter((it) => isUnmistakable(it.value)).map((it) => [it.value, it]))
  const rest = withTexts(session, suspects, clean)
  // Mostly there is no copy, and its texts are quicker to look through than the session is to walk again.
  const texts = others.concat(clean)
  const is_copied = atOnce(copies).some((values) => texts.some(holderOf(values)))
  return is_copied ? withoutCopies(rest, copies, anywhere, removed) : rest
}

/** No rule takes anything shorter for a secret. */
const MIN_SECRET = 8

type Redactions = Record<string, number>

type Span = { start: number; end: number }
type Masked = Span & { class: string; placeholder: string }

/** A value that was taken out, and what stands in its place. */
export type Removed = { class: string; value: string; placeholder: string }

async function removeFrom(place: Place, secrets: Removed[]): Promise<string> {
  const known = classByKey(place.name, place.text)
  if (known === null) return removeSecrets(place.text, secrets)
  secrets.push({ class: known, value: place.text, placeholder: placeholder(known) })
  return placeholder(known)
}

/** Takes the secrets out of a text and adds them to `secrets`. */
async function removeSecrets(text: string, secrets: Removed[]): Promise<string> {
  for (let rest = text; ; ) {
    const noticed = findingsIn(rest)
    if (noticed.length === 0) return rest
    const own = noticed.filter((it) => it.class !== HINT)
    const findings = merged([...own, ...(await findingsOfSecretlint(rest, own))])
    if (findings.length === 0) return rest
    const spans = findings.map((it) => ({ ...it, placeholder: placeholder(it.class) }))
    // Read again: what stood right beside a secret may only now be recognised.
    rest = removeSpans(rest, spans, secrets)
  }
}

function removeSpans(text: string, spans: Masked[], removed: Removed[]): string {
  for (const { start, end, class: kind, placeholder } of spans)
    removed.push({ class: kind, value: text.slice(start, end), placeholder })
  return replaced(text, spans, (it) => it.placeholder)
}

function placeholder(name: string): string {
  return `[redacted:${name}]`
}

function findingsIn(text: string): Finding[] {
  const findings: Finding[] = []
  eachFinding(text, (it) => {
    findings.push(it)
    return 'go on'
  })
  return findings
}

/**
 * Of secretlint's rules, those left out do worse than ours (they miss cut keys and documented keys, and
 * take placeholders for passwords), and `filter-comments` would let a text switch the search off.
 */
const RULES_LEFT_OUT = /-(?:aws|basicauth|database-connection-string|filter-comments|gcp|npm|privatekey)$/

/**
 * A rule, as far as we need it. We run the rules ourselves: secretlint's own runner keeps a record of
 * every run in memory for ever, and compares all findings of a text with each other.
 */
type SecretlintRule = {
  meta: { id: string }
  create: (
    context: {
      createTranslator: () => () => object
      report: (found: { range: [start: number, end: number] }) => void
    },
    options: object,
  ) => { file: (source: { content: string }) => unknown }
}

async function findingsOfSecretlint(text: string, known: Finding[]): Promise<Finding[]> {
  const preset = await import('@secretlint/secretlint-rule-preset-recommend')
  const rules = preset.rules as unknown as SecretlintRule[]
  const content = blanked(text, known)
  const findings: Finding[] = []
  for (const { meta, create } of rules) {
    if (RULES_LEFT_OUT.test(meta.id)) continue
    const kind = meta.id.replace('@secretlint/secretlint-rule-', '')
    const report = ({ range: [start, end] }: { range: [start: number, end: number] }) => {
      findings.push({ start, end, class: kind, rank: RANK.secretlint })
    }
    // A rule words its message with the secret in it; nobody needs it.
    await create({ createTranslator: () => () => ({}), report }, {}).file({ content })
  }
  return findings
}

/**
 * The text with spaces for what is known already, and for escaped line ends: the n of one would make a
 * word with what follows it.
 */
function blanked(text: string, known: Finding[]): string {
  const shapes = merged(known.filter((it) => it.rank === RANK.shape))
  return replaced(text, shapes, (it) => ' '.repeat(it.end - it.start)).replace(/\\[nrt]/g, '  ')
}

/** In order of place, those that overlap made one. */
function merged(findings: Finding[]): Finding[] {
  const result: Finding[] = []
  for (const it of findings.sort((a, b) => a.start - b.start)) {
    const last = result.at(-1)
    if (last === undefined || it.start >= last.end) result.push({ ...it })
    else {
      last.end = Math.max(last.end, it.end)
      if (it.rank < last.rank) Object.assign(last, { class: it.class, rank: it.rank })
    }
  }
  return result
}

function replaced<T extends Span>(text: string, findings: T[], by: (finding: T) => string): string {
  const parts: string[] = []
  let at = 0
  for (const it of findings) {
    parts.push(text.slice(at, it.start), by(it))
    at = it.end
  }
  return parts.join('') + text.slice(at)
}

function countByClass(removed: Removed[]): Redactions {
  const counts: Redactions = {}
  for (const it of removed) counts[it.class] = (counts[it.class] ?? 0) + 1
  return counts
}

/** A pattern of more words than this is slow to build. */
const COPIES_AT_ONCE = 256

/**
 * The session without these values, where they stand without anything that tells, as in `sed s/SECRET/…/`;
 * adds them to `removed`. `standing` says what may stand around a value.
 */
function withoutCopies<S extends object>(
  session: S,
  known: Map<string, Removed>,
  standing: (values: string) => RegExp,
  removed: Removed[],
  numbers_from?: number,
): S {
  let clean = session
  for (const values of atOnce(known)) {
    const copies = standing(values.map(escaped).join('|'))
    const places = textsOf(clean, holderOf(values), numbers_from)
    const texts = places.map(({ text }) =>
      text.replace(copies, (value) => {
        const copy = known.get(value)!
        removed.push(copy)
        return copy.placeholder
      }),
    )
    clean = withTexts(clean, places, texts)
  }
  return clean
}

/** The values in parts that are looked for together. */
function atOnce(known: Map<string, Removed>): string[][] {
  // Longest first, for one secret may be the beginning of another.
  const values = [...known.keys()].sort((a, b) => b.length - a.length)
  const parts: string[][] = []
  for (let i = 0; i < values.length; i += COPIES_AT_ONCE) parts.push(values.slice(i, i + COPIES_AT_ONCE))
  return parts
}

/** Says of a text whether one of the values stands in it. */
function holderOf(values: string[]): (text: string) => boolean {
  const shortest = Math.min(...values.map((it) => it.length))
  const pattern = new RegExp(values.map(escaped).join('|'))
  return (text) => text.length >= shortest && pattern.test(text)
}

function anywhere(values: string): RegExp {
  return new RegExp(values, 'g')
}

/** Long and mixed enough that the same characters elsewhere are the same secret, and not the word they happen to be. */
function isUnmistakable(value: string): boolean {
  return value.length >= 10 && /[A-Za-z]/.test(value) && /\d/.test(value) && !/\s/.test(value)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** A number in a tool's input that is shorter than this is no phone number and no card. */
const NUMBERS_FROM = 1_000_000

/** `seen` are long texts in which there is nothing, whatever they stand under. */
function withoutPii<S extends object>(
  session: S,
  find: FindMasked,
  seen: Set<string>,
  removed: Removed[],
): S {
  const found: MaskedSpan[][] = []
  const suspects = textsOf(
    session,
    (text, name) => {
      if (seen.has(text)) return false
      const spans = find(text, name)
      if (spans.length > 0) found.push(spans)
      else if (text.length > SHORT) seen.add(text)
      return spans.length > 0
    },
    NUMBERS_FROM,
  )
  const [places, texts, values]: [Place[], string[], Removed[]] = [[], [], []]
  suspects.forEach((place, i) => {
    if (isClosed(place)) return
    places.push(place)
    texts.push(removeSpans(place.text, found[i]!, values))
  })
  if (places.length === 0) return session
  removed.push(...values)
  const numbers = values.filter((it) => NUMBERED.has(it.class)).flatMap(spellings)
  const clean = withTexts(session, places, texts)
  return withoutCopies(clean, new Map(numbers), asWholeNumber, removed, NUMBERS_FROM)
}

/** Fields of ours whose words come from a closed list. In a tool's input, and in metadata, the same names mean anything. */
function isClosed({ text, key, holder }: Place): boolean {
  if (holder.in_input || holder.name === 'metadata') return false
  const is_named_so = /^(?:harness|result|kind|error_class|started_at|ended_at)$/.test(String(key))
  return is_named_so && /^(?:[a-z_-]+|\d{4}-\d\d-\d\dT[\d:.]+Z)$/.test(text)
}

const NUMBERED = new Set(['phone', 'card', 'national-id'])

/** As it was written, and its digits alone where there are enough of them to be no other number. */
function spellings(it: Removed): [string, Removed][] {
  const digits = it.value.replace(/\D/g, '')
  const all = digits.length >= 9 ? [it.value, digits] : digits.length >= 7 ? [it.value] : []
  return all.map((value) => [value, it])
}

/** Whether what was found would be taken out of another text of its session, too. */
function isCopied(it: Removed): boolean {
  if (NUMBERED.has(it.class)) return spellings(it).length > 0
  return it.placeholder === placeholder(it.class) && isUnmistakable(it.value)
}

function asWholeNumber(values: string): RegExp {
  return new RegExp(String.raw`(?<![\p{LC}\p{N}])(?:${values})(?![\p{LC}\p{N}])`, 'gu')
}

const IDS = ['id', 'tool_use_id', 'mcp_tool_use_id', 'custom_tool_use_id'] as const
/** Given by a parser to a session without an id: a hash of all it says. */
const HASHED_ID = /^(?:steps|chat)-[0-9a-f]{24}$/

/**
 * Ids that are hashes of what was unredacted would let anyone find it by trying, so they are hashed again with the key.
 * Ids of events are hashes of the session's id.
 */
function withKeyedIds<S extends Omit<Session, 'id'>>(session: S, unredacted_id: string, key: string): S {
  const { external_session_id, events } = session
  if (HASHED_ID.test(external_session_id)) {
    const kind = external_session_id.replace(/-.*/, '')
    // Longer than a hash of a parser, so that nobody takes it for one.
    const digest = keyedDigest(key, 'session', external_session_id).slice(0, 32)
    return { ...session, external_session_id: `${kind}-${digest}` }
  }
  if (external_session_id === unredacted_id) return session
  const keyed = events.map((event) => {
    const ids = IDS.flatMap((field) => {
      const id = (event as Record<string, unknown>)[field]
      return typeof id === 'string' ? [[field, `sevt_${keyedDigest(key, 'event', id).slice(0, 24)}`]] : []
    })
    return { ...event, ...Object.fromEntries(ids) }
  })
  return { ...session, events: keyed }
}
