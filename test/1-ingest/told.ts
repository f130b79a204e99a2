import { readFileSync } from 'node:fs'
import type { Entry, Parser, Problem, Transcript } from '../../src/1-ingest/transcript.ts'
import { answeredCall, isToolResult, isToolUse, type SessionEvent, textOf } from '../../src/domain/event.ts'

/** A transcript file parsed, as a test looks at it. Lines that are no JSON are left out, as ingest does. */
export function parsed(parse: Parser, path: string): { transcripts: Transcript[]; problems: Problem[] } {
  const problems: Problem[] = []
  const transcripts = [...parse(entriesOf(path), { path, agent: null }, (it) => problems.push(it))]
  return { transcripts, problems }
}

export function entriesOf(path: string): Entry[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const found = text.startsWith('{') || text.startsWith('[')
      return found ? [{ line: index + 1, value: JSON.parse(text) }] : []
    })
}

/** A session as one line an event, a result with the name of the call that it answers. */
export function tale({ session: { events } }: Transcript): string[] {
  const calls = new Map(events.filter(isToolUse).map((it) => [it.id, it.name]))
  const nameOf = (id: string) => calls.get(id) ?? `unknown call ${id}`
  return events.map((it) => {
    if (isToolUse(it)) return `${it.type} ${it.name} ${JSON.stringify(it.input)}`
    if (it.type === 'user.tool_confirmation')
      return `${it.type} ${it.result} ${nameOf(it.tool_use_id)}: ${it.deny_message ?? '-'}`
    if (isToolResult(it)) return `${it.type} ${nameOf(answeredCall(it))}${errorOf(it)}: ${textOf(it)}`
    return `${it.type} ${textOf(it)}`.trim()
  })
}

function errorOf(event: SessionEvent): string {
  if (!isToolResult(event)) return ''
  const exit = event.exit_code === null ? '' : ` ${event.exit_code}`
  return event.is_error ? ` (${event.error_class}${exit})` : exit && ` (exit${exit})`
}
