/** Sessions put in as transcripts: whole files of any harness, compressed or not, as large as they are. */
import { z } from '@hono/zod-openapi'
import { EngineError } from '../../domain/error.ts'
import { PII_SHAPES } from '../../domain/pii.ts'
import { Harness } from '../../domain/session.ts'
import { route, routes, several } from '../wire.ts'

const Count = z.number().int()

const WireImport = z
  .object({
    type: z.literal('session_import'),
    /** False where the body was cut off, or damaged: what was complete before is stored. */
    is_complete: z.boolean(),
    sessions_new: Count,
    /** There already, under this or another id. */
    sessions_known: Count,
    /** How many of these have an outcome now that they did not have. */
    outcomes_new: Count,
    sessions_skipped: Count,
    /** Of the new sessions. */
    events: Count,
    /** Of transcript, unpacked. */
    bytes: Count,
    redactions: z.record(z.string(), Count),
    skipped: z.array(z.object({ line: Count.nullable(), reason: z.string() })),
    passed_over: z.record(z.string(), Count),
    by_harness: z.partialRecord(
      Harness,
      z.object({
        sessions_new: Count,
        sessions_known: Count,
        events: Count,
        bytes: Count,
        redactions: Count,
      }),
    ),
    /** Of the sessions in the body, stored now or from before, in its order: the first thousand. */
    session_ids: z.array(z.string()),
    /** How many more there are. */
    more_sessions: Count,
  })
  .openapi('SessionImport')

const Bytes = { schema: z.string().openapi({ format: 'binary' }) }

const MAX_SKIPPED = 1_000

const importSessions = route({
  tag: 'Sessions',
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/import',
  summary: 'Put in sessions as transcripts',
  description:
    'The body is a transcript file of any harness, or NDJSON with a session a line; of any size, compressed with gzip or zstd or not. Sent again, it stores nothing twice.',
  request: {
    query: z.strictObject({
      harness: z.enum(['auto', ...Harness.options]).default('auto'),
      /** Whose sessions they are, where the transcript does not say. */
      agent: z.string().min(1).max(500).optional(),
      /** What the file is called: some harnesses name a session by it. */
      filename: z.string().min(1).max(500).default('body.jsonl'),
      /** Personal data that is redacted besides secrets. */
      'redact[]': several(z.enum(PII_SHAPES)),
    }),
    body: {
      required: true,
      content: { 'application/x-ndjson': Bytes, 'application/octet-stream': Bytes },
    },
  },
  answer: WireImport,
})

export const sessionImport = routes().openapi(importSessions, async (c) => {
  const { harness, agent, filename, 'redact[]': redact = [] } = c.req.valid('query')
  const body = {
    bytes: bytesOf(c.req.raw.body),
    packing: packingOf(c.req.header('content-encoding')),
    name: filename,
  }
  const how = { harness, redact, ...(agent === undefined ? {} : { agent }) }
  try {
    const { report, cut_off, session_ids, more_sessions } = await c.var.engine.importSessions(
      body,
      how,
      c.var.actor,
    )
    if (cut_off !== null) c.header('connection', 'close')
    const { files: _, skipped, ...told } = report
    return c.json(
      {
        type: 'session_import' as const,
        is_complete: cut_off === null,
        ...told,
        skipped: skipped.slice(0, MAX_SKIPPED).map(({ line, reason }) => ({ line, reason })),
        session_ids,
        more_sessions,
      },
      200,
    )
  } catch (error) {
    // What is still to come would be read as the next request.
    c.header('connection', 'close')
    throw error
  }
})

/** What is left unread is not canceled: that would close the connection before the answer is out. */
async function* bytesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body.values({ preventCancel: true })
}

function packingOf(encoding: string | undefined): 'gzip' | 'zstd' | null {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return null
    case 'gzip':
    case 'x-gzip':
      return 'gzip'
    case 'zstd':
      return 'zstd'
  }
  throw new EngineError(
    'invalid_request_error',
    `content-encoding: ${encoding!.slice(0, 100)} is not known here`,
    {
      hint: 'compress the body with gzip or zstd, or not at all',
    },
  )
}
