/**
 * Loaded before everything else (`node --import`): the process, and every thread it starts, ends at the first attempt to reach
 * a network or to start a program, and the file NETWORK_LOG names the attempt.
 *
 * It listens where Node makes its own handles, below `fetch`, `http`, `net` and whatever a package brings. With NETWORK_MAY=listen the
 * process may wait to be called, as a server does; to call is still an attempt.
 */
import { createHook } from 'node:async_hooks'
import { appendFileSync } from 'node:fs'

const ATTEMPT = /^(?:TCP|UDP|TLS|DNS|QUERY|GETADDRINFO|GETNAMEINFO|PIPECONNECT|PIPESERVER|PROCESS|HTTP2)/

/**
 * The socket that waits, each that comes of it, and what Node makes where an address may be a name. One that calls is made known as
 * TCPCONNECTWRAP besides, and a name that is asked for as GETADDRINFOREQWRAP or QUERYWRAP.
 */
const LISTENING = /^(?:TCPSERVERWRAP|TCPWRAP|DNSCHANNEL)$/

const may_listen = process.env.NETWORK_MAY === 'listen'

createHook({
  init(_, type) {
    if (!ATTEMPT.test(type) || (may_listen && LISTENING.test(type))) return
    appendFileSync(process.env.NETWORK_LOG!, `${type}\n`)
    throw new Error(`an attempt to leave this process: ${type}`)
  },
}).enable()
