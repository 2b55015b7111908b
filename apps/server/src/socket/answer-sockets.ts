import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSocketTurns, type Gateway } from '@proxycast/gateway';
import { GatewayError, PermissionError, type RenderedError, type ResponsesStore } from '@proxycast/spec';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { isAllowedHost } from '../http/is-allowed-host.ts';
import { SocketResponse } from './socket-response.ts';

export interface AnswerSocketsParts {
  readonly gateway: Pick<Gateway, 'refuseSocket' | 'submit' | 'protocolOf'>;
  readonly store: ResponsesStore;
  readonly allowedHosts: () => readonly string[];
  /** Largest message; a larger one closes its socket. */
  readonly maxMessageBytes: () => number;
  readonly maxSockets: number;
}

export interface AnswerSockets {
  /** Takes an upgrade of a connection, or refuses it as an HTTP answer. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Says goodbye to every client. */
  close(): void;
}

/** As the API: then the client opens another one. */
const MAX_AGE_MS = 60 * 60_000;
const PING_MS = 30_000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const CLOSE_MS = 2_000;

/** Fields of a message that are the socket's own, and those that mean nothing on one. */
const NOT_FOR_THE_BODY = new Set(['type', 'generate', 'stream', 'stream_options', 'background']);

/**
 * The WebSocket form of `/v1/responses`: each message `response.create` is a request, its events are messages. One answer at
 * a time on each socket; what was said on it can be gone on from, stored or not.
 */
export function createAnswerSockets(parts: AnswerSocketsParts): AnswerSockets {
  const { gateway } = parts;
  const clients = new Set<WebSocket>();
  let server: WebSocketServer | undefined;
  let maxPayload = 0;
  /** The bound of messages is a live setting; sockets keep the one they were opened with. */
  const serverNow = (): WebSocketServer => {
    if (server === undefined || maxPayload !== parts.maxMessageBytes()) {
      maxPayload = parts.maxMessageBytes();
      // Compression costs a context of memory for each socket, and events are small.
      server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload, clientTracking: false });
    }
    return server;
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const { pathname, query } = splitUrl(request.url ?? '/');
    const refusal =
      refuseHost(parts, request, pathname) ??
      gateway.refuseSocket({ pathname, headers: request.headers, query }) ??
      (clients.size < parts.maxSockets
        ? undefined
        : gateway.protocolOf(pathname).renderError(tooMany(parts.maxSockets), ''));
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    serverNow().handleUpgrade(request, socket, head, (opened) => serve(opened, request, pathname, query));
  };

  const serve = (socket: WebSocket, request: IncomingMessage, pathname: string, query: string): void => {
    clients.add(socket);
    const turns = createSocketTurns(parts.store);
    let running: SocketResponse | undefined;
    let isAlive = true;
    let isTooOld = false;
    const sendError = (status: number, code: string, message: string): void => {
      socket.send(
        JSON.stringify({ type: 'error', status, error: { type: 'invalid_request_error', code, message, param: null } }),
      );
    };
    const retire = (): void => {
      sendError(400, 'websocket_connection_limit_reached', 'This socket is an hour old. Open another one.');
      socket.close(GOING_AWAY);
    };
    const age = setTimeout(() => {
      isTooOld = true;
      if (running === undefined) retire();
    }, MAX_AGE_MS);
    const ping = setInterval(() => {
      if (!isAlive) {
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
    }, PING_MS);
    age.unref();
    ping.unref();

    const answer = (message: Readonly<Record<string, unknown>>): void => {
      if (running !== undefined) {
        sendError(
          409,
          'response_in_progress',
          'This socket is working on a response. Wait for its last event, or open another socket.',
        );
        return;
      }
      const body = Object.fromEntries(Object.entries(message).filter(([name]) => !NOT_FOR_THE_BODY.has(name)));
      const response = new SocketResponse({
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        send: (text, sent) => socket.send(text, sent),
        ping: () => socket.ping(),
        terminate: () => socket.terminate(),
      });
      running = response;
      response.on('close', () => {
        running = undefined;
        if (isTooOld) retire();
      });
      gateway.submit({
        pathname,
        headers: { ...request.headers, 'content-type': 'application/json' },
        query,
        body: Buffer.from(JSON.stringify({ ...body, stream: true })),
        response,
        turns: turns.forRequest(body['store'] !== false),
        isWarmUp: message['generate'] === false,
      });
    };

    socket.on('pong', () => {
      isAlive = true;
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      isAlive = true;
      if (isBinary) {
        sendError(400, 'invalid_message', 'Messages are JSON texts, not bytes.');
        socket.close(UNSUPPORTED_DATA);
        return;
      }
      const message = parseMessage(textOf(data));
      switch (message?.['type']) {
        case 'response.create':
          if (message['stream_id'] === undefined) answer(message);
          else sendError(400, 'unsupported_parameter', 'This socket carries one conversation; leave stream_id out.');
          return;
        case 'response.processed':
          return;
        default:
          sendError(400, 'invalid_message', 'A message is a JSON object whose type is response.create.');
      }
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(age);
      clearInterval(ping);
      clients.delete(socket);
      running?.leave();
    });
  };

  return {
    onUpgrade,
    close() {
      for (const client of clients) client.close(GOING_AWAY);
      setTimeout(() => {
        for (const client of clients) client.terminate();
      }, CLOSE_MS).unref();
    },
  };
}

/** A page of a foreign site may open sockets, which ask no permission; it cannot hide where it is from. */
function refuseHost(
  { gateway, allowedHosts }: AnswerSocketsParts,
  { headers }: IncomingMessage,
  pathname: string,
): RenderedError | undefined {
  const allowed = allowedHosts();
  const origin = headers.origin;
  const isForeign = origin !== undefined && !isAllowedHost(hostOf(origin), allowed);
  if (!isForeign && isAllowedHost(headers.host, allowed)) return undefined;
  return gateway.protocolOf(pathname).renderError(
    new PermissionError({
      code: 'host_not_allowed',
      message:
        'ProxyCast does not answer under this host name, or to pages of this origin. Use 127.0.0.1 or localhost, or add the name to the setting server.allowed_hosts.',
    }),
    '',
  );
}

/** `null`, which opaque pages send, is no host that could be allowed. */
const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : ' ');

const tooMany = (limit: number): GatewayError =>
  new GatewayError({
    code: 'too_many_sockets',
    kind: 'rate-limited',
    message: `${limit} sockets are open already. Close one, or send the request by HTTP.`,
    retryAfterMs: 5_000,
  });

/** The handshake is an HTTP request until it has succeeded. */
function refuse(socket: Duplex, { status, headers, body }: RenderedError): void {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ ...headers, 'content-length': String(bytes.length), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${head}\r\n${body}`);
}

function splitUrl(url: string): { readonly pathname: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { pathname: url, query: '' } : { pathname: url.slice(0, mark), query: url.slice(mark) };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}

function parseMessage(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
