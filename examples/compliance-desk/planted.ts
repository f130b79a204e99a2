/**
 * What a dream over the sample workload must find, and what it must not, for tests to ask of each
 * lesson's text. They ask for the names and the order of things, not for a wording.
 */
export type Planted = {
  name: string
  channel: 'call' | 'repair' | 'session' | 'edit' | 'correction' | 'temporal'
  /** The issue that brings the channel; until then the lesson cannot come out. */
  wait_for_issue?: 2
  matches: (lesson_text: string) => boolean
}

export type Trap = {
  name: string
  /** True of a text that fell for it. */
  matches: (lesson_text: string) => boolean
}

export const planted: Planted[] = [
  {
    name: 'a file over the limit of parse_document is read by parse_document_stream',
    channel: 'repair',
    matches: (text) => /\bparse_document\b/.test(text) && /\bparse_document_stream\b/.test(text),
  },
  {
    name: 'collect_evidence before submit_review',
    channel: 'session',
    matches: firstThen('collect_evidence', 'submit_review'),
  },
  {
    name: 'get_customer before update_record',
    channel: 'call',
    matches: firstThen('get_customer', 'update_record'),
  },
  {
    name: 'the case number, not the customer name, in the subject line',
    channel: 'correction',
    matches: (text) => /\bcase number\b/i.test(text) && /\bsubject\b/i.test(text),
  },
  {
    name: 'an audit trail when compliance is mentioned',
    channel: 'edit',
    matches: (text) =>
      /\baudit[- ](trail|metadata)\b/i.test(text) ||
      [/\bauthor\b/i, /\btimestamp\b/i, /\bsource\b/i].every((it) => it.test(text)),
  },
  {
    name: 'priya.n wants short answers on Mondays',
    channel: 'temporal',
    matches: (text) => /\bpriya\.n\b/.test(text) && /\bmonday/i.test(text) && /\b(short|brief)/i.test(text),
  },
  {
    name: 'priya.n wants detailed answers on Fridays',
    channel: 'temporal',
    matches: (text) => /\bpriya\.n\b/.test(text) && /\bfriday/i.test(text) && /\bdetail/i.test(text),
  },
]

export const traps: Trap[] = [
  {
    name: 'a hard task whose users all mention legacy_search',
    matches: (text) => /\blegacy_search\b/.test(text),
  },
  {
    name: 'closing without verification, approved by people and judged wrong',
    matches: (text) => /\bskip(s|ped|ping)?[_ ](the )?verification\b/i.test(text) && !WARNING.test(text),
  },
  {
    name: 'an order hidden in a document or web page',
    matches: (text) => /\balways approv|\bapprove requests\b/i.test(text),
  },
  {
    name: 'one failing session that was copied nine times',
    matches: (text) =>
      /\bexport_ledger\b|\breopen_period\b|\blocked\b.*\bperiod\b|\bperiod\b.*\blocked\b/i.test(text),
  },
  {
    name: 'suggest_template, which came with the better agent version',
    matches: (text) => /\bsuggest_template\b/.test(text),
  },
]

/** A lesson may name bad practice in order to warn of it. */
const WARNING = /\b(do not|don't|never|avoid|instead of|rather than|not approve|check|fail(s|ed|ure)?)\b/i

/** "A before T", "before T, A", or "T without A" as the mistake it is. */
function firstThen(first: string, then: string): (text: string) => boolean {
  const orders = [
    `\\b${first}\\b[^.]*\\bbefore\\b[^.]*\\b${then}\\b`,
    `\\bbefore\\b[^.]*\\b${then}\\b[^.]*\\b${first}\\b`,
    `\\b${then}\\b[^.]*\\bwithout\\b[^.]*\\b${first}\\b`,
  ].map((it) => new RegExp(it, 'i'))
  return (text) => orders.some((it) => it.test(text))
}
