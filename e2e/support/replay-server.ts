import { createServer } from 'node:http';

export interface ReplayServer {
  readonly baseUrl: string;
  /** The body of every answer from now on, whatever is asked. */
  say(body: string, contentType: string): void;
  close(): Promise<void>;
}

/** Answers with bytes it was given, so that a client's reader can be shown any stream. */
export async function createReplayServer(): Promise<ReplayServer> {
  let answer = { body: '', contentType: 'application/json' };
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      response.writeHead(200, { 'content-type': answer.contentType });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The replay server has no port.');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    say(body, contentType) {
      answer = { body, contentType };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
