/**
 * Made-up Claude Code sessions, for measuring ingest: in goes a size, out comes a folder laid out as the
 * tool lays it out (`<project>/<session>.jsonl`, `<project>/<session>/subagents/agent-<id>.jsonl`).
 *
 * The same options always write the same bytes. Every line is JSON; line types, line sizes, the share of tool
 * results and how well it all compresses follow real transcripts (the README says how closely). Everything
 * a parser has to get right occurs: messages spread over several lines, results out of order, dead branches,
 * compaction, rejections, interrupts, subagents, resumed copies, images, a rare secret.
 *
 * Words, code and secrets are drawn by a seeded generator; only the phrases by which a parser knows what
 * happened (a rejection, an interrupt, a failed call) are the tool's own. The sessions mean nothing, so no
 * lesson can be mined from them: for that there is `examples/compliance-desk`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Options = {
  /** Written until there is at least this much; the last session's subagents come on top. */
  bytes: number
  seed?: number
  /** 300 KB unless said. A step is about 10 KB, so sessions asked to be smaller come out near that. */
  median_bytes?: number
}

export function writeClaudeCodeWorkload(
  folder: string,
  { bytes, seed = 1, median_bytes = 300_000 }: Options,
): { files: number; bytes: number; lines: number } {
  const dice = diceFrom(seed)
  const projects = PROJECTS.map((name) => newProject(name, dice))
  const written = { files: 0, bytes: 0, lines: 0 }

  for (let number = 0; written.bytes < bytes; number++) {
    const size = Math.min(dice.logNormal(median_bytes, 1.4), LARGEST_SESSION, bytes - written.bytes)
    const session = newSession(dice.pick(projects), number, dice)
    if (dice.chance(0.05)) copyEarlierSession(session)
    while (session.size < size) appendTurn(session, size)
    session.project.earlier = session.lines.slice(0, 200)

    for (const thread of [session, ...session.subagents]) {
      const text = `${thread.lines.join('\n')}\n`
      writeThread(join(folder, session.project.folder), thread, text)
      written.files++
      written.bytes += Buffer.byteLength(text)
      written.lines += thread.lines.length
    }
  }
  return written
}

