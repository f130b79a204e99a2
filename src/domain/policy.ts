/**
 * Policy: what may go live in a memory without a person, and what may not go live at all.
 *
 * A policy is written as YAML (`5-decide/policy-file.ts` reads it, docs/policy.md explains it) and kept as versions. It only ever lets
 * through what it says: an empty one holds everything. Unknown keys are refused, since a rule that is misspelled protects nobody.
 */
import { z } from 'zod'
import { Change, Verdict } from './change.ts'
import { Pattern, Tier } from './pattern.ts'

/** What a memory may talk an agent into, and what is recognised by words (`5-decide/capability.ts`). */
export const Capability = z.enum([
  'credentials',
  'network',
  'disabling_checks',
  'approving',
  'payment',
  'deletion',
])
export type Capability = z.infer<typeof Capability>

/** `*` stands for anything within a name, `**` for anything, `?` for one character. */
const Glob = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^[\]{}!\\]*$/, {
    error: 'a pattern knows *, ** and ? only; write one pattern for each alternative',
  })
const PathGlob = Glob.startsWith('/', { error: 'a path begins with /, as in /mistakes/**' })

/** One value may be written without the brackets of a list. */
const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.preprocess((it) => (it === undefined || Array.isArray(it) ? it : [it]), z.array(value).min(1)).optional()

/**
 * A change fits when every key that is there fits. Of a memory with several lessons all have to fit an `allow`, and one is enough for
 * a `hold` or a `deny`.
 */
export const PolicyRule = z
  .strictObject({
    verdict: Verdict,
    tier: oneOrMore(Tier),
    class: oneOrMore(Pattern.shape.class),
    channel: oneOrMore(Pattern.shape.channel),
    kind: oneOrMore(Change.shape.kind),
    operation: oneOrMore(Change.shape.operation),
    path: oneOrMore(PathGlob),
    agent: oneOrMore(Glob),
    scope: oneOrMore(z.enum(['agent', 'person'])),
    /** What an `allow` needs besides: distinct sessions, and distinct people, behind every lesson. */
    min_sessions: z.int().min(1).optional(),
    /** At most eight: of a lesson, eight sessions are looked up. */
    min_people: z.int().min(1).max(8).optional(),
    /** Said with the verdict. */
    because: z.string().min(1).max(300).optional(),
  })
  .superRefine((rule, issues) => {
    for (const key of ['min_sessions', 'min_people'] as const)
      if (rule.verdict !== 'allow' && rule[key] !== undefined)
        issues.addIssue({
          code: 'custom',
          path: [key],
          message: `only an allow needs support; a ${rule.verdict} holds without`,
        })
  })
export type PolicyRule = z.infer<typeof PolicyRule>

/** How long something is kept, in whole days, of which there is at least one. */
const Days = z.string().regex(/^[1-9]\d{0,4}d$/, { error: 'give a number of days, as in 90d' })

/** Of the sessions of an agent: how long they are kept, and how long what was said in them is. */
export const RetentionRule = z
  .strictObject({
    agent: oneOrMore(Glob),
    /** After this long a session is erased, with all that rests on it. */
    sessions: Days.optional(),
    /** After this long only its transcript goes; what was counted and learned stays. */
    transcripts: Days.optional(),
  })
  .superRefine((rule, issues) => {
    const { sessions, transcripts } = rule
    if (sessions === undefined && transcripts === undefined)
      issues.addIssue({ code: 'custom', message: 'say how long: sessions, transcripts, or both' })
    if (sessions === undefined || transcripts === undefined) return
    if (Number.parseInt(transcripts, 10) >= Number.parseInt(sessions, 10))
      issues.addIssue({
        code: 'custom',
        path: ['transcripts'],
        message: 'a transcript goes with its session, so this has to be less than sessions',
      })
  })
export type RetentionRule = z.infer<typeof RetentionRule>

const Share = z.number().min(0).max(1)

/** Below a hundredth no effect would ever be known; above a half, measuring would be most of what is done. */
const ControlShare = z.number().min(0.01).max(0.5)

/**
 * What share of the sessions goes without what they could be given, so that its effect is known. `7-measure/control-share.ts` says which
 * share holds when; where a later one is larger than an earlier one, the earlier one stays.
 */
