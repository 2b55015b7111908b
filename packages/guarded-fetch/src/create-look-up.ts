import { lookup, Resolver } from 'node:dns/promises';
import type { LookUp } from './resolve-outside.ts';

/** Of one question to one server of names; the fetch has its own limit. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;

/**
 * Looks names up. Those from outside go to the servers of names directly: the system's own way holds one of the few threads that
 * files and compression need too, for as long as a server that somebody chose keeps silent. Trusted ones go the system's way,
 * which knows the hosts file.
 */
export function createLookUp(): LookUp {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return async (name, isTrusted) => {
    if (isTrusted) return await lookup(name, { all: true });
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = [ipv4, ipv6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
    return found.map((address) => ({ address }));
  };
}
