/**
 * Sessions in the steps format for tests of erasing. Some are marked: a word that stands nowhere else is in every field that a session has, so
 * that whatever is made of them can be found.
 */
import { generator } from '../3-mine/tallied.ts'

/** What may not be found anywhere once the marked sessions are erased, in whatever spelling. */
export const MARKS = [
  'qzxprompt',
  'qzxtool',
  'qzxprepare',
  'qzxkey',
  'qzxvalue',
  'qzxoutput',
  'qzxerror',
  'qzxdetail',
  'qzxsession',
  'qzxanswer',
  'qzxperson',
  'qzxedited',
  'qzxwish',
  'qzxnever',
  'qzxexplained',
  'qzxrule',
  'qzxtask',
  'qzxalike',
  'qzxversion',
  'qzxsystem',
  'qzxrefused',
  'qzxfile',
]

/** Marked sessions of one person, numbered from `first`. */
export function marked(n: number, first = 0): string[] {
  return Array.from({ length: n }, (_, i) => {
    const id = first + i
    const prepared = i % 2 === 0
    return line({
      id: `qzxsession-${id}`,
      user: 'qzxperson',
      agent_version: 'qzxversion-1',
      task_id: `qzxtask-${i % 7}`,
      started_at: at(id),
      outcome: { success: prepared, rule: 'qzxrule@1', explanation: 'it was qzxexplained' },
      steps: [
        { role: 'system', text: 'You run on qzxsystem.' },
        { role: 'user', text: `Send the qzxprompt "${id}"\nplease.` },
        { role: 'assistant', text: 'I send it, as qzxanswer says.' },
        ...(prepared ? call(`p${id}`, 'qzxprepare', { qzxkey: `qzxvalue-${id}` }, 'qzxoutput is there') : []),
        ...call(
          `t${id}`,
          'qzxtool',
          { qzxkey: `qzxvalue-${id}` },
          prepared ? 'done' : 'Error: qzxerror, the qzxdetail is not open yet',
          !prepared,
        ),
        ...(i % 5 === 0 ? refund(`r${id}`, false, 'for qzxdetail') : []),
        {
          role: 'user',
          text: `No, always put the qzxwish first in letters of the desk, and use qzxnever words.`,
        },
        { role: 'assistant', text: 'Dear client, the letter is ready.' },
        {
          role: 'feedback',
          kind: 'edit',
          before: 'Dear client, the letter is ready.',
          after: 'Dear client, the letter is ready. We signed it by qzxedited procedure today.',
        },
        { role: 'feedback', kind: 'rejection', comment: 'Please use the qzxrefused greeting.' },
      ],
    })
  })
}

/** Marked sessions that a rule judged all alike, which is worth an alert. */
export function judgedAlike(n: number, first: number): string[] {
  return marked(n, first).map((it) =>
    JSON.stringify({ ...JSON.parse(it), outcome: { success: true, rule: 'qzxalike@1' } }),
  )
}

/** Sessions of other people that have nothing of the marked ones; every second one looks the order up before it refunds. */
export function ordinary(n: number, first = 0, seed = 5): string[] {
  const random = generator(seed)
  return Array.from({ length: n }, (_, i) => {
    const id = first + i
    const looked = random() < 0.5
    return line({
      id: `ordinary-${id}`,
      user: ['ana', 'ben', 'cleo'][i % 3],
      agent_version: 'v1',
      task_id: i % 4 === 0 ? undefined : `refund-${i % 4}`,
      started_at: at(id),
      outcome: { success: looked, rule: 'books@1' },
      steps: [
        { role: 'user', text: `Please refund order ${id} to the card.` },
        ...(looked ? call(`g${id}`, 'get_order', { order: String(id) }, 'status: delivered') : []),
        ...refund(`r${id}`, looked, 'for the card'),
        ...(i % 5 === 0 ? [{ role: 'user', text: 'No, always answer in short sentences.' }] : []),
        { role: 'assistant', text: 'It is refunded.' },
      ],
    })
  })
}

function refund(id: string, succeeds: boolean, what: string): object[] {
  const answer = succeeds ? 'refunded' : `Error: the order is not loaded ${what}`
  return call(id, 'refund', { order: id }, answer, !succeeds)
}

function call(id: string, name: string, args: object, text: string, error = false): object[] {
  return [
    { role: 'assistant', text: '', calls: [{ id, name, args }] },
    { role: 'tool', call_id: id, name, text, error },
  ]
}

/** One session a day from 5 January 2026 on. */
export function at(day: number): string {
  return new Date(Date.UTC(2026, 0, 5, 9) + day * 86_400_000).toISOString()
}

function line(session: object): string {
  return JSON.stringify({ agent: 'desk', ...session })
}