function writeThread(folder: string, thread: Thread, text: string): void {
  const { sessionId, agentId } = thread.envelope
  const base = agentId === undefined ? sessionId : join(sessionId, 'subagents', `agent-${agentId}`)
  const path = join(folder, base)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.jsonl`, text)
  if (agentId !== undefined)
    writeFileSync(`${path}.meta.json`, JSON.stringify({ agentType: 'general-purpose', spawnDepth: 1 }))
}

const LARGEST_SESSION = 24_000_000

// Sessions: one file each, a main thread or a subagent's.

type Thread = {
  dice: Dice
  project: Project
  model: string
  /** What every line of the conversation begins with. */
  envelope: {
    isSidechain: boolean
    userType: 'external'
    cwd: string
    sessionId: string
    version: string
    gitBranch: string
    agentId?: string
    slug?: string
  }
  /** The uuid that the next line follows. */
  parent: string | null
  /** Where the turn before this one began: what a rewind goes back to. */
  turn_parent: string | null
  clock: number
  lines: string[]
  size: number
  size_at_compaction: number
  /** The files in use move through the project, so a session reads the same few files again and again. */
  focus: number
  read: Set<string>
  edits: Map<string, number>
  /** Calls that a failed call leads to: an edit refused because the file was not read is read, then edited. */
  pending: (() => Call)[]
  subagents: Thread[]
}

function newSession(project: Project, number: number, dice: Dice): Thread {
  return {
    dice,
    project,
    model: dice.pick(MODELS),
    envelope: {
      isSidechain: false,
      userType: 'external',
      cwd: project.cwd,
      sessionId: dice.uuid(),
      version: VERSIONS[Math.floor(number / 40) % VERSIONS.length]!,
      gitBranch: dice.chance(0.6) ? 'main' : `${dice.pick(VERBS)}-${dice.pick(NOUNS)}`,
      slug: `${dice.pick(NOUNS)}-${dice.pick(VERBS)}-${dice.pick(NOUNS)}`,
    },
    parent: null,
    turn_parent: null,
    clock: FIRST_DAY + number * 37 * 60_000,
    lines: [],
    size: 0,
    size_at_compaction: 0,
    focus: dice.below(FILES_PER_PROJECT),
    read: new Set(),
    edits: new Map(),
    pending: [],
    subagents: [],
  }
}

/** Resuming writes the old lines again, uuids and all, into the file of the new session. */
function copyEarlierSession(session: Thread): void {
  const copied = session.project.earlier
  if (copied.length === 0) return
  append(session, { type: 'summary', summary: title(session.dice), leafUuid: session.dice.uuid() })
  for (const line of copied) {
    appendLine(session, line)
    session.parent = JSON.parse(line).uuid ?? session.parent
  }
}

const FIRST_DAY = Date.UTC(2026, 0, 5, 8)
const VERSIONS = ['2.1.11', '2.1.14', '2.1.39', '2.1.80', '2.1.111', '2.1.220']
const MODELS = ['claude-opus-4-5-20251101', 'claude-opus-4-5-20251101', 'claude-haiku-4-5-20251001']

// Turns: a person asks, the agent works step by step, and says what it did.

function appendTurn(thread: Thread, size: number): void {
  const { dice } = thread
  if (dice.chance(0.02)) thread.parent = thread.turn_parent
  if (thread.size - thread.size_at_compaction > 1_500_000) appendCompaction(thread)
  thread.turn_parent = thread.parent
  thread.focus += dice.below(4)
  appendPrompt(thread)

  const started = thread.clock
  for (let steps = 1 + dice.below(24); steps > 0 && thread.size < size; steps--) {
    const stopped = appendStep(thread)
    if (stopped) return
  }
  if (dice.chance(0.03)) {
    appendUserText(thread, '[Request interrupted by user]')
    return
  }
  appendMessage(thread, [{ type: 'text', text: prose(thread, 30 + dice.below(200)) }])
  appendSystem(thread, { subtype: 'turn_duration', durationMs: thread.clock - started })
}

function appendPrompt(thread: Thread): void {
  const { dice } = thread
  appendSnapshot(thread, false)
  if (dice.chance(0.08)) {
    const name = dice.pick(VERBS)
    const command = `<command-name>/${name}</command-name>\n<command-message>${name}</command-message>\n<command-args></command-args>`
    appendUser(thread, command)
    appendUser(thread, [{ type: 'text', text: prose(thread, 150) }], { isMeta: true })
  }
  const words = prose(thread, 6 + dice.below(50))
  const { sessionId } = thread.envelope
  if (dice.chance(0.1))
    append(thread, {
      type: 'queue-operation',
      operation: 'enqueue',
      timestamp: time(thread),
      sessionId,
      content: words,
    })
  appendUser(thread, promptOf(thread, words), { permissionMode: 'default' })
}

function promptOf(thread: Thread, words: string): string | Block[] {
  const { dice, project } = thread
  if (dice.chance(0.6)) return words
  if (dice.chance(0.05)) return [{ type: 'text', text: words }, image(dice)]
  const path = join(project.cwd, pathInFocus(thread))
  return [
    {
      type: 'text',
      text: `<ide_opened_file>Opened in the editor: ${path}</ide_opened_file>`,
    },
    { type: 'text', text: words },
  ]
}

/** One model message, its calls and their results. Says whether the person stopped the agent. */
function appendStep(thread: Thread): boolean {
  const { dice } = thread
  if (dice.chance(0.01)) appendApiError(thread)
  const blocks: Block[] = []
  if (dice.chance(0.8))
    blocks.push({
      type: 'thinking',
      thinking: prose(thread, Math.ceil(dice.logNormal(42, 0.9))),
      signature: dice.base64(Math.ceil(dice.logNormal(450, 0.6))),
    })
  if (dice.chance(0.45)) blocks.push({ type: 'text', text: prose(thread, 8 + dice.below(40)) })
  const calls = Array.from({ length: dice.chance(0.15) ? 2 : 1 }, () => nextCall(thread))
  const ids = calls.map(() => `toolu_01${dice.letters(22)}`)
  for (const [i, call] of calls.entries())
    blocks.push({ type: 'tool_use', id: ids[i]!, name: call.name, input: call.input })

  const uuids = appendMessage(thread, blocks).slice(-calls.length)
  const order = calls.map((_, i) => i)
  if (dice.chance(0.3)) order.reverse()
  for (const i of order) appendResult(thread, calls[i]!, ids[i]!, uuids[i]!)
  if (!calls.some((call) => call.rejected)) return false
  thread.pending = []
  appendUserText(thread, '[Request interrupted by user for tool use]')
  return true
}

function nextCall(thread: Thread): Call {
  const { dice } = thread
  const call =
    thread.pending.shift()?.() ?? dice.weighted(thread.envelope.isSidechain ? LOOKING : WORKING)(thread)
  return dice.chance(0.008) ? { ...failed(call, REJECTION), rejected: true } : call
}

const REJECTION =
  "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file). STOP what you are doing and wait for the user to tell you how to proceed."

// Calls: what a tool is given, what it answers, and what the harness notes beside the answer.

type Call = {
  name: string
  input: Record<string, unknown>
  /** What the agent sees. */
  content: string | Block[]
  /** The same once more, in the harness's own shape. */
  result: unknown
  is_error?: boolean
  rejected?: boolean
  progress?: Record<string, unknown>[]
}

type Tool = (thread: Thread) => Call

const LOOKING: [number, Tool][] = [
  [24, (thread) => read(thread, pathInFocus(thread))],
  [25, bash],
  [20, grep],
  [5, webFetch],
]
const WORKING: [number, Tool][] = [
  ...LOOKING,
  [17, edit],
  [9, write],
  [5, todoWrite],
  [2, task],
  [0.15, screenshot],
]

function failed(call: Call, reason: string): Call {
  return {
    name: call.name,
    input: call.input,
    content: reason,
    result: `Error: ${untagged(reason)}`,
    is_error: true,
  }
}

function untagged(reason: string): string {
  return reason.replace(/<\/?tool_use_error>/g, '')
}

function read(thread: Thread, path: string): Call {
  const { dice, project } = thread
  const lines = fileOf(project, path, dice)
  const whole = dice.chance(0.6)
  const start = whole ? 0 : dice.below(lines.length)
  const shown = lines.slice(start, whole ? 2000 : start + 60)
  const file_path = join(project.cwd, path)
  thread.read.add(path)
  return {
    name: 'Read',
    input: whole ? { file_path } : { file_path, offset: start + 1, limit: 60 },
    content: numbered(shown, start),
    result: {
      type: 'text',
      file: {
        filePath: file_path,
        content: shown.join('\n'),
        numLines: shown.length,
        startLine: start + 1,
        totalLines: lines.length,
      },
    },
  }
}

function edit(thread: Thread): Call {
  const { dice } = thread
  const seen = [...thread.read]
  return editOf(thread, seen.length > 0 && !dice.chance(0.08) ? dice.skewed(seen) : pathInFocus(thread))
}

function editOf(thread: Thread, path: string): Call {
  const { dice, project } = thread
  const before = fileOf(project, path, dice)
  const start = dice.below(before.length)
  const old = before.slice(start, start + 1 + dice.below(20))
  const fresh = [...code(project, dice, 1 + dice.below(22)), ...old.slice(2)]
  const file_path = join(project.cwd, path)
  const call = {
    name: 'Edit',
    input: { replace_all: false, file_path, old_string: old.join('\n'), new_string: fresh.join('\n') },
  }
  if (!thread.read.has(path)) {
    thread.pending.push(
      () => read(thread, path),
      () => editOf(thread, path),
    )
    return failed({ ...call, content: '', result: null }, NOT_READ)
  }

  const after = before.toSpliced(start, old.length, ...fresh)
  project.files.set(path, after.slice(0, 900))
  thread.edits.set(path, (thread.edits.get(path) ?? 0) + 1)
  const top = Math.max(0, start - 3)
  const snippet = after.slice(top, start + fresh.length + 3)
  const patch = [
    ...before.slice(top, start).map((line) => ` ${line}`),
    ...old.map((line) => `-${line}`),
    ...fresh.map((line) => `+${line}`),
    ...before.slice(start + old.length, start + old.length + 3).map((line) => ` ${line}`),
  ]
  return {
    ...call,
    content: `The file ${file_path} has been updated. It now reads:\n${numbered(snippet, top)}`,
    result: {
      filePath: file_path,
      oldString: call.input.old_string,
      newString: call.input.new_string,
      originalFile: before.join('\n'),
      structuredPatch: [
        {
          oldStart: top + 1,
          oldLines: patch.length - fresh.length,
          newStart: top + 1,
          newLines: patch.length - old.length,
          lines: patch,
        },
      ],
      userModified: false,
      replaceAll: false,
    },
  }
}

const NOT_READ =
  '<tool_use_error>File has not been read yet. Read it first before writing to it.</tool_use_error>'

function write(thread: Thread): Call {
  const { dice, project } = thread
  const path = `src/${dice.pick(NOUNS)}/${dice.skewed(project.names)}.ts`
  const file_path = join(project.cwd, path)
  const lines = code(project, dice, Math.ceil(dice.logNormal(50, 0.8)))
  const content = lines.join('\n')
  project.files.set(path, lines)
  thread.read.add(path)
  thread.edits.set(path, 1)
  return {
    name: 'Write',
    input: { file_path, content },
    content: `File created successfully at: ${file_path}`,
    result: { type: 'create', filePath: file_path, content, structuredPatch: [], originalFile: null },
  }
}

function bash(thread: Thread): Call {
  const { dice, project } = thread
  const [command, print] = dice.pick(COMMANDS)
  const lines = dice.chance(0.25) ? 1 : Math.min(400, Math.ceil(dice.logNormal(9, 1.2)))
  const stdout = Array.from({ length: lines }, () => print(thread)).join('\n') + secret(dice)
  const call: Call = {
    name: 'Bash',
    input: { command: `${command} ${pathInFocus(thread)}`, description: title(dice) },
    content: stdout,
    result: { stdout, stderr: '', interrupted: false, isImage: false },
    progress: Array.from({ length: dice.chance(0.3) ? 1 + dice.below(5) : 0 }, (_, i) => ({
      type: 'bash_progress',
      output: stdout.slice(0, 40 * i),
      fullOutput: stdout.slice(0, 60 * i),
      elapsedTimeSeconds: i + 2,
      totalLines: i,
    })),
  }
  if (!dice.chance(0.1)) return call
  const where = `${project.cwd}/${pathInFocus(thread)}:${dice.below(300)}`
  return failed(call, `Exit code 1\n${stdout}\nError: ${prose(thread, 8)}\n    at ${where}`)
}

const COMMANDS: [string, (thread: Thread) => string][] = [
  [
    'npx vitest run',
    (it) => ` ✓ ${pathInFocus(it)} (${it.dice.below(40)} tests) ${it.dice.below(900)}ms › ${title(it.dice)}`,
  ],
  [
    'ls -la',
    (it) =>
      `-rw-r--r--  1 mira  staff  ${it.dice.below(90_000)} Jan ${it.dice.below(30)} 10:${it.dice.below(60)} ${pathInFocus(it)}`,
  ],
  [
    'tail -n 200 logs/worker.log &&',
    (it) =>
      `${time(it)} INFO [worker-${it.dice.below(9)}] ${it.dice.pick(VERBS)} ${it.dice.pick(NOUNS)}=${it.dice.letters(10)} in ${it.dice.below(5000)}ms`,
  ],
  ['git log --oneline', (it) => `${it.dice.uuid().slice(0, 7)} ${title(it.dice)}`],
  ['sed -n 1,40p', (it) => it.dice.skewed(fileOf(it.project, pathInFocus(it), it.dice))],
]

/** Once in a great many commands a token is printed, as in a dump of the environment. */
function secret(dice: Dice): string {
  if (!dice.chance(1 / 2000)) return ''
  return dice.chance(0.5)
    ? `\nGITHUB_TOKEN=ghp_${dice.letters(36)}`
    : `\nAWS_ACCESS_KEY_ID=AKIA${dice.letters(16).toUpperCase()}`
}

function grep(thread: Thread): Call {
  const { dice, project } = thread
  const pattern = dice.skewed(project.names)
  const filenames = Array.from({ length: 1 + dice.below(25) }, () => pathInFocus(thread))
  if (dice.chance(0.4))
    return {
      name: 'Grep',
      input: { pattern, output_mode: 'files_with_matches' },
      content: `Found ${filenames.length} files\n${filenames.join('\n')}`,
      result: { mode: 'files_with_matches', filenames, numFiles: filenames.length },
    }
  const hits = filenames.map((path) => {
    const lines = fileOf(project, path, dice)
    const line = dice.below(lines.length)
    return `${path}:${line + 1}:${lines[line]}`
  })
  const content = hits.join('\n')
  return {
    name: 'Grep',
    input: { pattern, output_mode: 'content', '-n': true },
    content,
    result: { mode: 'content', numFiles: 0, filenames: [], content, numLines: hits.length },
  }
}

function webFetch(thread: Thread): Call {
  const { dice } = thread
  const url = `https://docs.example.com/${dice.pick(NOUNS)}/${dice.pick(VERBS)}`
  const content = `# ${title(dice)}\n\n${prose(thread, 250 + dice.below(600))}`
  return {
    name: 'WebFetch',
    input: { url, prompt: prose(thread, 30) },
    content,
    result: { bytes: dice.below(300_000), code: 200, codeText: 'OK', result: content, durationMs: 3000, url },
  }
}

