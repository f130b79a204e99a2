/**
 * A server in a process of its own, to be killed.
 *
 *     node killed-server.ts DATABASE PORT
 *
 * It says `listening PORT` once it is ready; 0 is any port that is free.
 */
import { openServer } from '../../src/engine.ts'
import { serve } from '../../src/http/serve.ts'

const [database, port] = process.argv.slice(2)

const server = openServer({ database: database! })
const serving = await serve(server, {
  host: '127.0.0.1',
  port: Number(port),
  public_hosts: [],
  rate_limit: 0,
  log_level: 'error',
})
console.log(`listening ${serving.port}`)
