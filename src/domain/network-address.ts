/**
 * What kind of place an IP address is, so that nobody is sent where only this machine or its network should reach.
 *
 * An address that carries another one in it (IPv4 in IPv6, NAT64) is the kind of the one it carries.
 */
import { isIPv4, isIPv6 } from 'node:net'

/**
 * - `public`: anybody's. - `private`: this machine, or a network that is somebody's own.
 * - `never`: nothing that a request belongs to: a cloud's metadata, one's own link, many at once, nobody.
 */
export type AddressKind = 'public' | 'private' | 'never'

/** What is no address is `never`. */
export function addressKind(address: string): AddressKind {
  if (isIPv4(address)) return kindOfV4(bytesOfV4(address))
  return isIPv6(address) && !address.includes('%') ? kindOfV6(bytesOfV6(address)) : 'never'
}

type Range = readonly [network: string, bits: number, kind: AddressKind]

/** The narrower range stands first. Everything else is public. */
const V4: Range[] = [
  // Where Azure and Oracle tell their machines what they are.
  ['168.63.129.16', 32, 'never'],
  ['100.100.100.200', 32, 'never'],
  ['0.0.0.0', 8, 'never'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'private'],
  ['169.254.0.0', 16, 'never'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'never'],
  ['192.0.2.0', 24, 'never'],
  ['192.88.99.0', 24, 'never'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'never'],
  ['198.51.100.0', 24, 'never'],
  ['203.0.113.0', 24, 'never'],
  ['224.0.0.0', 4, 'never'],
  ['240.0.0.0', 4, 'never'],
]

/** What is not in 2000::/3 and not here is handed out to nobody. */
const V6: Range[] = [
  ['::1', 128, 'private'],
  ['fd00:ec2::254', 128, 'never'],
  ['fd20:ce::254', 128, 'never'],
  ['fc00::', 7, 'private'],
  ['2001::', 23, 'never'],
  ['2001:db8::', 32, 'never'],
  ['2002::', 16, 'never'],
  ['3fff::', 20, 'never'],
  ['2000::', 3, 'public'],
]

/** Prefixes whose last four bytes are an IPv4 address. */
const CARRIES_V4 = ['::ffff:0:0', '::ffff:0:0:0', '64:ff9b::'].map(bytesOfV6)

function kindOfV4(bytes: number[]): AddressKind {
  return V4.find(([network, bits]) => isWithin(bytes, bytesOfV4(network), bits))?.[2] ?? 'public'
}

function kindOfV6(bytes: number[]): AddressKind {
  if (CARRIES_V4.some((it) => isWithin(bytes, it, 96))) return kindOfV4(bytes.slice(12))
  return V6.find(([network, bits]) => isWithin(bytes, bytesOfV6(network), bits))?.[2] ?? 'never'
}

function isWithin(bytes: number[], network: number[], bits: number): boolean {
  return bytes.every((byte, i) => {
    const own = Math.min(Math.max(bits - i * 8, 0), 8)
    const mask = 0xff & (0xff << (8 - own))
    return (byte & mask) === (network[i]! & mask)
  })
}

function bytesOfV4(address: string): number[] {
  return address.split('.').map(Number)
}

function bytesOfV6(address: string): number[] {
  const dotted = /(?:\d+\.){3}\d+$/.exec(address)?.[0]
  const groups = dotted === undefined ? address : address.replace(dotted, hexOf(bytesOfV4(dotted)))
  const [start, end] = groups.split('::').map((it) => (it === '' ? [] : it.split(':')))
  const zeros = end === undefined ? [] : Array<string>(8 - start!.length - end.length).fill('0')
  return [...start!, ...zeros, ...(end ?? [])].flatMap((it) => {
    const group = Number.parseInt(it, 16)
    return [group >> 8, group & 0xff]
  })
}

/** Four bytes as the last two groups of an IPv6 address. */
function hexOf([a, b, c, d]: number[]): string {
  return `${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`
}
