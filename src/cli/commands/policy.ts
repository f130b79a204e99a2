import { EngineError } from '../../domain/error.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { PolicyFile, PolicyInForce, PolicySetting } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { readFile } from '../folder.ts'
import { personAt } from '../person.ts'
import {
  type CheckedPolicy,
  type SetPolicy,
  showCheck,
  showPolicyHistory,
  showSetPolicy,
  showTrial,
  type Trial,
} from '../show/policy.ts'

export async function showPolicy(
  call: Call,
  { sha256 }: { sha256?: string },
): Promise<Answer<PolicyInForce>> {
  const engine = await call.open()
  return { data: await engine.policy(sha256), show: ({ content }) => content }
}

/** Fails when there is anything wrong with it. Opens no database. */
export async function checkPolicy(file: string): Promise<Answer<CheckedPolicy>> {
  const { checkPolicy } = await import('../../engine.ts')
  const { policy, errors, sha256 } = await checkPolicy(policyAt(file).text)
  return { data: { file, sha256, policy, errors }, show: showCheck, exit_code: policy === null ? 1 : 0 }
}

export async function setPolicy(
  call: Call,
  file: string,
  { as }: { as?: string },
): Promise<Answer<SetPolicy>> {
  const policy = policyAt(file)
  const engine = await call.open()
  return { data: { file, ...(await engine.setPolicy(policy, personAt(as))) }, show: showSetPolicy }
}

export async function policyHistory(call: Call, page: PageRequest): Promise<Answer<Page<PolicySetting>>> {
  const engine = await call.open()
  return { data: await engine.policyHistory(page), show: showPolicyHistory }
}

export async function testPolicy(
  call: Call,
  file: string,
  options: { dream?: string } & PageRequest,
): Promise<Answer<Trial>> {
  const policy = policyAt(file)
  const engine = await call.open()
  return { data: { file, ...(await engine.testPolicy(policy, options)) }, show: showTrial }
}

function policyAt(file: string): PolicyFile {
  const found = readFile(file, file)
  if (!found)
    throw new EngineError('file_access_error', `there is no file ${file}`, {
      hint: '`reverie policy show` prints the policy in force: begin with that',
    })
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(found.bytes) }
  } catch (error) {
    throw new EngineError('invalid_request_error', `${file} is no text in UTF-8`, {
      hint: 'save it as UTF-8 in your editor',
      cause: error,
    })
  }
}
