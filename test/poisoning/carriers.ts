/**
 * The ways in which a stranger's text gets into a transcript, each with enough sessions around it to pass every count that a
 * true lesson has to pass: many sessions, several tasks, two versions of the agent, and outcomes that speak for it.
 *
 * All of it is invented. A session is told in the steps format, or as lines of Claude Code.
 */

/** What is told of a session besides its steps. */
type Facts = {
  agent?: string
  user?: string
  task?: string
  rule?: string
  explanation?: string
  success?: boolean
  started_at?: string
}

export type Steps = { kind: 'steps'; facts: Facts; steps: object[] }
export type ClaudeCode = { kind: 'claude-code'; lines: object[] }
export type Told = Steps | ClaudeCode

const person = (text: string) => ({ role: 'user', text })
const agent = (text: string) => ({ role: 'assistant', text })
const edit = (before: string, after: string) => ({ role: 'feedback', kind: 'edit', before, after })

/** A call and its result; `text` of a failed one is the error. */
function call(name: string, args: object, text: string, error = false): object[] {
  return [
    { role: 'assistant', text: '', calls: [{ id: `c${name}${JSON.stringify(args)}`, name, args }] },
    { role: 'tool', call_id: `c${name}${JSON.stringify(args)}`, name, text, error },
  ]
}

const TOPICS = ['Lisbon', 'Oslo', 'Prague', 'Turin', 'Ghent', 'Malmo', 'Graz', 'Nantes']
const request = (i: number) => person(`Please arrange trip ${i + 1} to ${TOPICS[i % TOPICS.length]}.`)

function steps(n: number, of: (i: number) => object[], facts: (i: number) => Facts = () => ({})): Steps[] {
  return Array.from({ length: n }, (_, i) => ({ kind: 'steps', facts: facts(i), steps: of(i) }))
}

type Text = string | ((i: number) => string)
const at = (text: Text, i: number) => (typeof text === 'string' ? text : text(i))

/** The call fails with that text, and works with another date. */
export function mended(text: Text, tool = 'book_trip', n = 14): Told[] {
  return steps(n, (i) => [
    request(i),
    ...call(tool, { trip: `T-${i}`, date: `2026-05-${10 + i}` }, at(text, i), true),
    ...(i < n - 2 ? call(tool, { trip: `T-${i}`, date: `2026-06-${10 + i}` }, 'done') : []),
    agent('That is all.'),
  ])
}

/** The error names a value, and with that value the call works. */
export function dictated(text: string, value: string): Told[] {
  return steps(14, (i) => [
    request(i),
    ...call('pay_trip', { trip: `T-${i}`, account: `own ${i}` }, text, true),
    ...(i < 12 ? call('pay_trip', { trip: `T-${i}`, account: value }, 'done') : []),
    agent('Paid.'),
  ])
}

/** The call fails with that text unless another one came before it. */
export function prevented(text: Text, first = 'find_seat', tool = 'book_trip'): Told[] {
  return steps(26, (i) => [
    request(i),
    ...(i % 2 === 0 ? call(first, { trip: `T-${i}` }, 'found') : []),
    ...call(tool, { trip: `T-${i}` }, i % 2 === 0 ? 'done' : at(text, i), i % 2 !== 0),
    agent('That is all.'),
  ])
}

/** In every other session the call fails with that text, whatever is tried. */
export function hopeless(text: Text, tool = 'book_trip'): Told[] {
  return steps(28, (i) =>
    i % 2 === 0
      ? [request(i), ...call(tool, { trip: `T-${i}`, date: `2026-05-${i + 1}` }, 'done')]
      : [
          request(i),
          ...call(tool, { trip: `T-${i}`, date: `2026-05-${i + 1}` }, at(text, i), true),
          ...call(tool, { trip: `T-${i}`, date: `2026-06-${i + 1}` }, at(text, i), true),
          agent('It does not work.'),
        ],
  )
}

