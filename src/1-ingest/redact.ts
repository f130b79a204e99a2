import type { Session } from '../domain/session.ts'
import { classByKey, eachFinding, type Finding, HINT } from './secret.ts'

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
export async function redactSession<S extends Omit<Session, 'id'>>(
  session: S,
): Promise<{ session: S; redactions: Redactions }> {
  const suspects = textsOf(session, (text, key) => classByKey(key, text) !== null || mayHoldSecret(text))
  if (suspects.length === 0) return { session, redactions: {} }

  const secrets: Secret[] = []
  const clean: string[] = []
  for (const it of suspects) clean.push(await removeFrom(it, secrets))
  const redacted = withoutCopies(withTexts(session, suspects, clean), secrets)
  return { session: redacted, redactions: countByClass(secrets) }
}

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
    const own = findingsIn(rest)
    if (own.length === 0) return rest
    const findings = merged([...own.filter((it) => it.class !== HINT), ...(await findingsOfSecretlint(rest))])
    if (findings.length === 0) return rest
    for (const it of findings) secrets.push({ class: it.class, value: rest.slice(it.start, it.end) })
    // Read again: what stood right beside a secret may only now be recognised.
    rest = replaced(rest, findings)
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

const SECRETLINT_RANK = 1

async function findingsOfSecretlint(text: string): Promise<Finding[]> {
  const [{ lintSource }, { rules }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ])
  // The n of an escaped line end would make one word with what follows it.
  const content = text.replace(/\\[nrt]/g, '  ')
  const { messages } = await lintSource({
    source: { content, filePath: 'transcript', ext: '', contentType: 'text' },
    options: {
      config: {
        rules: rules
          .filter((it) => !RULES_LEFT_OUT.test(it.meta.id))
          .map((rule) => ({ id: rule.meta.id, rule })),
      },
      noPhysicFilePath: true,
    },
  })
  return messages.map(({ range: [start, end], ruleId }) => ({
    start,
    end,
    class: ruleId.replace('@secretlint/secretlint-rule-', ''),
    rank: SECRETLINT_RANK,
  }))
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

function replaced(text: string, findings: Finding[]): string {
  const parts: string[] = []
  let at = 0
  for (const it of findings) {
    parts.push(text.slice(at, it.start), placeholder(it.class))
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

/** The secrets removed where they stand without anything that tells, as in `sed s/SECRET/…/`; adds them to `secrets`. */
function withoutCopies<S extends object>(session: S, secrets: Secret[]): S {
  const classes = new Map(secrets.filter((it) => isUnmistakable(it.value)).map((it) => [it.value, it.class]))
  // Longest first, for one secret may be the beginning of another.
  const values = [...classes.keys()].sort((a, b) => b.length - a.length)
  let clean = session
  for (let i = 0; i < values.length; i += COPIES_AT_ONCE) {
    const copy = new RegExp(
      values
        .slice(i, i + COPIES_AT_ONCE)
        .map(escaped)
        .join('|'),
      'g',
    )
    const holders = textsOf(clean, (text) => text.search(copy) !== -1)
    const texts = holders.map(({ text }) =>
      text.replace(copy, (value) => {
        secrets.push({ class: classes.get(value)!, value })
        return placeholder(classes.get(value)!)
      }),
    )
    clean = withTexts(clean, holders, texts)
  }
  return clean
}

/** Long and mixed enough that the same characters elsewhere are the same secret, and not the word they happen to be. */
function isUnmistakable(value: string): boolean {
  return value.length >= 10 && /[A-Za-z]/.test(value) && /\d/.test(value) && !/\s/.test(value)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

// Walking a session without recursion, for the input of a tool may be nested without end.

/** An object or list in a session: where it stands, and the key that names what is in it. */
type Holder = { value: object; key: string | number; name: string; up: Holder | null }

type Text = { text: string; key: string | number; name: string; holder: Holder }

function textsOf(root: object, wanted: (text: string, name: string) => boolean): Text[] {
  const found: Text[] = []
  const open: Holder[] = []
  const meet = (value: unknown, key: string | number, name: string, holder: Holder | null) => {
    if (typeof value === 'string') {
      if (wanted(value, name)) found.push({ text: value, key, name, holder: holder! })
    } else if (typeof value === 'object' && value !== null) open.push({ value, key, name, up: holder })
  }
  meet(root, '', '', null)
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (Array.isArray(holder.value)) {
      for (let i = 0; i < holder.value.length; i++) meet(holder.value[i], i, holder.name, holder)
    } else {
      const inside = holder.value as Record<string, unknown>
      for (const key in inside) meet(inside[key], key, key, holder)
    }
  }
  return found
}

/** The same session with other texts: only what leads to them is copied. */
function withTexts<S extends object>(session: S, places: Text[], texts: string[]): S {
  const copies = new Map<object, Record<string | number, unknown>>()
  places.forEach((place, i) => {
    let key = place.key
    let value: unknown = texts[i]
    for (let holder: Holder | null = place.holder; holder !== null; holder = holder.up) {
      const copy = copies.get(holder.value) ?? copyOf(holder.value)
      copies.set(holder.value, copy)
      // The way up from here is copied already.
      if (copy[key] === value) break
      copy[key] = value
      key = holder.key
      value = copy
    }
  })
  return (copies.get(session) ?? session) as S
}

function copyOf(value: object): Record<string | number, unknown> {
  return (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>
}
