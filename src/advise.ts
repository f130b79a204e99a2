/**
 * Advising: what counts alone would change in a memory store in, what a model advises besides out.
 *
 * One question a dream, about lessons and memories together. What comes back are operations on what the model was shown, as data: whoever
 * proposes checks them (`4-consolidate/operations.ts`), here and once more in the transaction that ends the dream, and asks nobody.
 *
 * This only reads. Where a model does not answer, or its answer is of no use, what counts alone propose is proposed, and a note says why.
 */
import { adviceQuestion, operationsIn } from './4-consolidate/model-advice.ts'
import type { Operation, Refused } from './4-consolidate/operation.ts'
import type { Steering } from './4-consolidate/steering.ts'
import { waitingChanges } from './db/changes.ts'
import type { Database } from './db/database.ts'
import { listMemories, writtenByPeople } from './db/memories.ts'
import type { Change } from './domain/change.ts'
import type { MemoryStore } from './domain/memory.ts'
import type { Pattern } from './domain/pattern.ts'
import type { Ask } from './model/model.ts'
import { ModelError, type ModelErrorKind } from './model/model-error.ts'

export type Advice = {
  /** Whether the model answered. */
  is_answered: boolean
  /** As they were when the model was asked; none where it did not answer. */
  operations: Operation[]
  /** What was refused before anything was looked up. */
  refused: Refused[]
  /** Sentences to be read: what was not shown to the model, or why it gave no advice. */
  notes: string[]
}

/** Null where there is nothing to advise on; then nothing is asked. Throws what `signal` throws, and nothing of the model. */
export async function advise(
  db: Database,
  { store, steering }: { store: Pick<MemoryStore, 'id'>; steering: Steering },
  patterns: Pattern[],
  proposed: { changes: Change[] },
  ask: Ask,
  signal?: AbortSignal,
): Promise<Advice | null> {
  const question = adviceQuestion({
    patterns,
    memories: await listMemories(db, store.id),
    proposals: proposed.changes.filter((it) => it.verdict !== 'deny'),
    waiting: await waitingChanges(db, store.id),
    written: await writtenByPeople(db, store.id),
    steering,
  })
  if (question === null) return null
  const sent = { ...question, prompt: await withoutSecrets(question.prompt) }
  for (let tries = 1; ; tries++) {
    try {
      const { value } = await ask(sent, signal)
      const notes = question.left_out.map((it) => `The model advised on part of the memory: ${it}`)
      return { is_answered: true, ...operationsIn(question, value), notes }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      const is_worth_another = error.kind === 'unusable' && tries < MOST_TRIES
      if (!is_worth_another)
        return { is_answered: false, operations: [], refused: [], notes: [noteOn(error)] }
    }
  }
}

/** Sessions were redacted when they were stored; what people write into a memory, or ask of a dream, stays as they wrote it. */
async function withoutSecrets(text: string): Promise<string> {
  const { redact } = await import('./1-ingest/redact.ts')
  return (await redact(text)).text
}

const MOST_TRIES = 2

function noteOn({ kind, reason, message }: ModelError): string {
  const why = WHY[kind](reason, message)
  return `The model gave no advice on the memories: ${why}. What is proposed rests on counts alone.`
}

const WHY: Record<ModelErrorKind, (reason: string, message: string) => string> = {
  unavailable: (reason) => `it was not reached (${reason})`,
  refused: (reason) => `its provider does not take the question (${reason})`,
  unusable: (reason) => `its answer was of no use (${reason})`,
  stopped: (_, message) => message,
}