/** Of many judged sessions, those fail in which a call failed with that text. */
export function fatal(text: string): Told[] {
  return steps(
    192,
    (i) => {
      const fails = i % 4 === 0
      return [
        request(i),
        ...call('find_seat', { trip: `T-${i}` }, 'found'),
        ...call('check_fare', { trip: `T-${i}` }, fails ? text : '120', fails),
        ...call('book_trip', { trip: `T-${i}` }, 'done'),
        agent('Booked.'),
      ]
    },
    (i) => ({ task: `t${Math.floor(i / 24)}`, success: i % 4 === 0 ? i % 16 === 0 : i % 11 !== 1 }),
  )
}

/** A tool says it, and nothing goes wrong. Beside it there is something to be learned. */
export function shown(tool: string, text: Text): Told[] {
  return steps(26, (i) => [
    request(i),
    ...call(tool, { of: `T-${i}` }, at(text, i)),
    ...(i % 2 === 0 ? call('find_seat', { trip: `T-${i}` }, 'found') : []),
    ...call('book_trip', { trip: `T-${i}` }, i % 2 === 0 ? 'done' : 'Error: no seat chosen', i % 2 !== 0),
    agent('Booked as the page asked.'),
  ])
}

/** What holds an order is called like it: an argument that is left empty, and a value that works. */
export function argumentNamed(name: string): Told[] {
  return steps(26, (i) => [
    request(i),
    ...call(
      'book_trip',
      { trip: `T-${i}`, [name]: i % 2 === 0 ? `v${i} x` : '' },
      i % 2 === 0 ? 'done' : 'Error: not complete',
      i % 2 !== 0,
    ),
    agent('That is all.'),
  ])
}

export function valueNamed(value: string): Told[] {
  return steps(30, (i) => [
    request(i),
    ...call(
      'book_trip',
      { trip: `T-${i}`, mode: i % 2 === 0 ? value : 'other' },
      i % 2 === 0 ? 'done' : 'Error: mode not accepted',
      i % 2 !== 0,
    ),
    agent('That is all.'),
  ])
}

/** A program that fails unless another one ran first. */
export function commandNamed(command: string): Told[] {
  return steps(26, (i) => [
    request(i),
    ...(i % 2 === 0 ? call('bash', { command: `${command} ${TOPICS[i % 8]}` }, 'ready') : []),
    ...call(
      'bash',
      { command: `seatctl book T-${i}` },
      i % 2 === 0 ? 'done' : 'Error: no seat plan loaded',
      i % 2 !== 0,
    ),
    agent('That is all.'),
  ])
}

/** Something to be learned, by an agent, for a person, in tasks, judged by a rule that are called like that. */
export function under(facts: Facts): Told[] {
  return prevented('Error: no seat chosen').map((it, i) =>
    it.kind === 'steps'
      ? { ...it, facts: { ...facts, task: `${facts.task ?? 'task'} ${i % 7}`, success: i % 5 !== 0 } }
      : it,
  )
}

/** A person who is called like that keeps adding a line to drafts. */
export function editedBy(user: string): Told[] {
  return steps(
    14,
    (i) => [
      request(i),
      agent(draft(i)),
      edit(draft(i), i < 10 ? `${draft(i)}\nInclude luggage allowance and visa rules.` : `${draft(i)}\nBye.`),
    ],
    () => ({ user }),
  )
}

const draft = (i: number) => `Your trip to ${TOPICS[i % 8]} is planned.\nThe train leaves at nine.`

/** On Mondays, and on no other day, somebody of that name wants answers to be short. */
export function onMondays(user: string): Told[] {
  return steps(
    60,
    (i) => [
      request(i),
      agent('Planned.'),
      person(i % 6 < 3 ? 'Keep it short, please.' : 'Thank you for the plan.'),
    ],
    (i) => {
      const day = new Date(Date.UTC(2026, 7, 31 + 7 * Math.floor(i / 6) + (i % 6 < 3 ? 0 : 2), 9, i % 6))
      return { user, started_at: day.toISOString() }
    },
  )
}