function todoWrite(thread: Thread): Call {
  const { dice } = thread
  const todos = Array.from({ length: 3 + dice.below(5) }, () => {
    const content = title(dice)
    return { content, status: dice.pick(['pending', 'in_progress', 'completed']), activeForm: content }
  })
  return {
    name: 'TodoWrite',
    input: { todos },
    content: 'The list of todos was changed.',
    result: { oldTodos: todos.slice(1), newTodos: todos },
  }
}

function screenshot(thread: Thread): Call {
  const content: Block[] = [
    { type: 'text', text: '### Result\n- Screenshot of viewport' },
    image(thread.dice),
  ]
  return { name: 'mcp__browser__take_screenshot', input: { type: 'png' }, content, result: content }
}

/** A subagent works in a file of its own; its parent sees the prompt, some progress and the answer. */
function task(parent: Thread): Call {
  const { dice } = parent
  const agentId = dice.uuid().slice(0, 7)
  const prompt = prose(parent, 60 + dice.below(60))
  const { slug: _, ...envelope } = parent.envelope
  const thread: Thread = {
    ...newSession(parent.project, 0, dice),
    envelope: { ...envelope, isSidechain: true, agentId },
    clock: parent.clock,
    focus: parent.focus,
  }
  parent.subagents.push(thread)
  appendUser(thread, prompt)
  for (let steps = 2 + dice.below(8); steps > 0; steps--) if (appendStep(thread)) break
  const answer: Block[] = [{ type: 'text', text: prose(parent, 100 + dice.below(300)) }]
  appendMessage(thread, answer)
  parent.clock = thread.clock

  const totals = { totalDurationMs: 47_000, totalTokens: dice.below(90_000), totalToolUseCount: 5 }
  const hint: Block = {
    type: 'text',
    text: `agentId: ${agentId}`,
  }
  const shown = { type: 'user', message: { role: 'user', content: answer }, uuid: dice.uuid() }
  return {
    name: 'Task',
    input: { description: title(dice), prompt, subagent_type: 'general-purpose' },
    content: [...answer, hint],
    result: { status: 'completed', prompt, agentId, content: answer, ...totals },
    progress: [{ message: shown, normalizedMessages: [shown], type: 'agent_progress', prompt, agentId }],
  }
}

