import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '@proxycast/observe';

export interface OperationsParts {
  readonly version: string;
  readonly metrics: Metrics;
  /** Whether requests can be served now; if not, why. */
  readonly readiness: () => { readonly isReady: boolean; readonly reason?: string };
  /** Whether the request carries an admin token or a client key. */
  readonly isKnown: (request: IncomingMessage) => boolean;
}

/** `/health` says that the process lives, to anyone; `/ready` and `/metrics` want a key. */
export function createOperations(
  parts: OperationsParts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (path !== '/health' && path !== '/ready' && path !== '/metrics') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      json(
        response,
        405,
        { error: { code: 'method_not_allowed', message: `${path} takes GET.` } },
        { allow: 'GET, HEAD' },
      );
    } else if (path === '/health') {
      json(response, 200, { status: 'ok', version: parts.version });
    } else if (!parts.isKnown(request)) {
      json(response, 401, {
        error: {
          code: 'missing_api_key',
          message: `${path} wants a client key or the admin token as Authorization: Bearer.`,
        },
      });
    } else if (path === '/ready') {
      const { isReady, reason } = parts.readiness();
      json(response, isReady ? 200 : 503, {
        status: isReady ? 'ready' : 'not ready',
        ...(reason === undefined ? {} : { reason }),
      });
    } else {
      parts.metrics.render().then(
        (text) => {
          response.writeHead(200, { 'content-type': parts.metrics.contentType });
          response.end(text);
        },
        () => json(response, 500, { error: { code: 'internal_error', message: 'The metrics cannot be collected.' } }),
      );
    }
    return true;
  };
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
}
