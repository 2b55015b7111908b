import type { Protocol, ProxyCastError } from '@proxycast/spec';
import type { ClientResponse } from './client-response.ts';

/** Gives an error to the client in its dialect. Does nothing when the head has gone out already. */
export function respondError(
  response: ClientResponse,
  protocol: Protocol,
  error: ProxyCastError,
  requestId: string,
  headers: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  const rendered = protocol.renderError(error, requestId);
  const body = Buffer.from(rendered.body);
  // What was forwarded from the upstream goes first; the dialect's own rendering has the last word on a shared name.
  for (let at = 0; at + 1 < headers.length; at += 2) response.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
  for (const [name, value] of Object.entries(rendered.headers)) response.setHeader(name, value);
  response.setHeader('x-request-id', requestId);
  response.setHeader('content-length', body.length);
  response.writeHead(rendered.status);
  response.end(body);
}