function pathInFocus({ dice, focus, project }: Thread): string {
  return project.paths[(focus + dice.skew(40)) % project.paths.length]!
}

// Lines: one JSON object each, with its keys in the order the tool writes them.

type Block = { type: string; [key: string]: unknown }

function append(thread: Thread, entry: unknown): void {
  appendLine(thread, JSON.stringify(entry))
}

function appendLine(thread: Thread, line: string): void {
  thread.lines.push(line)
  thread.size += line.length + 1
}

/** The link to the line before, then the envelope, for a line that the next one will follow. */
function linked(thread: Thread): { uuid: string; head: object } {
  const head = { parentUuid: thread.parent, ...thread.envelope }
  thread.parent = thread.dice.uuid()
  return { uuid: thread.parent, head }
}

function appendUser(thread: Thread, content: string | Block[], extra: object = {}): void {
  const { head, uuid } = linked(thread)
  const message = { role: 'user', content }
  append(thread, { ...head, type: 'user', message, uuid, timestamp: time(thread), ...extra })
}

function appendUserText(thread: Thread, text: string): void {
  appendUser(thread, [{ type: 'text', text }])
}

/** One model message becomes one line a block, all with its id and usage. Gives the uuids of the lines. */
function appendMessage(thread: Thread, blocks: Block[]): string[] {
  const { dice, model } = thread
  const id = `msg_01${dice.letters(22)}`
  const requestId = `req_011C${dice.letters(20)}`
  const cache_creation_input_tokens = dice.below(9000)
  const usage = {
    input_tokens: dice.below(12),
    cache_creation_input_tokens,
    cache_read_input_tokens: dice.below(150_000),
    cache_creation: { ephemeral_5m_input_tokens: cache_creation_input_tokens, ephemeral_1h_input_tokens: 0 },
    output_tokens: dice.below(900),
    service_tier: 'standard',
  }
  return blocks.map((block) => {
    const { head, uuid } = linked(thread)
    const stops = { stop_reason: null, stop_sequence: null, usage }
    const message = { model, id, type: 'message', role: 'assistant', content: [block], ...stops }
    const timestamp = time(thread)
    // One version of the tool wrote the type before the message; real files have both orders.
    append(
      thread,
      thread.envelope.version === '2.1.14'
        ? { ...head, type: 'assistant', timestamp, message, requestId, uuid }
        : { ...head, message, requestId, type: 'assistant', uuid, timestamp },
    )
    return uuid
  })
}

