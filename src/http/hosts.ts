/**
 * Under which names a server may be called. A page in a browser can have its own name lead to this machine, and would then be taken
 * for a program of this machine; so a server that only this machine reaches answers only to the names of this machine.
 */
import type { MiddlewareHandler } from 'hono'
import { EngineError } from '../domain/error.ts'
import type { Env } from './env.ts'

/** An address that nothing but this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  return name === 'localhost' || name === '::1' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name)
}

/** Refuses what was sent to another name than those of this machine, or the `public_hosts`; `null` refuses nothing. */
export function knownHosts(public_hosts: string[] | null): MiddlewareHandler<Env> {
  if (public_hosts === null) return (_, next) => next()
  const known = new Set(public_hosts.map((it) => it.toLowerCase()))
  return async (c, next) => {
    const host = nameOf(c.req.header('host') ?? '')
    if (!isLoopback(host) && !host.endsWith('.localhost') && !known.has(host))
      throw new EngineError('permission_error', 'this server is not called by that name', {
        hint: 'call it as localhost, or start it with --public-host NAME where it stands behind a proxy',
      })
    await next()
  }
}

/** `Example.com:8080` -> `example.com` */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
}
