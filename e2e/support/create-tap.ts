import { connect, createServer } from 'node:net';

export interface Tap extends AsyncDisposable {
  /** Reached like the server behind it. */
  readonly baseUrl: string;
  /** `POST /v1/responses`, `GET /v1/responses upgrade`: what was asked over it, in order. */
  readonly asked: readonly string[];
}

/** Passes bytes between a client and a server, and notes what the client asks for. */
export async function createTap(serverUrl: string): Promise<Tap> {
  const { hostname, port } = new URL(serverUrl);
  const asked: string[] = [];
  const tap = createServer((client) => {
    const server = connect(Number(port), hostname);
    let isSocket = false;
    client.on('data', (chunk) => {
      if (isSocket) return;
      const text = chunk.toString('latin1');
      for (const [, method, path] of text.matchAll(/(?:^|\r\n)(GET|POST|DELETE) (\S+) HTTP\/1\.1\r\n/g)) {
        isSocket = /\r\nupgrade: websocket\r\n/i.test(text);
        asked.push(`${method} ${path}${isSocket ? ' upgrade' : ''}`);
      }
    });
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve));
  const address = tap.address();
  if (address === null || typeof address === 'string') throw new TypeError('The tap has no port.');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        tap.close(() => resolve());
      }),
  };
}
