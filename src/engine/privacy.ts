/** What is redacted besides secrets: where somebody asks for it, and in all that is put in over the wire where the server was started so. */
import { keyedDigest, type Privacy } from '../1-ingest/pii.ts'
import { redactionKey } from '../db/settings.ts'
import type { PiiClass, PrivacyChoice } from '../domain/pii.ts'
import type { Once } from './idempotency.ts'
import type { Opened } from './opened.ts'

export async function privacyOf(
  opened: Pick<Opened, 'db' | 'now'>,
  { redact = [], names = [] }: PrivacyChoice,
): Promise<Privacy | undefined> {
  const listed = names.filter((it) => it.trim() !== '')
  const classes = [...new Set<PiiClass>([...redact, ...(listed.length > 0 ? (['name'] as const) : [])])]
  if (classes.length === 0) return undefined
  return { classes, names: listed.join('\n'), key: await redactionKey(opened.db, opened.now().toISOString()) }
}

/** Of what is put in over the wire. */
export async function privacyOfWire(opened: Opened): Promise<Privacy | undefined> {
  if (opened.redacts === undefined) return undefined
  const known = asked.get(opened) ?? (await privacyOf(opened, opened.redacts))
  if (known !== undefined) asked.set(opened, known)
  return known
}

/** The key of a workspace never changes. */
const asked = new WeakMap<Opened, Privacy>()

/** Of a request only a hash is kept; with a key, so that nobody finds what is personal in it by trying. */
export function keyedOnce(once: Once, privacy: Privacy | undefined): Once {
  if (once === null || privacy === undefined) return once
  return { ...once, request: keyedDigest(privacy.key, 'request', once.request) }
}
