/** What models answered, by the hash of the question: nobody pays twice for the same. */
import type { Usage } from '../domain/usage.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** Undefined where it was not answered before. */
export async function answerTo(db: Database, hash: string): Promise<unknown> {
  const row = await db
    .selectFrom('model_answer')
    .select('content')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('hash', '=', hash)
    .executeTakeFirst()
  return row && JSON.parse(row.content)
}

/** Keeps an answer, in the place of one that was of no use any more. */
export async function storeAnswer(
  tx: Transaction,
  hash: string,
  answer: { value: unknown; usage: Usage },
  at: string,
): Promise<void> {
  const content = JSON.stringify(answer.value)
  const usage = JSON.stringify(answer.usage)
  await tx
    .insertInto('model_answer')
    .values({ workspace_id: OWN_WORKSPACE, hash, content, usage, answered_at: at })
    .onConflict((it) => it.columns(['workspace_id', 'hash']).doUpdateSet({ content, usage, answered_at: at }))
    .execute()
}

/** Lets answers go that were given before; what came of them stands elsewhere by then. */
export async function forgetAnswers(db: Database, before: string): Promise<void> {
  await db
    .deleteFrom('model_answer')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('answered_at', '<', before)
    .execute()
}
