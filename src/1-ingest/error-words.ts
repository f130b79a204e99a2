/**
 * The first words of a tool result in; whether they say that the call failed, out. Asked only where
 * nothing else says it, as in all of OpenAI chat.
 *
 * What a tool found may begin like an error: a guide to error handling, a report with `error: none`,
 * the record of a job that failed last night. A failure that is missed costs one occasion, while a
 * success that is taken for a failure teaches a mistake that nobody made. So only forms that
 * programs and libraries write count, and what could be either is no error.
 */
export function saysError(head: string): boolean {
  const words = head.replace(BEFORE_THE_WORDS, '')
  if (words.startsWith('{')) return objectSaysError(fieldsOf(words))
  return (
    BEGINNINGS.some((it) => it.test(words)) || (ONE_LINE.test(words) && LINES.some((it) => it.test(words)))
  )
}

/** A text may come as a JSON string, or under a mark of its tool. */
const BEFORE_THE_WORDS = /^(?:["'\s]|❌|✖|⚠\uFE0F?)+/

/** What begins so is an error, whatever follows. Verbs count in lower case only: `Failed to Launch` is a film. */
const BEGINNINGS = [
  // `Error: words`, `ValueError: words`, `java.io.IOException: words`; but who says `Error: none` or `Error: 0.03` measured it.
  /^(?:[Uu]ncaught |[Uu]nhandled |[Ee]xception in [^\n:]{1,60}? )?(?:[\w.$]*\w(?:Error|Exception|_error|_ERROR|\.error)|[Ee]rror|ERROR|[Ee]xception)(?: ?[[(][^\n()[\]]{1,60}[)\]])?:\s{0,4}(?!(?:(?:[Nn]o(?:ne|thing|ne found| errors?(?: found)?)|null|nil|false|[Nn]\/?[Aa])|[±+-]?\d[\d.,]* ?%?)[.!]?\s*(?:$|\n))[^\s:]/,
  // `NotImplementedError`, or a stack trace below one
  /^(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception)\s*(?:$|\n\s+at )/,
  // `Error 404: words`, `error TS2304: words`, `error[E0425]: words`, `ERROR 1045 (28000): words`, `Error code: 400 - words`
  /^error(?: code:?)? ?[[(]?[A-Z]{0,4}\d{2,6}\b[)\]]?(?: \(\w{1,20}\))?(?: at line \d+)?(?:: | - |\s*$)/i,
  /^error (?:executing|calling|invoking|running|reading|writing|opening|loading|fetching|retrieving|accessing|creating|updating|deleting|sending|saving|parsing|processing|connecting)\b(?! (?:in|of|and|or|for|with|by|is|are|was|were|guide)\b) \S/i,
  /^(?:an )?error (?:(?:while|when) [a-z]+ing|during (?:execution|[a-z]+ing))\b/i,
  /^(?:an |there was an )?(?:(?:unexpected|internal|unknown|unhandled|fatal|server) )?(?:error|exception) (?:has )?occurred(?: \(|[:.]| while [a-z]+ing\b| when calling\b|\s*$)/i,
  /^(?:execution|tool|internal|internal server|server|runtime|syntax|parse|parsing|type|validation|compilation|unknown|unexpected|fatal|system|network|connection|database|sql|query|api|http|authentication|authorization|configuration|permission|i\/o|io) (?:error|exception)(?: \d+| \([^\n)]{1,60}\))?(?:: \S| (?:near|at|in line) |[.!]?\s*$)/i,
  /^(?:fatal|panic): \S|^thread '[^\n']{1,60}' panicked at |^traceback \(most recent call last\)|^<(?:tool_)?error(?:\s[^>\n]*)?>/i,
  /^[a-z][\w.+-]{0,40}: (?:fatal )?error: \S/,
  /^npm err(?:or|!) |^curl: \(\d+\) |^mcp error -\d+: |^\w+ verification failed/i,
  /^(?:connect |read |write )?E(?:ACCES|PERM|NOENT|EXIST|ISDIR|NOTDIR|NOTEMPTY|BUSY|MFILE|NOSPC|PIPE|ROFS|CONNREFUSED|CONNRESET|TIMEDOUT|NOTFOUND|AI_AGAIN|ADDRINUSE|HOSTUNREACH|NETUNREACH)\b|^(?:net::)?ERR_[A-Z_]+\b/,
  /^(?:tool(?: call| execution)?|command|request|query|operation|execution|api (?:call|request)|invocation|connection|authentication|authorization|validation|transaction) failed(?: with | for (?!\d)|: |[.!]?\s*(?:$|\n))/i,
  /^(?:(?:[Ff]ailed|[Uu]nable) to|[Cc]ould ?n['’o]t|[Cc]an['’]t|[Cc]annot) (?:access|acquire|allocate|apply|authenticate|clone|compile|connect|create|decode|delete|download|execute|fetch|import|initiali[sz]e|insert|install|invoke|load|open|parse|read propert(?:y|ies)|resolve|retrieve|save|update|upload|validate|write)\b/,
  /^[Ff]ailed to (?:call|commit|complete|get|process|push|read|remove|run|send|start)\b/,
  /^(?:permission|access) denied(?: \(| for (?:user|role|relation|table)\b|[.!]?\s*(?:$|\n))/i,
]

/** What is an error where nothing else follows: what goes on is rather the output of a tool. */
const ONE_LINE = /^[^\n]{1,300}\s*$/
const LINES = [
  // What programs say of what they were given: `bash: foo: command not found`, `cat: a.txt: No such file or directory`
  /^(?:[\w./+-]{1,60}: (?:[^\n]{0,200}: )?)?(?:command not found|no such file or directory|permission denied|not a directory|is a directory|operation not permitted|file exists|connection refused|name or service not known|segmentation fault(?: \(core dumped\))?)\s*$/i,
  /^[\w./+-]{1,60}sh: \d+: [^\n]{1,80}: not found\s*$|^sh: (?:\d+: )?[^\n]{1,80}: not found\s*$|^zsh: command not found: |^fish: unknown command: | is not recognized as an internal or external command/i,
  /^[a-z][\w.+-]{0,40}: (?:cannot (?:access|create \w+|move|open|overwrite|remove|stat|touch) ['‘"]|(?:unrecognized|invalid|illegal|unknown) option\b)/,
  /^(?:[Pp]ermission|[Aa]ccess) denied: \S/,
  /^(?:connection|connect) (?:to [^\n]{1,80} )?(?:was |has been )?(?:refused|reset|aborted|timed out|closed (?:by|unexpectedly))\b/i,
  /^(?:the )?(?:(?:request|connection|operation|command|query|tool|call|execution|read|write|gateway) )?(?:has )?(?:timed out|timeout)(?:[.!]?\s*$| after \d| (?:while|waiting)\b)/i,
  /^(?:http |error |http error )?(?:400 bad request|401 unauthorized|402 payment required|403 forbidden|404 not found|405 method not allowed|409 conflict|410 gone|422 unprocessable (?:entity|content)|429 too many requests|500 internal server error|501 not implemented|502 bad gateway|503 service unavailable|504 gateway time-?out)(?:[.!]?\s*$|: | for )/i,
  /^(?:(?:unauthorized|not authorized): \S|(?:unauthorized|not authorized|forbidden|internal server error|bad request|too many requests)[.!]?\s*$)/i,
  /^(?:missing required|invalid|unknown|unrecognized|unsupported|no such) (?:tool|function|command|option|argument|parameter|property|field|method|api key|token|credential|request)s?(?:: | ["'`]|[.!]?\s*$)/i,
  /^(?:tool|function|command) ["'`]?[\w.-]{1,60}["'`]? (?:not found|does not exist|is not (?:available|defined))[.!]?\s*$/i,
  /^(?:api )?rate limit (?:exceeded|reached)(?:[.!,;:]|\s*$| (?:for|by|on)\b)/i,
]

/**
 * The fields at the top of an object, as JSON or as Python prints it, as far as the text goes. Names
 * are in lower case and without `_`, but `id` stays a word at their end; values are as they are
 * written, of objects and lists the beginning.
 */
function fieldsOf(head: string): Map<string, string> {
  const fields = new Map<string, string>()
  const tokens = head.match(TOKEN) ?? []
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && tokens[at + 1] === ':') {
      const value = tokens[at + 2] ?? ''
      const name = token
        .replaceAll(/["']/g, '')
        .replace(/_id$|Id$/, ' id')
        .replaceAll(/[_-]/g, '')
        .toLowerCase()
      fields.set(name, value === '{' || value === '[' ? value + (tokens[at + 3] ?? '') : value)
    }
    if (depth === 0) break
  }
  return fields
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[{}[\],:]|[^\s"'{}[\],:]+/g

/** Objects that say of their own call how it went. One with an id of its own is a record of something else. */
function objectSaysError(fields: Map<string, string>): boolean {
  const is = (names: string[], value: RegExp) => names.some((it) => value.test(fields.get(it) ?? ''))
  if (is(['success', 'ok'], TRUE) || is(['status'], FINE) || is(['iserror'], FALSE)) return false
  for (const [name, value] of fields) {
    if (RECORD.test(name) && !fields.has('jsonrpc')) return false
    if (name === 'iserror' && TRUE.test(value)) return true
    if (/^(?:success|successful|ok)$/.test(name) && FALSE.test(value)) return true
    if (/^error(?:message|msg)?$/.test(name) && SOMETHING.test(value)) return true
    if (/^(?:status|result|type)$/.test(name) && FAILED.test(value))
      if (fields.size === 1 || is(REASONS, SOMETHING)) return true
    if (/^(?:status|statuscode|code)$/.test(name) && HTTP_ERROR.test(value))
      if (is(['message', 'error', 'detail'], SOMETHING) || (name === 'status' && is(['title'], SOMETHING)))
        return true
    if (name === 'errors' && /^\[[^\]]/.test(value) && is(['data'], NULL)) return true
  }
  return false
}

const REASONS = ['message', 'msg', 'error', 'errors', 'reason', 'detail', 'details']
const TRUE = /^["']?true["']?$/i
const FALSE = /^["']?false["']?$/i
const NULL = /^(?:null|none)$/i
const FINE = /^["'](?:ok|okay|success|succeeded|completed?|done)["']$/i
const FAILED = /^["'](?:error|fail|failed|failure)["']$/i
const HTTP_ERROR = /^["']?[45]\d\d["']?$/
/** A text, an object or a list that is not empty, or true: a number is what a tool measured. */
const SOMETHING = /^(?:true$|\{[^}]|\[[^\]]|["'](?!(?:|none|null|no|no[ _]errors?|ok|0|n\/?a|false)["']?$))/i
/** An id that is not that of the call itself. */
const RECORD = /^(?!(?:request|trace|correlation|session|call|toolcall|tooluse) id$)(?:id|uuid|.* id)$/