function appendResult(thread: Thread, call: Call, tool_use_id: string, calledBy: string): void {
  const { dice } = thread
  thread.parent = calledBy
  const hook = {
    type: 'hook_progress',
    hookEvent: 'PreToolUse',
    hookName: `PreToolUse:${call.name}`,
    command: 'callback',
  }
  for (const data of [...(dice.chance(0.4) ? [hook] : []), ...(call.progress ?? [])])
    appendProgress(thread, data, tool_use_id)
  if (dice.chance(0.15)) appendAttachment(thread, call, tool_use_id)
  if (call.name === 'Edit' || call.name === 'Write') appendSnapshot(thread, true)

  thread.parent = calledBy
  const { content, is_error } = call
  appendUser(thread, [{ tool_use_id, type: 'tool_result', content, ...(is_error && { is_error }) }], {
    toolUseResult: call.result,
    sourceToolAssistantUUID: calledBy,
  })
}

function appendProgress(thread: Thread, data: object, tool_use_id: string): void {
  const { head, uuid } = linked(thread)
  const ids = { toolUseID: tool_use_id, parentToolUseID: tool_use_id }
  append(thread, { ...head, type: 'progress', data, ...ids, uuid, timestamp: time(thread) })
}

function appendAttachment(thread: Thread, call: Call, toolUseID: string): void {
  const { head, uuid } = linked(thread)
  const attachment = {
    type: 'hook_success',
    hookName: `PostToolUse:${call.name}`,
    toolUseID,
    hookEvent: 'PostToolUse',
    content: '',
    stdout: prose(thread, 12),
    stderr: '',
    exitCode: 0,
    durationMs: thread.dice.below(400),
  }
  append(thread, { ...head, attachment, type: 'attachment', uuid, timestamp: time(thread) })
}

