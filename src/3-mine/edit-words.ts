import { isContraction } from '../domain/contraction.ts'
import type { Evidence } from '../domain/evidence.ts'
import { visible } from '../domain/visible-text.ts'
import type { Finding } from './finding.ts'
import { of, quoted, type Words } from './words.ts'

/** "When a request mentions compliance, include "Author: … | Timestamp: … | Source: …"." */
export function addition(finding: Finding, evidence: Evidence[]): Words {
  const { person, topic, effect } = finding
  const who = whoOf(finding)
  const what = skeletonOf(finding, evidence, 'person')
  return {
    name: [
      person ?? '',
      ...(topic === undefined ? [] : ['when', topic]),
      'include',
      ...telling(finding),
    ].join(' '),
    text: `${situation(finding, 'include')} ${what}.`,
    why:
      topic === undefined
        ? `${who} added it in ${of(effect.exposed)} edited sessions.`
        : `${who} added it in ${of(effect.exposed)} edited sessions with such a request, and in ${of(effect.unexposed)} others.`,
  }
}

export function removal(finding: Finding, evidence: Evidence[]): Words {
  return {
    name: [finding.person ?? '', 'leave out', ...telling(finding)].join(' '),
    text: `${situation(finding, 'leave out')} ${skeletonOf(finding, evidence, 'agent')}.`,
    why: `${whoOf(finding)} took it out in ${of(finding.effect.exposed)} edited sessions.`,
  }
}

export function replacement(finding: Finding, evidence: Evidence[]): Words {
  const [from, spoken] = finding.trait
    .slice('replace '.length)
    .replace(/(?<![^ ])i(?=[ ']|$)/g, 'I')
    .split(' > ') as [string, string]
  // As people spell it, where it was all they put in.
  const to =
    evidence.find((it) => it.origin === 'person' && it.quote.toLowerCase() === spoken.toLowerCase())?.quote ??
    spoken
  return {
    name: `${finding.person ?? ''} write ${to} instead of ${from}`,
    text: `${situation(finding, 'write')} ${quoted(to)} instead of ${quoted(from)}.`,
    why: `${whoOf(finding)} replaced it in ${of(finding.effect.exposed)} edited sessions.`,
  }
}

/** When to do it, and for whom; the verb begins the sentence where it holds always. */
function situation({ person, topic }: Finding, verb: string): string {
  if (person === undefined)
    return topic === undefined ? capitalized(verb) : `When a request mentions ${topic}, ${verb}`
  return topic === undefined
    ? `When you write for ${person}, ${verb}`
    : `When ${person} mentions ${topic}, ${verb}`
}

function whoOf({ person }: Finding): string {
  return person ?? 'People'
}

function capitalized(verb: string): string {
  return `${verb[0]!.toUpperCase()}${verb.slice(1)}`
}

const NAME_WORDS = 4

function telling(finding: Finding): string[] {
  return finding.better!.split(' ').slice(0, NAME_WORDS)
}

/**
 * What the quotes have in common, in quotation marks: the most frequent of them once each word that does not recur
 * is left out. Without a quote, the words that recur.
 */
function skeletonOf(finding: Finding, evidence: Evidence[], origin: Evidence['origin']): string {
  const sayable = new Set(finding.sayable)
  const topic = finding.better!.split(' ')
  const skeletons = new Map<string, number>()
  for (const it of evidence) {
    if (it.origin !== origin) continue
    const skeleton = skeletonIn(it.quote, sayable)
    skeletons.set(skeleton, (skeletons.get(skeleton) ?? 0) + 1)
  }
  const held = (text: string) => topic.filter((word) => text.toLowerCase().includes(word)).length
  const [best] = [...skeletons]
    .filter(([text]) => held(text) > 0)
    .sort(([a, n], [b, m]) => m - n || held(b) - held(a) || a.length - b.length || (a < b ? -1 : 1))
  return best === undefined ? topic.map((it) => quoted(it)).join(', ') : quoted(best[0], SKELETON_LIMIT)
}

const SKELETON_LIMIT = 120
const SLOT = '…'
const CHUNK = /[^\s,;|=()[\]{}<>"“”]+/g

function skeletonIn(quote: string, sayable: Set<string>): string {
  const isPlain = (word: string) =>
    FUNCTION_WORDS.has(word) ||
    isContraction(word) ||
    sayable.has(word) ||
    sayable.has(word.replace(/(?:['’]s|s)$/, ''))
  const masked = visible(quote)
    .replaceAll('"', "'")
    .replace(CHUNK, (chunk) => {
      const [, open, word, mark] = /^(['’]*)(.*?)([.:!?'’]*)$/.exec(chunk)!
      return word === '' || isPlain(word!.toLowerCase()) ? chunk : `${open}${SLOT}${mark}`
    })
  return masked
    .replace(/…(?: …)+/g, SLOT)
    .replace(/\.+$/, '')
    .trim()
}

/** Words that say nothing about a task or a person, whoever uses them. */
const FUNCTION_WORDS = new Set(
  `a an the this that these those and or but not no nor of for to in on at by with from as if when who what which is are was were be been has have had do
   does did will would can could may must should it its we our us you your they their he she i my me please all any each every some more most only also
   so than then there here out up one two next after before again still just very about between into over under because while until during against above
   below off down other another both few own same such never always instead rather now cannot shall might let get got make made give want need know think see
   look say said tell told ask asked use used using help like thank thanks sorry sure yes hello really already right wrong correct - – — & +`.split(
    /\s+/,
  ),
)
