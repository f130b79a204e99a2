/**
 * Redaction: a text or a session in, the same out with every secret replaced by `[redacted:CLASS]`,
 * and how many there were of each class.
 *
 * What `secret.ts` finds is removed. A text in which it finds something is read by secretlint as well,
 * which knows more vendors and is loaded only then. A secret found in one text of a session is also
 * removed where it stands bare in another.
 *
 * Guaranteed: redacting again changes nothing; a session without secrets comes back as the same
 * object; time grows with the length of a text, whatever it says. The value of a secret goes nowhere:
 * not into counts, not into errors.
 *
 * It does not find secrets that read like ordinary words, or that are broken over lines. Keys of tool
 * inputs are kept.
 */
import type { Session } from '../domain/session.ts'
import { classByKey, eachFinding, type Finding, HINT, RANK } from './secret.ts'

/** Redacts every string of a session, in whatever field it stands. */
export async function redactSession<S extends Omit<Session, 'id'>>(
  session: S,
): Promise<{ session: S; redactions: Redactions }> {
  const suspects = textsOf(
    session,
    (text, key) => text.length >= MIN_SECRET && (classByKey(key, text) !== null || mayHoldSecret(text)),
  )
  if (suspects.length === 0) return { session, redactions: {} }

  const secrets: Secret[] = []
  const clean: string[] = []
  for (const it of suspects) clean.push(await removeFrom(it, secrets))
  const redacted = withoutCopies(withTexts(session, suspects, clean), secrets)
  return { session: redacted, redactions: countByClass(secrets) }
}

/** No rule takes anything shorter for a secret. */
const MIN_SECRET = 8

/** Every secret replaced by `[redacted:CLASS]`. */
export async function redact(text: string): Promise<{ text: string; redactions: Redactions }> {
  const secrets: Secret[] = []
  return { text: await removeSecrets(text, secrets), redactions: countByClass(secrets) }
}

/** Quick, and rarely true where there is no secret. False means that `redact` would change nothing. */
export function mayHoldSecret(text: string): boolean {
  let found = false
  eachFinding(text, () => {
    found = true
    return 'stop'
  })
  return found
}

type Redactions = Record<string, number>

type Secret = { class: string; value: string }

async function removeFrom(place: Text, secrets: Secret[]): Promise<string> {
  const known = classByKey(place.name, place.text)
  if (known === null) return removeSecrets(place.text, secrets)
  secrets.push({ class: known, value: place.text })
  return placeholder(known)
}

/** Takes the secrets out of a text and adds them to `secrets`. */
async function removeSecrets(text: string, secrets: Secret[]): Promise<string> {
  for (let rest = text; ; ) {
    const noticed = findingsIn(rest)
    if (noticed.length === 0) return rest
    const own = noticed.filter((it) => it.class !== HINT)
    const findings = merged([...own, ...(await findingsOfSecretlint(rest, own))])
    if (findings.length === 0) return rest
    for (const it of findings) secrets.push({ class: it.class, value: rest.slice(it.start, it.end) })
    // Read again: what stood right beside a secret may only now be recognised.
    rest = replaced(rest, findings, (it) => placeholder(it.class))
  }
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

function replaced(text: string, findings: Finding[], by: (finding: Finding) => string): string {
  const parts: string[] = []
  let at = 0
  for (const it of findings) {
    parts.push(text.slice(at, it.start), by(it))
    at = it.end
  }
  return parts.join('') + text.slice(at)
}

function countByClass(secrets: Secret[]): Redactions {
  const counts: Redactions = {}
  for (const it of secrets) counts[it.class] = (counts[it.class] ?? 0) + 1
  return counts
}

/** A pattern of more words than this is slow to build. */
const COPIES_AT_ONCE = 256
const FEW_COPIES = 8

/** The secrets removed where they stand without anything that tells, as in `sed s/SECRET/…/`; adds them to `secrets`. */
function withoutCopies<S extends object>(session: S, secrets: Secret[]): S {
  const classes = new Map(secrets.filter((it) => isUnmistakable(it.value)).map((it) => [it.value, it.class]))
  // Longest first, for one secret may be the beginning of another.
  const values = [...classes.keys()].sort((a, b) => b.length - a.length)
  let clean = session
  for (let i = 0; i < values.length; i += COPIES_AT_ONCE) {
    const some = values.slice(i, i + COPIES_AT_ONCE)
    const copies = new RegExp(some.map(escaped).join('|'), 'g')
    const shortest = Math.min(...some.map((it) => it.length))
    // To look for a few texts one by one is faster than for all of them at once.
    const holds =
      some.length <= FEW_COPIES
        ? (text: string) => some.some((it) => text.includes(it))
        : (text: string) => text.search(copies) !== -1
    const places = textsOf(clean, (text) => text.length >= shortest && holds(text))
    const texts = places.map(({ text }) =>
      text.replace(copies, (value) => {
        const kind = classes.get(value)!
        secrets.push({ class: kind, value })
        return placeholder(kind)
      }),
    )
    clean = withTexts(clean, places, texts)
  }
  return clean
}

/** Long and mixed enough that the same characters elsewhere are the same secret, and not the word they happen to be. */
function isUnmistakable(value: string): boolean {
  return value.length >= 10 && /[A-Za-z]/.test(value) && /\d/.test(value) && !/\s/.test(value)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

// Walking a session without recursion, for the input of a tool may be nested without end.

/** An object or list in a session: where it stands, and the key that names what is in it. */
type Holder = { value: object; key: string | number; name: string; up: Holder | null; depth: number }

/** The depth of an event in a session. What its type and time say is checked where it is parsed, and is no secret. */
const EVENT_DEPTH = 2

type Text = { text: string; key: string | number; name: string; holder: Holder }

function textsOf(root: object, wanted: (text: string, name: string) => boolean): Text[] {
  const found: Text[] = []
  const open: Holder[] = []
  const meet = (value: unknown, key: string | number, name: string, holder: Holder | null) => {
    if (typeof value === 'string') {
      if (wanted(value, name)) found.push({ text: value, key, name, holder: holder! })
    } else if (typeof value === 'object' && value !== null)
      open.push({ value, key, name, up: holder, depth: holder === null ? 0 : holder.depth + 1 })
  }
  meet(root, '', '', null)
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (Array.isArray(holder.value)) {
      for (let i = 0; i < holder.value.length; i++) meet(holder.value[i], i, holder.name, holder)
    } else {
      const inside = holder.value as Record<string, unknown>
      for (const key in inside) {
        if (holder.depth === EVENT_DEPTH && (key === 'type' || key === 'processed_at')) continue
        meet(inside[key], key, key, holder)
      }
    }
  }
  return found
}

/** The same session with other texts: only what leads to them is copied. */
function withTexts<S extends object>(session: S, places: Text[], texts: string[]): S {
  const copies = new Map<Holder, Record<string | number, unknown>>()
  let root: unknown = session
  places.forEach((place, i) => {
    let key = place.key
    let value: unknown = texts[i]
    for (let holder: Holder | null = place.holder; holder !== null; holder = holder.up) {
      const known = copies.get(holder)
      const copy = known ?? copyOf(holder.value)
      copy[key] = value
      // From here up the way is copied already.
      if (known !== undefined) return
      copies.set(holder, copy)
      key = holder.key
      value = copy
      if (holder.up === null) root = copy
    }
  })
  return root as S
}

function copyOf(value: object): Record<string | number, unknown> {
  return (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>
}
