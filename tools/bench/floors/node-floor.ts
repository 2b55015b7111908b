// The least a proxy in this language can do: bytes from `node:http` to undici's `dispatch` and back, with exact
// backpressure and aborts, and nothing else. Started as a process of its own: node-floor.ts <upstream origin>.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect', 'upgrade']);
const KEEP_ALIVE_MS = 60_000;
// Up to here copying the body together costs less than streaming it, above it more (CPU per request on Node 26.10, buffered
// and streamed: 1 KB 85 and 121 µs, 150 KB 290 and 480 µs, 600 KB 0.9 and 1.1 ms, 1 MB 1.6 and 1.2 ms, 2 MB 3.0 and 2.2 ms).
const MAX_BUFFERED_BYTES = 750_000;

const pool = new Pool(process.argv[2] ?? '', {
  connections: null,
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: 0,
  bodyTimeout: 0,
});

function forward(request: IncomingMessage, response: ServerResponse, body: Buffer | IncomingMessage): void {
  let upstream: Dispatcher.DispatchController | undefined;
  response.on('drain', () => upstream?.resume());
  response.on('close', () => {
    if (!response.writableFinished) upstream?.abort(new Error('the client left'));
  });
  const headers = request.rawHeaders.filter((_, at, all) => !HOP_BY_HOP.has((all[at & ~1] ?? '').toLowerCase()));
  pool.dispatch(
    { path: request.url ?? '/', method: request.method ?? 'GET', headers, body },
    {
      onRequestStart(controller) {
        upstream = controller;
        if (response.destroyed) controller.abort(new Error('the client left'));
      },
      onResponseStart(_controller, status, received) {
        const kept: Record<string, string | string[]> = {};
        for (const name in received) {
          const value = received[name];
          if (value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value;
        }
        response.writeHead(status, kept);
      },
      onResponseData(controller, chunk) {
        if (!response.write(chunk)) controller.pause();
      },
      onResponseEnd: () => response.end(),
      onResponseError: () => (response.headersSent ? response.destroy() : response.writeHead(502).end()),
    },
  );
}

const server = createServer((request, response) => {
  const isSmall = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= MAX_BUFFERED_BYTES;
  if (!isSmall) return forward(request, response, request);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () =>
    forward(request, response, chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
  );
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
process.on('disconnect', () => process.exit());
