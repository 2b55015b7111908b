import { parseIpAddress } from './parse-ip-address.ts';

/** https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sibling, seen 2026-11-25. */
const REFUSED_IPV4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT, and the metadata of Alibaba Cloud
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // the host of an Azure machine: a public address in name only
  '169.254.0.0/16', // link-local, and the metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments, and the metadata of Oracle Cloud
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
].map(parseRange);

/** Of these alone single networks are given out to the internet. */
const GLOBAL_UNICAST = parseRange('2000::/3');
const REFUSED_IPV6 = [
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '3fff::/20', // documentation
].map(parseRange);

const MAPPED_IPV4 = parseRange('::ffff:0:0/96');
const NAT64 = parseRange('64:ff9b::/96');
const SIX_TO_FOUR = parseRange('2002::/16');

/**
 * Whether an address is one of the public internet: not private, loopback, link-local, multicast, reserved, for documentation or
 * for a cloud's metadata, and none that leads to such a one by a translation (NAT64, 6to4, mapped IPv4). Text that is no
 * address is not public.
 */
export function isPublicAddress(text: string): boolean {
  const bytes = parseIpAddress(text);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? isPublicIpv4(bytes) : isPublicIpv6(bytes);
}

const isPublicIpv4 = (bytes: readonly number[]): boolean => !REFUSED_IPV4.some((range) => isIn(bytes, range));

function isPublicIpv6(bytes: readonly number[]): boolean {
  if (isIn(bytes, MAPPED_IPV4) || isIn(bytes, NAT64)) return isPublicIpv4(bytes.slice(12));
  if (!isIn(bytes, GLOBAL_UNICAST) || REFUSED_IPV6.some((range) => isIn(bytes, range))) return false;
  if (isIn(bytes, SIX_TO_FOUR)) return isPublicIpv4(bytes.slice(2, 6));
  // ISATAP: an interface id that holds an IPv4 address.
  const isIsatap = (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return !isIsatap || isPublicIpv4(bytes.slice(12));
}

interface AddressRange {
  readonly bytes: readonly number[];
  readonly bits: number;
}

function parseRange(text: string): AddressRange {
  const [address = '', bits] = text.split('/');
  const bytes = parseIpAddress(address);
  if (bytes === undefined) throw new RangeError(`${text} is no range of addresses.`);
  return { bytes, bits: Number(bits) };
}

function isIn(address: readonly number[], { bytes, bits }: AddressRange): boolean {
  for (let at = 0, left = bits; left > 0; at++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((address[at] ?? 0) & mask) !== ((bytes[at] ?? 0) & mask)) return false;
  }
  return true;
}
