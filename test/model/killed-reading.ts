/**
 * A process that dreams with a model, to be killed while it does.
 *
 *     node killed-reading.ts DATABASE MODELS_FILE AGENT
 */
import { openEngine } from '../../src/engine.ts'
import { NIGHT } from './dreaming.ts'

const [database, models_file, agent] = process.argv.slice(2)

const engine = openEngine({ database: database!, models_file, now: NIGHT })
await engine.dream({ agent, model: 'scripted/reader' })
await engine.close()
