// A cheap vendor: answers every POST the same way, and counts. `PUT /control` sets the answer and the counts to zero,
// `GET /control` reads the counts, `GET /control/last-request` the last body. Started as a process of its own: process.ts <port>, 0 takes a free one.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { monotonicUs } from '../process/monotonic-us.ts';
import {
  type Answer,
  answerSchema,
  type Calls,
  CONTROL_PATH,
  LAST_REQUEST_PATH,
  MODEL,
  type PlainAnswer,
} from './answer.ts';
import { renderChatAnswer } from './render-chat-answer.ts';
import { renderChatStream } from './render-chat-stream.ts';
import { stampTime } from './time-mark.ts';

type Respond = (response: ServerResponse, requestBytes: number) => void;

let respond: Respond = createRespond({ type: 'json', bytes: 1024 });
const NO_CALLS: Calls = { total: 0, open: 0, aborted: 0, requestBytes: 0, lastAbortAtUs: 0 };
let calls = { ...NO_CALLS };
/** Only pointed at, in the pieces in which it came. */
let lastRequest: readonly Buffer[] = [];

function createRespond(answer: Answer): Respond {
  if (answer.type !== 'by-size') return createPlainRespond(answer);
  const small = createPlainRespond(answer.small);
  const large = createPlainRespond(answer.large);
  return (response, requestBytes) => (requestBytes < answer.largeBytes ? small : large)(response, requestBytes);
}

function createPlainRespond(answer: PlainAnswer): Respond {
  if (answer.type === 'json') {
    const body = renderChatAnswer({ bytes: answer.bytes, model: MODEL });
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    return (response) => response.writeHead(200, headers).end(body);
  }
  const isTimed = answer.isTimed ?? false;
  const frames = renderChatStream({ chunks: answer.chunks, model: MODEL, isTimed });
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
  return (response) => {
    let next = 0;
    const writeNext = (): void => {
      const plain = frames[next];
      const frame = isTimed && plain !== undefined ? stampTime(plain, monotonicUs()) : plain;
      next += 1;
      if (next < frames.length) response.write(frame);
      else response.end(frame);
    };
    const timer = setInterval(writeNext, answer.intervalMs);
    response.on('finish', () => clearInterval(timer));
    response.on('close', () => clearInterval(timer));
    response.writeHead(200, headers);
    writeNext();
  };
}

function answerCall(request: IncomingMessage, response: ServerResponse): void {
  const counts = calls;
  counts.total += 1;
  counts.open += 1;
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    counts.requestBytes += chunk.length;
  });
  request.on('end', () => {
    lastRequest = chunks;
    respond(response, bytes);
  });
  response.on('close', () => {
    counts.open -= 1;
    if (response.writableFinished) return;
    counts.aborted += 1;
    counts.lastAbortAtUs = monotonicUs();
  });
}

function answerControl(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'PUT') {
      respond = createRespond(answerSchema.parse(JSON.parse(Buffer.concat(chunks).toString())));
      calls = { ...NO_CALLS };
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(calls));
  });
}

const server = createServer((request, response) => {
  if (request.url === CONTROL_PATH) answerControl(request, response);
  else if (request.url === LAST_REQUEST_PATH) response.end(Buffer.concat(lastRequest));
  else answerCall(request, response);
});
// Longer than the proxies keep theirs, so that none of them meets a connection that is being closed.
server.keepAliveTimeout = 120_000;
server.requestTimeout = 0;
server.listen({ port: Number(process.argv[2] ?? 0), host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
process.on('disconnect', () => process.exit());
