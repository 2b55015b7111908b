import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 bytes of an address as text; `undefined` for anything else, an IPv6 address with a zone among it. */
export function parseIpAddress(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [before = '', after] = text.split('::', 2);
  const front = bytesOfGroups(before);
  if (after === undefined) return front;
  const back = bytesOfGroups(after);
  return [...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back];
}

function bytesOfGroups(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    // The last four bytes may be written as an IPv4 address.
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
