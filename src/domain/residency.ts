/**
 * Residency: where what is in a workspace may be sent.
 *
 * Whatever sends contents over a network is given an `Outbound` and calls nothing else. `within` puts a workspace's word in
 * front of one: a call that the workspace does not allow is refused, with the reason, before a socket is opened or a name
 * looked up. What is allowed is sent to the host that was named and to no other, so redirects are not followed.
 *
 * It knows names, not places: that a host is where its operator says it is, nothing here can see.
 */
import { isIP } from 'node:net'
import { EngineError } from './error.ts'
import { type AddressKind, addressKind } from './network-address.ts'
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

/**
 * At what addresses a webhook to `url` may end. Webhooks are sent ids and no contents, and an admin has named where to, so the
 * lists of hosts and regions, which are about contents, do not bind them; being offline does.
 *
 * A host that the workspace lists may be on a network of one's own, and spoken to without TLS. So may every other where whoever
 * started the server allows it (`allows_private`), but that what is not encrypted stays on such a network.
 *
 * Throws `invalid_request_error` for what no webhook can be sent to, `permission_error` for what the workspace does not allow.
 */
export function webhookReach(workspace: Residency, url: string, allows_private: boolean): AddressKind[] {
  const target = URL.parse(url)
  const refuse = (what: string, hint: string) => {
    throw new EngineError('invalid_request_error', `url: ${what}`, { hint })
  }
  if (target?.protocol !== 'https:' && target?.protocol !== 'http:')
    return refuse('it is no web address', 'give one that begins with https://')
  if (target.username !== '' || target.password !== '')
    return refuse('it has a name or a password in it', 'deliveries are signed: check webhook-signature')
  if (target.hash !== '') return refuse('it has a fragment in it', 'leave out the # and what follows')
  const { host, hostname, protocol } = target
  if (workspace.offline && !isLoopback(hostname))
    throw new EngineError('permission_error', `the workspace ${workspace.name} is offline`, {
      hint: 'it sends nothing from this machine; `reverie workspace set` with --online changes that',
    })
  const port = Number(target.port) || (protocol === 'https:' ? 443 : 80)
  if (workspace.model_hosts.includes(host)) return ['public', 'private']
  if (workspace.offline)
    throw new EngineError(
      'permission_error',
      `the workspace ${workspace.name} is offline, and does not list ${host}`,
      {
        hint: 'list it among the hosts of the workspace: `reverie workspace set` with --model-host',
      },
    )
  if (port < 1_024 && port !== (protocol === 'https:' ? 443 : 80))
    return refuse(`the port ${port} is another service's`, 'give 443, or one from 1024 on')
  if (!allows_private && protocol === 'http:')
    return refuse(
      'it is not encrypted',
      'give one that begins with https://, or list the host in the workspace',
    )
  const reach: AddressKind[] = !allows_private
    ? ['public']
    : protocol === 'https:'
      ? ['public', 'private']
      : ['private']
  const literal = addressIn(hostname)
  if (literal === null || reach.includes(addressKind(literal))) return reach
  return refuse(`${hostname} is no address that webhooks are sent to`, NOT_PUBLIC)
}

const NOT_PUBLIC =
  'give a public one; docs/webhooks.md says how receivers on a network of your own are allowed'

/** The address that a host of a URL is; null for a name. URLs spell every form of an IPv4 address alike. */
export function addressIn(hostname: string): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) === 0 ? null : bare
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