function appendSystem(thread: Thread, fields: object): void {
  const { head, uuid } = linked(thread)
  append(thread, { ...head, type: 'system', ...fields, timestamp: time(thread), uuid, isMeta: false })
}

/** The model's provider was out of reach: nobody's fault, and tried again. */
function appendApiError(thread: Thread): void {
  const cause = { code: 'ECONNRESET', path: 'https://api.anthropic.com/v1/messages?beta=true', errno: 0 }
  const retry = { retryInMs: 500 + thread.dice.below(9000), retryAttempt: 1, maxRetries: 10 }
  appendSystem(thread, { subtype: 'api_error', level: 'error', cause, error: { cause }, ...retry })
}

/** The harness notes which versions of which files it could go back to. Not part of the conversation. */
function appendSnapshot(thread: Thread, isSnapshotUpdate: boolean): void {
  const { dice } = thread
  const backups = [...thread.edits].slice(-8).map(([path, version]) => {
    const backupFileName = `${dice.uuid().slice(0, 8)}@v${version}`
    return [path, { backupFileName, version, backupTime: time(thread) }]
  })
  const messageId = thread.parent ?? dice.uuid()
  const snapshot = { messageId, trackedFileBackups: Object.fromEntries(backups), timestamp: time(thread) }
  append(thread, { type: 'file-history-snapshot', messageId, snapshot, isSnapshotUpdate })
}

/** The chain begins anew at a boundary, and goes on with a summary that the model wrote. */
function appendCompaction(thread: Thread): void {
  const logicalParentUuid = thread.parent
  thread.parent = null
  appendSystem(thread, {
    subtype: 'compact_boundary',
    content: 'Conversation compacted',
    logicalParentUuid,
    compactMetadata: { trigger: 'auto', preTokens: 155_000 },
  })
  const summary = `This session is being continued from a previous conversation that ran out of context. ${prose(thread, 900)}`
  appendUser(thread, summary, { isCompactSummary: true, isVisibleInTranscriptOnly: true })
  thread.size_at_compaction = thread.size
}

function time(thread: Thread): string {
  thread.clock += thread.dice.below(4000)
  return new Date(thread.clock).toISOString()
}

// Texts: code and prose with about the entropy of real ones.

type Project = {
  cwd: string
  folder: string
  /** The identifiers of its code. */
  names: string[]
  paths: string[]
  /** Lines of the files that were looked at so far; the others are written when first read. */
  files: Map<string, string[]>
  /** The first lines of its latest session, for one that resumes it. */
  earlier: string[]
}

