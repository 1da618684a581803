/**
 * Where events may be sent. Whoever may subscribe could else make this server speak to machines that only it can reach
 * (server-side request forgery): so every address that a name leads to is looked at, at each connection.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** IANA's special-purpose addresses: private, loopback, link-local, shared, documentation, benchmarks, multicast, reserved. */
const special = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(net, prefix, 'ipv4');
/** Within 2000::/3: protocol assignments (Teredo …), documentation, 6to4, which may hide any IPv4 address. */
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(net, prefix, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  // Mapped and translated IPv4 (::ffff:…, 64:ff9b::…), ::1, fc00::, fe80::, ff00:: are all outside 2000::/3.
  return family === 6 && globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

export class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';
  readonly code = 'WEBHOOK_URL_NOT_ALLOWED';
}

/** Why events are not sent there, whatever the name leads to; null: nothing against it. */
export function urlFaultOf(text: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(text)) return 'It is not a URL.';
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'It is neither http nor https.';
  if (username !== '' || password !== '') return 'It holds a user name or password; events are signed instead.';
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!allowPrivate && isIP(address) !== 0 && !isPublic(address)) return `${address} is not a public address.`;
  return null;
}

/** Resolves a name as usual, and refuses it when any of its addresses is not public. */
export const guardedLookup =
  (allowPrivate: boolean): LookupFunction =>
  (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookup(hostname, all, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const bad = allowPrivate ? undefined : addresses.find(({ address }) => !isPublic(address));
      if (bad)
        return callback(new AddressNotAllowed(`${hostname} leads to ${bad.address}, which is not public`), '', 0);
      const [first] = addresses;
      if (options.all) return callback(null, addresses);
      callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
