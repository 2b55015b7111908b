import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { PermissionError } from '@proxycast/spec';

const HOST_PATTERN = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/;

/** An address, or the name of this machine for itself: what a name server was made to say leads to neither. */
function isOwnName(name: string): boolean {
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/**
 * A page of a foreign site whose name resolves to this machine (DNS rebinding) is known by the Host it sends.
 * Throws PermissionError for a host that is neither an address, nor localhost, nor allowed by a setting.
 */
export function checkHost(request: IncomingMessage, allowedHosts: readonly string[]): void {
  const hosts = request.headersDistinct.host ?? [];
  const name = HOST_PATTERN.exec((hosts[0] ?? '').toLowerCase())?.[1];
  if (hosts.length === 1 && name !== undefined && (isOwnName(name) || allowedHosts.includes(name))) return;
  throw new PermissionError({
    code: 'host_not_allowed',
    message:
      'The admin API does not answer under this host name. Use localhost or an address, or add the name to the setting server.allowed_hosts.',
  });
}
