/** What nobody may do alone where the policy in force is regulated. */
import type { Database } from '../db/database.ts'
import { policyInForce } from '../db/policies.ts'
import { EngineError } from '../domain/error.ts'

export async function isRegulated(db: Database): Promise<boolean> {
  return (await policyInForce(db)).policy.regulated
}

/** What goes live in a regulated workspace, two people approve: nobody puts it there alone. */
export async function refuseRegulated(db: Database, what: string): Promise<void> {
  if (!(await isRegulated(db))) return
  throw new EngineError('permission_error', `the policy in force is regulated, so nobody may ${what} alone`, {
    hint: 'what goes live there, two people approve: `reverie decide`; `reverie undo` and `reverie memory remove` take back what is live',
  })
}
