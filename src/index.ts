/** The public API: the engine, the nouns it speaks of, and the one error it throws. */
export type { AuditAction, AuditHead, AuditRecord } from './domain/audit.ts'
export { newKeyPair, type SignatureCheck, type SignedHead } from './domain/audit-signature.ts'
export type { Change, ChangeStatus, Verdict } from './domain/change.ts'
export type { Decision } from './domain/decision.ts'
export type { Digest, DigestedChange } from './domain/digest.ts'
export type { Dream } from './domain/dream.ts'
export { EngineError, type ErrorType } from './domain/error.ts'
export type { ErrorClass, SessionEvent } from './domain/event.ts'
export type { Evidence } from './domain/evidence.ts'
export type { Feedback } from './domain/feedback.ts'
export type { Actor, Memory, MemoryStore, MemoryVersion } from './domain/memory.ts'
export type { Origin } from './domain/origin.ts'
export type { Outcome } from './domain/outcome.ts'
export type { Page, PageRequest } from './domain/page.ts'
export type { Effect, Scope, Tier } from './domain/pattern.ts'
export type { Channel } from './domain/review.ts'
export type { Harness, Session } from './domain/session.ts'
export type { Usage } from './domain/usage.ts'
export type { Workspace } from './domain/workspace.ts'
export {
  type AuditRow,
  type ChangesWanted,
  type Choice,
  type DecideReport,
  type DreamOptions,
  type DreamReport,
  type Engine,
  type ErasureReport,
  type ExchangeFile,
  type Export,
  type Format,
  type ImportOptions,
  type ImportReport,
  type IngestChoice,
  type IngestReport,
  type Lesson,
  type ListedChange,
  type NewWorkspace,
  openEngine,
  openWorkspaces,
  type PersonsWord,
  type RetentionReport,
  type SessionRow,
  type ShownChange,
  type SignedWith,
  type Skipped,
  type Stage,
  type VerifiedAudit,
  type Workspaces,
} from './engine.ts'
