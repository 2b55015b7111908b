import type { Secret } from '@proxycast/spec';
import type { ApplyParts } from './apply-declared.ts';

/** Calls this process's own admin API over its address. */
export function createAdminCaller({
  address,
  token,
}: {
  /** As the server says it listens. */
  readonly address: string;
  readonly token: Secret;
}): ApplyParts['call'] {
  const { hostname, port } = new URL(address);
  // A server that listens everywhere is reached here.
  const host = hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '[::]' ? '[::1]' : hostname;
  return async (method, path, body) => {
    const response = await fetch(`http://${host}:${port}/api/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if (response.ok) return value;
    throw new Error(messageOf(value) ?? `status ${response.status}`);
  };
}

function messageOf(value: unknown): string | undefined {
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message : undefined;
}
