/**
 * Loaded before everything else (`node --import`): the process, and every thread it starts, ends at the first attempt to reach
 * a network or to start a program, and the file NETWORK_LOG names the attempt.
 *
 * It listens where Node makes its own handles, below `fetch`, `http`, `net` and whatever a package brings.
 */
import { createHook } from 'node:async_hooks'
import { appendFileSync } from 'node:fs'

const ATTEMPT = /^(?:TCP|UDP|TLS|DNS|QUERY|GETADDRINFO|GETNAMEINFO|PIPECONNECT|PIPESERVER|PROCESS|HTTP2)/

createHook({
  init(_, type) {
    if (!ATTEMPT.test(type)) return
    appendFileSync(process.env.NETWORK_LOG!, `${type}\n`)
    throw new Error(`an attempt to leave this process: ${type}`)
  },
}).enable()
