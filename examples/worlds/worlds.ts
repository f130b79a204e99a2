/** Every world, by its name; those with something that can be learned first. */
import { codeReview } from './code-review.ts'
import { complianceDesk } from './compliance-desk.ts'
import { documentReview } from './document-review.ts'
import { helpdesk } from './helpdesk.ts'
import { nothingToLearn } from './nothing-to-learn.ts'
import { poisoner } from './poisoner.ts'
import { toolChange } from './tool-change.ts'
import type { World } from './world.ts'
import { wrongApprovals } from './wrong-approvals.ts'

export const WORLDS: readonly World[] = [
  documentReview,
  helpdesk,
  codeReview,
  complianceDesk,
  toolChange,
  wrongApprovals,
  poisoner,
  nothingToLearn,
]
