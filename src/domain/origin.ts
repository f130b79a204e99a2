import { z } from 'zod'

/**
 * Who produced a text. What a tool, the web or a recalled memory said may be evidence; it never
 * becomes the wording of an instruction. `harness` is text the harness put in by itself: system
 * reminders, environment notes, instructions files.
 */
export const Origin = z.enum(['person', 'agent', 'tool', 'web', 'memory', 'harness'])
export type Origin = z.infer<typeof Origin>
