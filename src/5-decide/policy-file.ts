/**
 * `policy.yaml`: its text in, the policy out, or what is wrong with it, all at once, each by line and column. A rule that is misspelled
 * would protect nobody, so a key that is not known is never passed over.
 */
import { EngineError } from '../domain/error.ts'
import { Policy } from '../domain/policy.ts'
import { errorLines, readYaml, type YamlError, type YamlForm } from '../domain/yaml-text.ts'

export type PolicyError = YamlError

/** The policy is null where there are errors. */
export function readPolicy(text: string): { policy: Policy | null; errors: PolicyError[] } {
  const { value: policy, errors } = readYaml(text, POLICY)
  return { policy, errors }
}

/** The policy in a text. Throws `invalid_request_error` with all that is wrong with it, a line each. */
export function parsePolicy(text: string, file = 'policy.yaml'): Policy {
  const { policy, errors } = readPolicy(text)
  if (policy) return policy
  throw new EngineError('invalid_request_error', errorLines(errors, file), {
    hint: 'docs/policy.md explains every key; `reverie policy check FILE` only looks at a file',
    details: { errors },
  })
}

const CONTROL = 'a tenth is 0.1; with "enabled: false" nobody goes without'

const POLICY: YamlForm<Policy> = {
  schema: Policy,
  noun: 'policy',
  levels: 'four',
  first_line: 'format_version: 1',
  docs: 'docs/policy.md',
  hints: {
    format_version: 'add the line "format_version: 1"',
    dropped: 'a quarter is 0.25',
    touched: 'a quarter is 0.25',
    memory_control: CONTROL,
    new_lesson_control: CONTROL,
    known_lesson_control: CONTROL,
    kept_control: CONTROL,
  },
}
