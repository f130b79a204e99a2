/**
 * Residency: where what is in a workspace may be sent.
 *
 * Whatever calls another program over a network is given an `Outbound` and calls nothing else. `within` puts a workspace's word in
 * front of one: a call that the workspace does not allow is refused, with the reason, before a socket is opened or a name
 * looked up. What is allowed is sent to the host that was named and to no other, so redirects are not followed.
 *
 * It knows names, not places: that a host is where its operator says it is, nothing here can see.
 */
import { EngineError } from './error.ts'
import type { Workspace } from './workspace.ts'

export type Residency = Pick<Workspace, 'name' | 'offline' | 'regions' | 'model_hosts'>

/** `fetch`, told as well in which region the other side keeps what it is sent; null when that is not known. */
export type Outbound = (url: string, request: RequestInit, region: string | null) => Promise<Response>

/** `send`, for what the workspace allows. Throws `permission_error` for everything else. */
export function within(workspace: Residency, send: Outbound): Outbound {
  return async (url, request, region) => {
    const refusal = refusalOf(workspace, url, region)
    if (refusal !== null)
      throw new EngineError(
        'permission_error',
        `the workspace ${workspace.name} allows no call to ${refusal}`,
        {
          hint: 'nothing was sent; docs/residency.md says how a workspace names the hosts and regions it allows',
        },
      )
    return send(url, { ...request, redirect: 'error' }, region)
  }
}

/** What may not be called, and why, as the end of a sentence; null when it may. */
export function refusalOf(workspace: Residency, url: string, region: string | null): string | null {
  const { protocol, host, hostname } = URL.parse(url) ?? {}
  if (protocol !== 'https:' && protocol !== 'http:') return 'what is no web address'
  const is_here = isLoopback(hostname!)
  if (workspace.offline && !is_here) return `${host}: it is offline`
  if (!workspace.model_hosts.includes(host!)) return `${host}, which is not among its hosts`
  if (is_here || workspace.regions.length === 0) return null
  if (region === null) return `${host}, which does not say in which region it is`
  return workspace.regions.includes(region) ? null : `${host} in ${region}, which is not among its regions`
}

/** This machine, as an address or by a name that must not lead elsewhere (RFC 6761). */
function isLoopback(hostname: string): boolean {
  return /^127(?:\.\d+){3}$|^\[::1\]$|^(?:[^.]+\.)*localhost$/.test(hostname)
}

/** A host as it is listed: as a URL would spell it, with its port where it is not the usual one. */
export function hostNamed(text: string): string {
  const url = URL.parse(`https://${text}`)
  if (url && url.host !== '' && url.href === `https://${url.host}/` && !/[/\\?#@*\s]/.test(text))
    return url.host.replace(/:80$/, '')
  throw new EngineError('invalid_request_error', `${text} is no host`, {
    hint: 'give a name or an address, with a port where it is not the usual one: api.example.com, localhost:11434',
  })
}

/** A region as its provider calls it. */
export function regionNamed(text: string): string {
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text)) return text
  throw new EngineError('invalid_request_error', `${text} is no region`, {
    hint: 'give it as the provider does, in small letters, digits and dashes: eu-central-1',
  })
}
