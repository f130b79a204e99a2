/** The public API: the engine, the nouns it speaks of, and the one error it throws. */
export type { Change, Verdict } from './domain/change.ts'
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
export {
  type DreamOptions,
  type DreamReport,
  type Engine,
  type ExchangeFile,
  type Export,
  type Format,
  type ImportOptions,
  type ImportReport,
  type IngestChoice,
  type IngestReport,
  type Lesson,
  openEngine,
  type SessionRow,
  type Skipped,
  type Stage,
} from './engine.ts'
