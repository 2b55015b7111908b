import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { createGuardedFetch, type GuardedFetch } from '../create-guarded-fetch.ts';

/** A piece of the internet on loopback: names with addresses, and one server behind all of them. */
export interface Outside extends AsyncDisposable {
  readonly fetch: GuardedFetch;
  /** The requests that arrived. */
  readonly requests: readonly { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
  /** `address:port` of every connection that was made. */
  readonly connected: readonly string[];
  /** How often each name was looked up. */
  readonly lookUps: ReadonlyMap<string, number>;
  /** Connections the server has now. */
  openConnections(): Promise<number>;
}

export const PUBLIC = '93.184.215.14';

export interface OutsideOptions {
  /** What a name resolves to at each look-up in turn, the last for ever; a name that is not here has `PUBLIC`. */
  readonly names?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
  /** In place of HTTP. */
  readonly raw?: (socket: Socket) => void;
  /** Addresses where nobody listens. */
  readonly dead?: readonly string[];
}

export async function createOutside({ names = {}, answer, raw, dead = [] }: OutsideOptions): Promise<Outside> {
  const requests: { url: string; headers: IncomingMessage['headers'] }[] = [];
  const connected: string[] = [];
  const lookUps = new Map<string, number>();
  const server =
    raw === undefined
      ? createServer((request, response) => {
          requests.push({ url: `${request.headers.host}${request.url}`, headers: request.headers });
          answer?.(request, response);
        })
      : createTcpServer((socket) => raw(socket.resume()));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fetch = createGuardedFetch({
    userAgent: 'test',
    lookUp: async (name) => {
      const count = lookUps.get(name) ?? 0;
      lookUps.set(name, count + 1);
      const answers = names[name] ?? [[PUBLIC]];
      return (answers[Math.min(count, answers.length - 1)] ?? []).map((address) => ({ address }));
    },
    // Wherever it is let to, it arrives here; TLS is left out, the schemes are what is looked at.
    connect: (options, done) => {
      connected.push(`${options.hostname}:${options.port || (options.protocol === 'https:' ? 443 : 80)}`);
      const socket = connect(dead.includes(options.hostname) ? 1 : port, '127.0.0.1');
      socket.once('connect', () => done(null, socket)).once('error', (fault) => done(fault, null));
    },
  });
  return {
    fetch,
    requests,
    connected,
    lookUps,
    openConnections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((fault, count) => (fault === null ? resolve(count) : reject(fault)));
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