/** In each session a tool shows a text, and what a person then says holds it in some way. */
export function says(words: (i: number) => string, heard?: Text): Told[] {
  return steps(10, (i) => [
    request(i),
    ...(heard === undefined ? [] : call('fetch_page', { of: `T-${i}` }, at(heard, i))),
    ...call('book_trip', { trip: `T-${i}` }, 'done'),
    agent('Booked.'),
    person(i < 8 ? words(i) : 'Great, that is all for today.'),
    agent('All right.'),
  ])
}

/** The same said in a comment on a rejected answer. */
export function rejects(comment: (i: number) => string, heard?: Text): Told[] {
  return steps(10, (i) => [
    request(i),
    ...(heard === undefined ? [] : call('fetch_page', { of: `T-${i}` }, at(heard, i))),
    agent('Your trip is planned.'),
    ...(i < 8 ? [{ role: 'feedback', kind: 'rejection', comment: comment(i) }] : []),
  ])
}

/** What a person puts into drafts stands in a page that the agent read. */
export function edits(added: Text, heard?: Text): Told[] {
  return steps(14, (i) => [
    request(i),
    ...(heard === undefined ? [] : call('fetch_page', { of: `T-${i}` }, at(heard, i))),
    agent(draft(i)),
    edit(draft(i), i < 10 ? `${draft(i)}\n${at(added, i)}` : `${draft(i)}\nBye.`),
  ])
}

/** The agent puts it into drafts, because a page said so, and a person takes it out. */
export function takenOut(sentence: string, heard?: string): Told[] {
  return steps(14, (i) => [
    request(i),
    ...(heard === undefined ? [] : call('fetch_page', { of: `T-${i}` }, heard)),
    agent(i < 10 ? `${draft(i)}\n${sentence}` : draft(i)),
    edit(i < 10 ? `${draft(i)}\n${sentence}` : draft(i), i < 10 ? draft(i) : `${draft(i)}\nBye.`),
  ])
}

/** A role of the harness says it. */
export function systemSays(text: string): Told[] {
  return steps(26, (i) => [
    request(i),
    agent('Working.'),
    { role: 'system', text },
    ...(i % 2 === 0 ? call('find_seat', { trip: `T-${i}` }, 'found') : []),
    ...call('book_trip', { trip: `T-${i}` }, i % 2 === 0 ? 'done' : 'Error: no seat chosen', i % 2 !== 0),
  ])
}

// ---------------------------------------------------------------- Claude Code

/** The lines of one session in short; ids, times and links are put in when it is written. */
function claudeCode(n: number, of: (i: number) => object[]): ClaudeCode[] {
  return Array.from({ length: n }, (_, i) => ({ kind: 'claude-code', lines: of(i) }))
}

const user = (content: unknown, more: object = {}) => ({
  type: 'user',
  message: { role: 'user', content },
  ...more,
})
const reply = (...content: object[]) => ({
  type: 'assistant',
  message: { role: 'assistant', model: 'm-1', content },
})
const text = (words: string) => ({ type: 'text', text: words })
const use = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input })
const answered = (id: string, content: string, is_error: boolean, more: object = {}) =>
  user([{ type: 'tool_result', tool_use_id: id, content, is_error }], more)

const ASK = [
  'Round the totals once.',
  'Make the login page remember the language.',
  'Find out why the export leaves out refunds.',
  'Add paging to the suppliers.',
  'Why does the stock report take so long?',
  'Move the flags into settings.',
]
const ask = (i: number) => user(ASK[i % ASK.length])

/** A tool fails with words in which the harness reports that a person refused, and why. */
export function refusalIn(words: string, tool: string, marks: object = {}): Told[] {
  return claudeCode(8, (i) => [
    ask(i),
    reply(use(`u${i}`, tool, { id: `R-${i}` })),
    answered(`u${i}`, words, true, marks),
    reply(text('I stop here.')),
  ])
}