function newProject(name: string, dice: Dice): Project {
  const cwd = `/Users/mira/code/${name}`
  const names = Array.from({ length: 500 }, () => {
    const tail = dice.chance(0.3) ? capitalized(dice.pick(NOUNS)) : ''
    return dice.pick(VERBS) + capitalized(dice.pick(NOUNS)) + tail
  })
  const paths = Array.from({ length: FILES_PER_PROJECT }, () => {
    const kind = dice.chance(0.25) ? '.test' : ''
    return `src/${dice.skewed(NOUNS)}/${dice.pick(NOUNS)}-${dice.pick(NOUNS)}${kind}.ts`
  })
  return { cwd, folder: cwd.replaceAll('/', '-'), names, paths, files: new Map(), earlier: [] }
}

function fileOf(project: Project, path: string, dice: Dice): string[] {
  const known = project.files.get(path)
  if (known) return known
  const lines = code(project, dice, Math.min(900, Math.ceil(dice.logNormal(95, 0.8))))
  project.files.set(path, lines)
  return lines
}

function code({ names }: Project, dice: Dice, count: number): string[] {
  let depth = 0
  return Array.from({ length: count }, () => {
    const [opens, print] = dice.pick(STATEMENTS)
    if (opens < 0) depth = Math.max(0, depth - 1)
    const line = '  '.repeat(depth) + print(() => dice.skewed(names), dice)
    if (opens > 0) depth = Math.min(4, depth + 1)
    return line
  })
}

/** How a statement changes the indentation, and how it is written. */
const STATEMENTS: [number, (name: () => string, dice: Dice) => string][] = [
  [1, (it, dice) => `export async function ${it()}(${dice.pick(NOUNS)}: ${it()}): Promise<${it()}> {`],
  [1, (it, dice) => `if (${dice.pick(NOUNS)}.${dice.pick(NOUNS)} ${dice.pick(OPERATORS)} ${it()}) {`],
  [1, (it, dice) => `for (const ${dice.pick(NOUNS)} of ${it()}(${dice.pick(NOUNS)})) {`],
  [1, (_, dice) => `test('${title(dice)}', async () => {`],
  [-1, () => '}'],
  [-1, () => '}'],
  [-1, () => '})'],
  [-1, () => ''],
  [0, (it, dice) => `const ${dice.pick(NOUNS)} = await ${it()}(${dice.pick(NOUNS)}, ${dice.below(1000)})`],
  [0, (it, dice) => `const { ${dice.pick(NOUNS)}, ${dice.pick(NOUNS)} } = ${it()}(${dice.pick(NOUNS)})`],
  [0, (it, dice) => `return ${it()}(${dice.pick(NOUNS)}.${dice.pick(NOUNS)}, ${it()})`],
  [0, (it, dice) => `import { ${it()}, ${it()} } from '../${dice.pick(NOUNS)}/${dice.pick(NOUNS)}.ts'`],
  [0, (_, dice) => `expect(${dice.pick(NOUNS)}.${dice.pick(NOUNS)}).toEqual("${title(dice)}")`],
  [0, (it, dice) => `throw new Error(\`${title(dice)}: \${${it()}}\`)`],
  [0, (_, dice) => `// ${title(dice)} ${dice.pick(GLUE)} ${title(dice)}.`],
  [0, (_, dice) => `${dice.pick(NOUNS)}: "${dice.pick(VERBS)} ${dice.pick(NOUNS)} ${dice.pick(NOUNS)}",`],
  [
    0,
    (it, dice) =>
      `${dice.pick(NOUNS)}.${dice.pick(NOUNS)} = ${it()}(\`/\${${dice.pick(NOUNS)}}/${dice.pick(NOUNS)}\`)`,
  ],
]
const OPERATORS = ['===', '!==', '<', '>', '&&', '??']

