import { createServer } from 'node:http';

export interface ClosedProxy {
  readonly url: string;
  /** What was asked for through it, as `host:port` or an address, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** A proxy that lets nothing through and notes what a program would have fetched from elsewhere. */
export async function createClosedProxy(): Promise<ClosedProxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(403, { connection: 'close' });
    response.end();
  });
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The closed proxy has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