export const Measuring = z.strictObject({
  /** false: nobody goes without, and whether a lesson helps is not measured. */
  enabled: z.boolean().default(true),
  /** Of all sessions, those that are given no lesson at all. */
  memory_control: ControlShare.default(0.1),
  /** Of the sessions that a lesson fits, those that it is kept from: while it is new, then once enough sessions ran either way. */
  new_lesson_control: ControlShare.default(0.5),
  known_lesson_control: ControlShare.default(0.1),
  /** Of both, once the sessions have shown that it helps. What helped may stop helping, so somebody always goes without. */
  kept_control: ControlShare.default(0.05),
  /** How many sessions with a known outcome are enough, with the lesson and as many without: fewer than ten tell nothing. */
  enough_sessions: z.int().min(10).max(100_000).default(60),
})
export type Measuring = z.infer<typeof Measuring>

/** What is off raises nothing. */
const threshold = (usual: number) =>
  z
    .union([z.number().min(0), z.literal('off')], { error: 'give a number that is not negative, or off' })
    .default(usual)

/**
 * How far behaviour and memory may move before somebody is told. docs/policy.md says what each measures and why it is what it is;
 * `7-measure/alarm.ts` holds them against what was measured.
 */
export const Alarms = z.strictObject({
  /** How many days are compared with as many, or with more, of before. */
  window: Days.default('7d'),
  /** Of a share, by how much it changed for the worse: 0.1 is ten points. */
  completion: threshold(0.1),
  approved_but_wrong: threshold(0.1),
  tool_errors: threshold(0.1),
  refusals: threshold(0.1),
  escalation: threshold(0.1),
  /** Bits of divergence beyond luck. */
  tool_mix: threshold(0.05),
  /** Memories more than a week before. */
  memory_growth: threshold(50),
  /** Memories changed or removed in a week, for each that was there. */
  memory_churn: threshold(0.5),
  /** More than so many live. */
  contradictions: threshold(0),
  resurrections: threshold(0),
  /** Lessons that became retired or disputed. */
  lessons_retired: threshold(3),
})
export type Alarms = z.infer<typeof Alarms>

const Word = z.string().trim().min(1).max(100)

export const Policy = z
  .strictObject({
    format_version: z.literal(1),
    /** Nothing goes live without the approval of two different people. */
    regulated: z.boolean().default(false),
    /** The first that fits decides; what none fits is held. */
    rules: z.array(PolicyRule).max(1_000).default([]),
    /** Where nothing goes live without a person, and perhaps no dream deletes at all. */
    protected_paths: z
      .array(z.strictObject({ path: PathGlob, deletion: z.enum(['hold', 'deny']).default('hold') }))
      .max(1_000)
      .default([]),
    /** A dream that drops, or otherwise alters, more than this share of the memories goes live in no part. */
    largest_share: z
      .strictObject({ dropped: Share.default(0.25), touched: Share.default(0.25) })
      .prefault({}),
    /** `allow` only where somebody wrote it: then these words decide nothing, and the rules do. */
    capabilities: z
      .strictObject(
        Object.fromEntries(Capability.options.map((it) => [it, Verdict.default('hold')])) as Record<
          Capability,
          z.ZodDefault<typeof Verdict>
        >,
      )
      .prefault({}),
    /** Words of one's own that need a person, or are refused. */
    words: z
      .strictObject({
        hold: z.array(Word).max(1_000).default([]),
        deny: z.array(Word).max(1_000).default([]),
      })
      .prefault({}),
    /** The first that fits an agent decides; sessions that none fits are kept. */
    retention: z.array(RetentionRule).max(1_000).default([]),
    /** How it is found out whether lessons help. */
    measuring: Measuring.prefault({}),
    /** When somebody is told that behaviour or memory moved. */
    alarms: Alarms.prefault({}),
  })
  .superRefine((policy, issues) => {
    if (!policy.regulated) return
    const refuse = (path: (string | number)[]) =>
      issues.addIssue({
        code: 'custom',
        path,
        message: 'in a regulated policy nothing is allowed: two people approve each change',
      })
    for (const [i, it] of policy.rules.entries()) if (it.verdict === 'allow') refuse(['rules', i, 'verdict'])
    for (const it of Capability.options) if (policy.capabilities[it] === 'allow') refuse(['capabilities', it])
  })
export type Policy = z.infer<typeof Policy>
