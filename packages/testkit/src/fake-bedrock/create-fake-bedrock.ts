import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { findConverseFaults } from './converse-rules.ts';
import { findCountFaults } from './count-rules.ts';
import { renderEventFrame } from './render-event-frame.ts';
import { findSignatureFault, type SigningKey } from './verify-signature.ts';

/** Parts of one answer: text, thinking with its signature, calls. */
export interface BedrockAnswer {
  readonly text?: string;
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly input: JsonObject }[];
  /** Sent instead: an exception with this name, as a status or, in a stream, after the first frames. */
  readonly exception?: { readonly name: string; readonly status: number; readonly isLate?: boolean };
}

export interface FakeBedrock extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly { readonly path: string; readonly body: JsonObject }[];
  /** What the real service would have refused. */
  readonly violations: readonly string[];
  /** The answers to come, in order; the last is repeated. */
  respond(...answers: readonly BedrockAnswer[]): void;
}

const LATE_MS = 50;

const MODELS = [
  { modelId: 'amazon.nova-lite-v1:0', inferenceTypesSupported: ['ON_DEMAND'] },
  { modelId: 'anthropic.claude-sonnet-5', inferenceTypesSupported: ['INFERENCE_PROFILE'] },
];

/** What CountTokens answers. */
const COUNTED_TOKENS = 123;
/** Only Claude, and only by the model's own id (guide of CountTokens, 2026-11). */
const COUNTED_MODEL = /^anthropic\.claude-/;

const USAGE = { inputTokens: 11, outputTokens: 7, totalTokens: 21, cacheReadInputTokens: 3, cacheWriteInputTokens: 0 };

/** Bedrock's Converse, ConverseStream and CountTokens on loopback: recomputes signatures, checks requests, writes event-stream frames. */
export async function createFakeBedrock(options: {
  readonly region: string;
  readonly signing?: SigningKey;
  readonly bearer?: string;
  readonly now?: () => number;
}): Promise<FakeBedrock> {
  const requests: { path: string; body: JsonObject }[] = [];
  const violations: string[] = [];
  const signatures = new Set<string>();
  let answers: BedrockAnswer[] = [{ text: 'hello' }];

  const refuse = (response: ServerResponse, status: number, name: string, message: string): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': `${name}:` });
    response.end(JSON.stringify({ message }));
  };

  const findCredentialFault = (request: IncomingMessage, body: Buffer): string | undefined => {
    const { authorization = '' } = request.headers;
    if (authorization.startsWith('Bearer ')) {
      return options.bearer !== undefined && authorization === `Bearer ${options.bearer}`
        ? undefined
        : 'AccessDeniedException: Authentication failed: Please make sure your API Key is valid.';
    }
    if (options.signing === undefined) return 'AccessDeniedException: no key is known here.';
    const nowMs = (options.now ?? Date.now)();
    return findSignatureFault(request, body, { key: options.signing, region: options.region, nowMs });
  };

  const handle = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const fault = findCredentialFault(request, body);
    if (fault !== undefined) {
      const [name = '', message = ''] = fault.split(': ');
      refuse(response, 403, name, message);
      return;
    }
    if (request.method === 'GET' && request.url?.startsWith('/foundation-models') === true) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ modelSummaries: MODELS }));
      return;
    }
    if (request.method === 'GET' && request.url?.startsWith('/inference-profiles') === true) {
      const isSecondPage = request.url.includes('nextToken=two');
      const inferenceProfileSummaries = [
        { inferenceProfileId: `${isSecondPage ? 'us' : 'eu'}.anthropic.claude-sonnet-5` },
      ];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ inferenceProfileSummaries, ...(isSecondPage ? {} : { nextToken: 'two' }) }));
      return;
    }
    const match = /^\/model\/([^/]+)\/(converse|converse-stream|count-tokens)$/.exec(request.url ?? '');
    const value = parseJson(body.toString('utf8'));
    if (request.method !== 'POST' || match === null || !isObject(value)) {
      refuse(response, 404, 'UnknownOperationException', `${request.method} ${request.url} is unknown.`);
      return;
    }
    requests.push({ path: request.url ?? '', body: value });
    const isCount = match[2] === 'count-tokens';
    const faults = isCount ? findCountFaults(value, signatures) : findConverseFaults(value, signatures);
    if (faults.length > 0) {
      violations.push(...faults);
      refuse(response, 400, 'ValidationException', faults.join('; '));
      return;
    }
    if (isCount) {
      if (!COUNTED_MODEL.test(decodeURIComponent(match[1] ?? ''))) {
        refuse(response, 400, 'ValidationException', "The provided model doesn't support counting tokens.");
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ inputTokens: COUNTED_TOKENS }));
      return;
    }
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    if (answer.thinking !== undefined) signatures.add(answer.thinking.signature);
    if (answer.exception !== undefined && answer.exception.isLate !== true) {
      refuse(response, answer.exception.status, answer.exception.name, 'as the script says');
      return;
    }
    if (match[2] === 'converse') writeWhole(response, answer);
    else writeStream(response, answer);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('No port.');

  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    requests,
    violations,
    respond: (...next) => {
      answers = [...next];
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function writeWhole(response: ServerResponse, { text, thinking, calls = [] }: BedrockAnswer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': 'fake-request' });
  response.end(
    JSON.stringify({
      output: {
        message: {
          role: 'assistant',
          content: [
            ...(thinking === undefined ? [] : [{ reasoningContent: { reasoningText: thinking } }]),
            ...(text === undefined ? [] : [{ text }]),
            ...calls.map(({ id, name, input }) => ({ toolUse: { toolUseId: id, name, input } })),
          ],
        },
      },
      stopReason: calls.length > 0 ? 'tool_use' : 'end_turn',
      usage: USAGE,
      metrics: { latencyMs: 1 },
    }),
  );
}

function writeStream(response: ServerResponse, { text, thinking, calls = [], exception }: BedrockAnswer): void {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  let index = 0;
  const send = (type: string, payload: JsonObject): void => {
    const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' };
    response.write(renderEventFrame(headers, { ...payload, p: 'abcdefgh' }));
  };
  const delta = (value: JsonObject): void => send('contentBlockDelta', { contentBlockIndex: index, delta: value });
  const stop = (): void => send('contentBlockStop', { contentBlockIndex: index++ });
  send('messageStart', { role: 'assistant' });
  if (thinking !== undefined) {
    for (const piece of piecesOf(thinking.text)) delta({ reasoningContent: { text: piece } });
    delta({ reasoningContent: { signature: thinking.signature } });
    stop();
  }
  if (text !== undefined) {
    for (const piece of piecesOf(text)) delta({ text: piece });
    stop();
  }
  if (exception !== undefined) {
    const headers = {
      ':exception-type': exception.name,
      ':content-type': 'application/json',
      ':message-type': 'exception',
    };
    const frame = renderEventFrame(headers, { message: 'as the script says' });
    // Apart from what came before, so that a reader has passed that on already.
    setTimeout(() => response.end(frame), LATE_MS);
    return;
  }
  for (const { id, name, input } of calls) {
    send('contentBlockStart', { contentBlockIndex: index, start: { toolUse: { toolUseId: id, name } } });
    for (const piece of piecesOf(JSON.stringify(input))) delta({ toolUse: { input: piece } });
    stop();
  }
  send('messageStop', { stopReason: calls.length > 0 ? 'tool_use' : 'end_turn' });
  send('metadata', { usage: USAGE, metrics: { latencyMs: 1 } });
  response.end();
}

const piecesOf = (text: string): readonly string[] => text.match(/[\s\S]{1,7}/g) ?? [''];
