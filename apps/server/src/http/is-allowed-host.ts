import { isIP } from 'node:net';

/**
 * Whether a Host header can be that of this server. A page of a foreign site whose name was made to resolve to this
 * machine (DNS rebinding) sends its own name; an address, or a name that only local resolvers know, cannot be one.
 */
export function isAllowedHost(header: string | undefined, allowedHosts: readonly string[]): boolean {
  if (header === undefined) return true;
  const name = hostName(header);
  if (name === undefined) return false;
  if (name === 'localhost' || name.endsWith('.localhost') || name === 'host.docker.internal') return true;
  return isIP(name) !== 0 || allowedHosts.includes(name) || allowedHosts.includes(`[${name}]`);
}

/** Lower case, without port and brackets. */
function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/.exec(header.toLowerCase());
  return match?.[1] ?? match?.[2];
}
