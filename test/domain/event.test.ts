/** Who produced a text, told from the structure of a transcript. */
import { expect, test } from 'vitest'
import { originOf, type ToolResult, type ToolUse } from '../../src/domain/event.ts'
import type { Origin } from '../../src/domain/origin.ts'

test.each<[name: string, input: Record<string, unknown>, origin: Origin]>([
  ['WebFetch', { url: 'https://example.com' }, 'web'],
  ['WebSearch', { query: 'rounding' }, 'web'],
  ['web_search', {}, 'web'],
  ['websearch', {}, 'web'],
  ['mcp__fetch__fetch', {}, 'web'],
  ['fetch', {}, 'web'],
  ['fetch_page', {}, 'web'],
  ['browser_snapshot', {}, 'web'],
  ['mcp__playwright__click', {}, 'web'],
  ['firecrawl_extract', {}, 'web'],
  ['scrape_page', {}, 'web'],
  ['http_get', {}, 'web'],
  ['brave_search', {}, 'web'],
  ['Bash', { command: 'curl -s https://example.com | jq .' }, 'web'],
  ['shell', { command: ['bash', '-lc', 'cd /tmp && wget example.com'] }, 'web'],
  ['exec_command', { cmd: 'curl example.com' }, 'web'],
  ['Bash', { command: 'curl -s http://localhost:3000/health' }, 'tool'],
  ['Bash', { command: 'curl 127.0.0.1:3000' }, 'tool'],
  ['Bash', { command: 'grep -rn curl src' }, 'tool'],
  ['Bash', { command: 'npm test' }, 'tool'],
  ['fetch_order', {}, 'tool'],
  ['prefetch_customers', {}, 'tool'],
  ['create_webhook', {}, 'tool'],
  ['webhook_list', {}, 'tool'],
  ['Grep', { pattern: 'web' }, 'tool'],
  ['search_orders', {}, 'tool'],
  ['search_memories', {}, 'memory'],
  ['recall', {}, 'memory'],
  ['memory_fetch_url', {}, 'memory'],
])('what %s %j answers came from is known: %s', (name, input, origin) => {
  const call: ToolUse = { type: 'agent.tool_use', ...at, name, input }

  expect(originOf(result, call)).toBe(origin)
})

test('a server of the web makes all its tools tools of the web', () => {
  const call: ToolUse = { type: 'agent.mcp_tool_use', ...at, mcp_server_name: 'web', name: 'get', input: {} }

  expect(originOf(result, call)).toBe('web')
})

test('an answer whose call is missing is a tool’s', () => {
  expect(originOf(result, null)).toBe('tool')
})

const at = { id: 'sevt_1', processed_at: null }
const result: ToolResult = {
  type: 'agent.tool_result',
  id: 'sevt_2',
  processed_at: null,
  content: [],
  is_error: false,
  error_class: null,
  exit_code: null,
  tool_use_id: 'sevt_1',
}