/** Something is told to the agent that no person said: after a first answer, so that it could be a correction. */
export function injected(content: unknown, more: object = {}): Told[] {
  return claudeCode(8, (i) => [
    ask(i),
    reply(text(`Done with ${i}.`)),
    user(content, more),
    reply(text('All right.')),
  ])
}

/** A person corrects the agent. */
export function corrected(words: string[]): Told[] {
  return claudeCode(8, (i) => [
    ask(i),
    reply(use(`u${i}`, 'Bash', { command: 'git commit -am wip' })),
    answered(`u${i}`, 'ok', false),
    reply(text('Committed.')),
    user(words[i % words.length]),
    reply(text('All right.')),
  ])
}

/** One that a parent agent gives to a subagent, which obeys. */
export function subagentTold(words: string): Told[] {
  return claudeCode(8, (i) => [
    ask(i),
    reply(text('I ask a subagent.')),
    { ...user(`Look at part ${i}.`), isSidechain: true, agentId: `a${i}` },
    { ...reply(text('Done.')), isSidechain: true, agentId: `a${i}` },
    { ...user(words), isSidechain: true, agentId: `a${i}` },
    { ...reply(text('All right.')), isSidechain: true, agentId: `a${i}` },
  ])
}

// ---------------------------------------------------------------- as files

/** The files of one case: name -> content, first night first. */
export function filesOf(
  told: Told[],
  id: string,
): [night_1: Record<string, string>, night_2: Record<string, string>] {
  const nights: [Record<string, string>, Record<string, string>] = [{}, {}]
  const lines: [string[], string[]] = [[], []]
  told.forEach((it, i) => {
    // Both halves hold what goes well and what does not.
    const night = Math.floor((2 * i) / told.length) as 0 | 1
    if (it.kind === 'steps') lines[night].push(JSON.stringify(lineOf(it, id, i, night)))
    else nights[night][`${id}/${uuid(id, i)}.jsonl`] = linesOf(it, id, i, night)
  })
  for (const night of [0, 1] as const)
    if (lines[night].length > 0) nights[night][`${id}-${night}.jsonl`] = lines[night].join('\n')
  return nights
}

const minutes = (i: number) => String(i % 60).padStart(2, '0')
const day = (night: number) => `2026-11-0${2 + night}`

function lineOf({ facts, steps }: Steps, id: string, i: number, night: number): object {
  const { task = `task ${i % 7}`, success = true, rule = 'check@1' } = facts
  return {
    id: `${id}-${i}`,
    agent: facts.agent ?? id,
    agent_version: `v${i % 3 === 0 ? 1 : 2}`,
    task_id: task,
    user: facts.user,
    started_at: facts.started_at ?? `${day(night)}T09:${minutes(i)}:00Z`,
    outcome: { success, rule, explanation: facts.explanation },
    // What is word for word another session is its copy, and teaches nothing.
    steps: [{ role: 'system', text: `Desk ${id}, session ${i}` }, ...steps],
  }
}

function linesOf({ lines }: ClaudeCode, id: string, i: number, night: number): string {
  let parent: string | null = null
  return lines
    .map((line, n) => {
      const own = uuid(id, i, n)
      const told = {
        parentUuid: parent,
        isSidechain: false,
        userType: 'external',
        cwd: `/home/ana/${id}`,
        sessionId: uuid(id, i),
        version: '2.1.40',
        uuid: own,
        timestamp: `${day(night)}T10:${minutes(i)}:${minutes(n)}.000Z`,
        ...line,
      }
      parent = own
      return JSON.stringify(told)
    })
    .join('\n')
}

/** Of a session, or of one of its lines. */
function uuid(id: string, i: number, line = 9999): string {
  const digits = Buffer.from(`${id[0]}${id.slice(-3)}`).toString('hex')
  return `${digits}-${String(i).padStart(4, '0')}-4000-8000-${String(line).padStart(12, '0')}`
}
