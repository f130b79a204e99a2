/** Which addresses a stranger may send us to. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressKind } from '../../src/domain/network-address.ts'

describe.each([
  {
    kind: 'public',
    addresses: [
      ...[
        '1.1.1.1',
        '8.8.8.8',
        '93.184.216.34',
        '100.63.255.255',
        '100.128.0.0',
        '172.15.255.255',
        '172.32.0.0',
      ],
      ...['169.253.255.255', '192.167.0.1', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
      ...['2606:4700:4700::1111', '2a00:1450:4001:82a::200e', '3ffe::1', '2001:4860:4860::8888'],
      ...['::ffff:8.8.8.8', '::ffff:0808:0808', '64:ff9b::8.8.8.8'],
    ],
  },
  {
    kind: 'private',
    addresses: [
      ...['127.0.0.1', '127.255.255.254', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255'],
      ...['192.168.0.1', '100.64.0.1', '100.127.255.255'],
      ...['::1', 'fc00::1', 'fd12:3456:789a::1', 'fdff:ffff::1'],
      ...[
        '::ffff:127.0.0.1',
        '::ffff:7f00:1',
        '::FFFF:10.0.0.1',
        '::ffff:0:192.168.0.1',
        '64:ff9b::10.0.0.1',
      ],
      ...['64:ff9b::7f00:1', '0:0:0:0:0:ffff:7f00:0001'],
    ],
  },
  {
    kind: 'never',
    addresses: [
      // Metadata of clouds.
      ...[
        '169.254.169.254',
        '169.254.170.2',
        '100.100.100.200',
        '168.63.129.16',
        '192.0.0.192',
        'fd00:ec2::254',
      ],
      ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe'],
      // Nobody, one's own link, many at once, and what is for books and tests.
      ...['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0', '::127.0.0.1', '::7f00:1'],
      ...['169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', '224.0.0.1', '239.255.255.255', 'ff02::1'],
      ...[
        '240.0.0.1',
        '255.255.255.255',
        '192.0.2.1',
        '198.18.0.1',
        '198.51.100.1',
        '203.0.113.1',
        '192.88.99.1',
      ],
      // Ways through: 6to4 and Teredo carry an IPv4 address that nobody sees.
      ...[
        '2002:7f00:1::',
        '2002:a9fe:a9fe::1',
        '2001::1',
        '2001:0:7f00:1::',
        '2001:db8::1',
        '3fff::1',
        '100::1',
      ],
      ...[
        '',
        'localhost',
        '127.1',
        '0177.0.0.1',
        '2130706433',
        '0x7f000001',
        '1.2.3',
        '1.2.3.4.5',
        '::g',
        '[::1]',
      ],
    ],
  },
])('$kind:', ({ kind, addresses }) => {
  test.each(addresses)('%j', (address) => {
    expect(addressKind(address)).toBe(kind)
  })
})

test('an IPv4 address is the same kind however IPv6 carries it', () => {
  const byte = fc.nat({ max: 255 })
  fc.assert(
    fc.property(byte, byte, byte, byte, (a, b, c, d) => {
      const plain = `${a}.${b}.${c}.${d}`
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
      for (const it of [`::ffff:${plain}`, `::ffff:${hex}`, `0:0:0:0:0:ffff:${hex}`, `64:ff9b::${plain}`])
        expect(addressKind(it)).toBe(addressKind(plain))
    }),
  )
})

test('no text makes it throw, and what is no address is never called', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6()), (it) =>
      ['public', 'private', 'never'].includes(addressKind(it)),
    ),
  )
})
