import type { IncomingMessage } from 'node:http';
import { PermissionError } from '@proxycast/spec';
import { isStateChanging } from './is-state-changing.ts';

/** Throws PermissionError for a request that a page of another origin has made a browser send. */
export function checkOrigin(request: IncomingMessage): void {
  const fetchSite = request.headers['sec-fetch-site'];
  // Another port of this host is "same-site" to a browser, and still another program.
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') throw refusal();
  const { origin } = request.headers;
  if (origin === undefined || !isStateChanging(request.method)) return;
  if (!isSameOrigin(origin, request.headers.host ?? '')) throw refusal();
}

function isSameOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  // TLS may end at a proxy in front, so the scheme that this process sees is not the one the browser used.
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const self = `${protocol}//${host}`;
  return URL.canParse(self) && new URL(self).host === originHost;
}

function refusal(): PermissionError {
  return new PermissionError({
    code: 'foreign_origin',
    message:
      'This request was sent by a page of another origin. Only the console of this ProxyCast may call its admin API.',
  });
}
