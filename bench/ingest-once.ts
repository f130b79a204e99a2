/** Ingests a folder into a database, and says how much memory that took: `node ingest-once.ts FOLDER DATABASE`. */
import { openEngine } from './engine-as-shipped.ts'

const engine = openEngine({ database: process.argv[3]! })
await engine.ingest([process.argv[2]!])
await engine.close()
console.log(JSON.stringify({ peak_memory_mb: process.resourceUsage().maxRSS / 1024 }))