function prose({ dice, project }: Thread, words: number): string {
  let text = ''
  let left_in_sentence = 0
  for (let i = 0; i < words; i++) {
    if (left_in_sentence === 0) {
      const gap = i === 0 ? '' : dice.weighted(SENTENCE_ENDS)
      text += gap + capitalized(dice.pick(GLUE))
      left_in_sentence = 5 + dice.below(14)
    } else {
      text += ` ${dice.chance(0.06) ? `\`${dice.skewed(project.names)}\`` : dice.skewed(dice.weighted(WORDS))}`
    }
    left_in_sentence--
  }
  return `${text}.`
}

function title(dice: Dice): string {
  return `${capitalized(dice.pick(VERBS))} ${dice.pick(GLUE)} ${dice.pick(NOUNS)} ${dice.pick(NOUNS)}`
}

function capitalized(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1)
}

function numbered(lines: string[], start: number): string {
  return lines.map((line, i) => `${String(start + i + 1).padStart(6)}→${line}`).join('\n')
}

function image(dice: Dice): Block {
  const data = `iVBORw0KGgo${dice.base64(Math.ceil(dice.logNormal(60_000, 0.9)))}`
  return { type: 'image', source: { data, media_type: 'image/png', type: 'base64' } }
}

const FILES_PER_PROJECT = 160
const PROJECTS = 'acme-api billing-ui data-pipeline helpdesk infra mobile-app search-index docs-site'.split(
  ' ',
)
const NOUNS =
  'account address agent alert archive array audit backup badge batch body branch bucket buffer build cache card cart channel chart chunk client clock cluster column comment config context cookie counter credit cursor customer dashboard database deadline delay delivery device digest discount document domain driver email endpoint entry error event export feature field file filter folder form format gateway group handler header health history hook image import index input invoice item job journal kernel key label language layer ledger level limit line link listener locale lock log loop mailbox map member memory menu message metric migration model module monitor name network node note object offset option order output owner package page parser password path payment permission pipeline plan plugin policy pool port price printer process product profile project prompt proxy queue quota rate reader receipt record refund region registry release report request resource response result retry role route row rule schedule schema scope screen secret section segment server service session setting shard shipment signal snapshot socket source stack stage state status stock storage stream string subscription summary supplier switch table tag target task team template tenant test text theme thread ticket timeout timer token topic trace transfer tree trigger update upload url user value vendor version view volume warehouse webhook widget window worker zone'.split(
    ' ',
  )
const VERBS =
  'accept add align append apply assign attach begin bind bring build call cancel change check clean clear close collect combine compare compute connect convert copy count create debug decide decode define delete deliver detect disable drop enable encode ensure expand expect expire explain export extend extract fail fetch fill filter find finish fix flush follow format freeze gather generate group guard handle hide hold ignore import improve include increase inspect install invoke join keep limit link list load lock log make map mark match measure merge migrate move need notify open order pack parse patch pause pick poll prepare print process protect publish pull push query queue raise read rebuild receive record recover reduce refresh reject release reload remove rename render repair repeat replace report request reset resolve restore resume retry return reverse review rotate route run save scan schedule search select send serve set share show sign skip sort split start stop store stream submit switch sync tag take test throw toggle track transform trim try tune turn unlock update upgrade upload use validate verify wait walk warn watch wrap write'.split(
    ' ',
  )
const GLUE =
  'the a to of and in that is it for on with as this be by not are or from at an if when so but which has can will we now there then its all one was they any only also more no into each after before should these how may still same than other where must both without because already like first once would does until between since here every what again through new while such however instead always never under over really just even most some actually maybe probably two three — it’s don’t doesn’t'.split(
    ' ',
  )
const WORDS: [number, string[]][] = [
  [45, GLUE],
  [33, NOUNS],
  [22, VERBS],
]
const SENTENCE_ENDS: [number, string][] = [
  [70, '. '],
  [12, '.\n\n'],
  [12, '.\n- '],
  [6, ': '],
]

// Chance: the one source of everything above.

type Dice = ReturnType<typeof diceFrom>

function diceFrom(seed: number) {
  let state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) | 1

  /** 32 bits by xorshift: fast, and good enough for texts nobody reads. */
  const bits = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const unit = (): number => bits() / 2 ** 32
  const below = (limit: number): number => Math.floor(unit() * limit)
  /** Below `limit`, the small numbers far more often, as words and files are used. */
  const skew = (limit: number): number => Math.floor(unit() ** 2.5 * limit)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!

  return {
    below,
    skew,
    pick,
    chance: (probability: number): boolean => unit() < probability,
    skewed: <T>(list: readonly T[]): T => list[skew(list.length)]!,
    weighted<T>(choices: readonly [number, T][]): T {
      let left = unit() * choices.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, choice] of choices) {
        left -= weight
        if (left < 0) return choice
      }
      return choices[0]![1]
    },
    logNormal: (median: number, sigma: number): number =>
      median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())),
    letters: (length: number): string =>
      Array.from({ length }, () => LETTERS[below(LETTERS.length)]).join(''),
    base64: (bytes: number): string =>
      Buffer.from(Uint32Array.from({ length: Math.ceil(bytes / 4) }, bits).buffer).toString('base64'),
    uuid(): string {
      const hex = [bits(), bits(), bits(), bits()].map((it) => it.toString(16).padStart(8, '0')).join('')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
    },
  }
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789'
