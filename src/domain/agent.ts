import { z } from 'zod'

/** A thing of the wire that we keep as it is and never look into: a tool, a skill, a server. */
const Kept = z.looseObject({ type: z.string() })

export const AgentModel = z.looseObject({ id: z.string() })

/** What of an agent has versions, as the wire has it. We run no agents: it says what a session was made with. */
export const AgentContent = z.object({
  name: z.string(),
  description: z.string().nullable(),
  model: AgentModel,
  system: z.string().nullable(),
  tools: z.array(Kept),
  mcp_servers: z.array(Kept),
  skills: z.array(Kept),
  multiagent: Kept.nullable(),
  execution_identity: Kept,
})
export type AgentContent = z.infer<typeof AgentContent>

/** An agent at one of its versions. */
export const Agent = AgentContent.extend({
  id: z.string().startsWith('agent_'),
  version: z.number().int().min(1),
  metadata: z.record(z.string(), z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  archived_at: z.string().nullable(),
})
export type Agent = z.infer<typeof Agent>

/** What stands for the model of an agent of which nothing but its name is known. */
export const UNKNOWN_MODEL = 'unknown'

/** An agent of which nothing but its name is known. */
export function agentNamed(name: string): AgentContent {
  return {
    name,
    description: null,
    model: { id: UNKNOWN_MODEL },
    system: null,
    tools: [],
    mcp_servers: [],
    skills: [],
    multiagent: null,
    execution_identity: { type: 'service_account' },
  }
}
