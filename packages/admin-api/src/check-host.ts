import type { IncomingMessage } from 'node:http';
import { PermissionError } from '@proxycast/spec';

const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const HOST_PATTERN = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/;

/**
 * A page of a foreign site whose name resolves to this machine (DNS rebinding) is known by the Host it sends.
 * Throws PermissionError for a host that is neither a loopback name nor allowed by a setting.
 */
export function checkHost(request: IncomingMessage, allowedHosts: readonly string[]): void {
  const hosts = request.headersDistinct.host ?? [];
  const name = HOST_PATTERN.exec((hosts[0] ?? '').toLowerCase())?.[1];
  if (hosts.length === 1 && name !== undefined && (LOOPBACK_HOSTS.includes(name) || allowedHosts.includes(name)))
    return;
  throw new PermissionError({
    code: 'host_not_allowed',
    message:
      'The admin API does not answer under this host name. Use localhost or 127.0.0.1, or add the name to the setting server.allowed_hosts.',
  });
}
