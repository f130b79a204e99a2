import { parseJson } from './json.ts'

/** The arguments of a call as an object; what is not one is kept under `raw`, so nothing is lost. */
export function toolInput(args: unknown): Record<string, unknown> {
  if (args === null || args === undefined) return {}
  return typeof args === 'object' && !Array.isArray(args) ? (args as Record<string, unknown>) : { raw: args }
}

/** The same for arguments that a harness writes as JSON inside a string. */
export function toolInputFromJson(args: unknown): Record<string, unknown> {
  if (typeof args !== 'string') return toolInput(args)
  if (args.trim() === '') return {}
  const value = parseJson(args)
  return typeof value === 'symbol' ? { raw: args } : toolInput(value)
}
