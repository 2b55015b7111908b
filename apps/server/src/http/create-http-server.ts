import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gateway } from '@proxycast/gateway';
import { PermissionError, ProxyCastError } from '@proxycast/spec';
import { isAllowedHost } from './is-allowed-host.ts';

export interface HttpServerParts {
  readonly gateway: Gateway;
  /** Answers what begins with `/api/admin/`. */
  readonly admin: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers `/`, `/console` and its files; `false` when the path is none of them. */
  readonly page: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Answers `/health`, `/ready` and `/metrics`; `false` when the path is none of them. */
  readonly operations: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly allowedHosts: () => readonly string[];
  /** Takes connections that want to become sockets. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly log: { error(fields: Readonly<Record<string, unknown>>, message: string): void };
}

/** Twice what Node allows by default: some clients send long lists of betas and trace headers. */
const MAX_HEADER_BYTES = 32 * 1024;
/** Longer than the idle limits of common clients, so that it is the client that closes first. */
const KEEP_ALIVE_MS = 75_000;

/** One HTTP server for everything: the data plane's paths go straight to the gateway, without a framework between. */
export function createHttpServer(parts: HttpServerParts): Server {
  const { gateway, admin, page, operations } = parts;
  // Clients keep one Host over all their requests: the last verdict is nearly always the next one.
  let lastHost: string | undefined;
  let lastAllowed: readonly string[] | undefined;
  let isLastAllowed = false;
  const isAllowed = (host: string | undefined): boolean => {
    const allowedHosts = parts.allowedHosts();
    if (host !== lastHost || allowedHosts !== lastAllowed) {
      lastHost = host;
      lastAllowed = allowedHosts;
      isLastAllowed = isAllowedHost(host, allowedHosts);
    }
    return isLastAllowed;
  };
  const dispatch = (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? '/';
    if (operations(request, response)) return;
    if (!isAllowed(request.headers.host)) {
      refuseHost(gateway, url, response);
      return;
    }
    if (url.startsWith('/api/admin/')) admin(request, response);
    else if (!page(request, response)) gateway.handle(request, response);
  };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: 300_000,
      headersTimeout: 60_000,
      // Others ask for a protocol that is not spoken here (`h2c`), and take an answer in the one they asked in.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      try {
        dispatch(request, response);
      } catch (cause) {
        parts.log.error({ err: cause }, 'a request could not be handled');
        // Whatever one request does, the others go on: it loses its connection and nothing else.
        response.destroy();
      }
    },
  );
  server.on('upgrade', parts.onUpgrade);
  server.on('clientError', (error, socket) => answerBrokenRequest(gateway, error, socket));
  return server;
}

function refuseHost(gateway: Gateway, url: string, response: ServerResponse): void {
  const error = new PermissionError({
    code: 'host_not_allowed',
    message:
      'ProxyCast does not answer under this host name. Use 127.0.0.1 or localhost, or add the name to the setting server.allowed_hosts.',
  });
  const rendered = gateway.protocolOf(url).renderError(error, '');
  response.writeHead(rendered.status, { ...rendered.headers, connection: 'close' });
  response.end(rendered.body);
}

/** Answers bytes that Node's parser refused, in the dialect of the path when they show one. */
function answerBrokenRequest(gateway: Gateway, error: Error, socket: Duplex): void {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, problem } = describeBrokenRequest(code);
  const rawPacket = 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : undefined;
  const path = /^[A-Z]{3,10} (\/[^ ?]{0,500})/.exec(rawPacket?.toString('latin1', 0, 512) ?? '')?.[1] ?? '/';
  const body = Buffer.from(gateway.protocolOf(path).renderError(problem, '').body);
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body.toString('utf8')}`,
  );
}

function describeBrokenRequest(code: unknown): { readonly status: string; readonly problem: ProxyCastError } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: '431 Request Header Fields Too Large',
        problem: new ProxyCastError({
          code: 'headers_too_large',
          kind: 'too-large',
          fault: 'client',
          message: `The request headers are larger than ${MAX_HEADER_BYTES} bytes.`,
        }),
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: '408 Request Timeout',
        problem: new ProxyCastError({
          code: 'request_timeout',
          kind: 'timeout',
          fault: 'client',
          message: 'The request did not arrive in time.',
        }),
      };
    default:
      return {
        status: '400 Bad Request',
        problem: new ProxyCastError({
          code: 'invalid_http',
          kind: 'invalid-request',
          fault: 'client',
          message: 'The bytes are no valid HTTP/1.1 request.',
        }),
      };
  }
}
