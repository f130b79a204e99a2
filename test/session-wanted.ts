import type { SessionWanted } from '../src/engine.ts'

/** A session of the agent `desk` to be put in over the wire, with nothing in it yet. */
export const sessionWanted: SessionWanted = {
  agent: { id: 'desk', version: null, overrides: {} },
  environment_id: null,
  title: null,
  metadata: {},
  resources: [],
  vault_ids: [],
  budget: null,
  initial_events: [],
}
