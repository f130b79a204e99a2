/** Agents as the wire knows them, with all their versions. */
import type { Agent, AgentContent } from '../domain/agent.ts'
import type { Place } from '../domain/page.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { type Bounds, OPERATORS } from './recordings.ts'

export async function insertAgent(tx: Transaction, agent: Agent): Promise<void> {
  const { id, name, version, created_at, updated_at } = agent
  await tx
    .insertInto('agent')
    .values({
      workspace_id: OWN_WORKSPACE,
      ...{ id, name, version, created_at, updated_at },
      metadata: JSON.stringify(agent.metadata),
    })
    .execute()
  await insertVersion(tx, agent)
}

/** The agent as it now is; the version before stays readable where `version` is a new one. */
export async function updateAgent(tx: Transaction, agent: Agent, had_version: number): Promise<void> {
  const { id, name, version, metadata, updated_at, archived_at } = agent
  await tx
    .updateTable('agent')
    .set({ name, version, metadata: JSON.stringify(metadata), updated_at, archived_at })
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .execute()
  if (version !== had_version) await insertVersion(tx, agent)
}

export async function insertVersion(tx: Transaction, agent: Agent): Promise<void> {
  await tx
    .insertInto('agent_version')
    .values({
      workspace_id: OWN_WORKSPACE,
      agent_id: agent.id,
      version: agent.version,
      content: JSON.stringify(contentOf(agent)),
      created_at: agent.updated_at,
    })
    .execute()
}

/** At that version, or at its last. */
export async function findAgent(
  db: Database | Transaction,
  id: string,
  version?: number,
): Promise<Agent | undefined> {
  const row = await agents(db)
    .where('agent.id', '=', id)
    .$if(version === undefined, (it) => it.whereRef('agent_version.version', '=', 'agent.version'))
    .$if(version !== undefined, (it) => it.where('agent_version.version', '=', version!))
    .executeTakeFirst()
  return row && asAgent(row)
}

/** Of several agents of that name the oldest that is not archived. */
export async function agentCalled(db: Database | Transaction, name: string): Promise<Agent | undefined> {
  const row = await agents(db)
    .where('agent.name', '=', name)
    .where('agent.archived_at', 'is', null)
    .whereRef('agent_version.version', '=', 'agent.version')
    .orderBy('agent.created_at')
    .orderBy('agent.id')
    .limit(1)
    .executeTakeFirst()
  return row && asAgent(row)
}

/** Newest first. */
export async function listAgentsOfApi(
  db: Database,
  filter: { include_archived: boolean; created: Bounds },
  { after, limit }: { after?: Place; limit: number },
): Promise<Agent[]> {
  let query = agents(db)
    .whereRef('agent_version.version', '=', 'agent.version')
    .$if(!filter.include_archived, (it) => it.where('agent.archived_at', 'is', null))
  for (const [name, operator] of OPERATORS) {
    const bound = filter.created[name]
    if (bound !== undefined) query = query.where('agent.created_at', operator, bound)
  }
  if (after !== undefined)
    query = query.where((eb) =>
      eb(eb.refTuple('agent.created_at', 'agent.id'), '<', eb.tuple(after.created_at, after.id)),
    )
  const rows = await query
    .orderBy('agent.created_at', 'desc')
    .orderBy('agent.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(asAgent)
}

/** Newest first. */
export async function versionsOfAgent(
  db: Database,
  id: string,
  { below, limit }: { below: number | null; limit: number },
): Promise<Agent[]> {
  const rows = await agents(db)
    .where('agent.id', '=', id)
    .$if(below !== null, (it) => it.where('agent_version.version', '<', below!))
    .orderBy('agent_version.version', 'desc')
    .limit(limit)
    .execute()
  return rows.map(asAgent)
}

function agents(db: Database | Transaction) {
  return db
    .selectFrom('agent')
    .innerJoin('agent_version', (join) =>
      join
        .onRef('agent_version.agent_id', '=', 'agent.id')
        .onRef('agent_version.workspace_id', '=', 'agent.workspace_id'),
    )
    .select([
      'agent.id',
      'agent_version.version',
      'agent_version.content',
      'agent_version.created_at as versioned_at',
      'agent.version as last_version',
      'agent.updated_at',
      'agent.metadata',
      'agent.created_at',
      'agent.archived_at',
    ])
    .where('agent.workspace_id', '=', OWN_WORKSPACE)
}

function contentOf({ name, description, model, system, tools, ...more }: Agent): AgentContent {
  const { mcp_servers, skills, multiagent, execution_identity } = more
  return { name, description, model, system, tools, mcp_servers, skills, multiagent, execution_identity }
}

/** An older version was changed last when it was made. */
function asAgent({
  content,
  metadata,
  last_version,
  versioned_at,
  ...row
}: Pick<Agent, 'id' | 'version' | 'created_at' | 'updated_at' | 'archived_at'> & {
  content: string
  metadata: string
  last_version: number
  versioned_at: string
}): Agent {
  const updated_at = row.version === last_version ? row.updated_at : versioned_at
  return { ...row, ...JSON.parse(content), updated_at, metadata: JSON.parse(metadata) }
}
