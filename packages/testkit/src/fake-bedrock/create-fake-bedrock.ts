import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ScriptedMessage, textPieces, usageOf } from '../fake-upstream/answer.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { findClaudeFaults, isThinkingHidden } from './claude-fields.ts';
import { findConverseFaults } from './converse-rules.ts';
import { findCountFaults } from './count-rules.ts';
import { renderEventFrame } from './render-event-frame.ts';
import { findSignatureFault, type SigningKey } from './verify-signature.ts';

/** What a model of the fake says, or the exception it ends with. */
export interface BedrockAnswer extends Omit<ScriptedMessage, 'thinking'> {
  /** A text alone gets a signature of the fake's own. */
  readonly thinking?: string | { readonly text: string; readonly signature: string };
  /** Sent instead: an exception with this name, as a status or, in a stream, after the first frames. */
  readonly exception?: { readonly name: string; readonly status: number; readonly isLate?: boolean };
}

export interface BedrockRequest {
  /** As it was sent. */
  readonly path: string;
  readonly body: JsonObject;
}

export type BedrockScript = BedrockAnswer | ((request: BedrockRequest) => BedrockAnswer);

export interface FakeBedrock extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly BedrockRequest[];
  /** What the real service would have refused. */
  readonly violations: readonly string[];
  /** The answers to come, in order; the last is repeated. */
  respond(...answers: readonly BedrockScript[]): void;
  /** Forgets requests and violations; the answers stay. */
  reset(): void;
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

/** Bedrock's Converse, ConverseStream and CountTokens on loopback: recomputes signatures, checks requests, writes event-stream frames. */
export async function createFakeBedrock(options: {
  readonly region: string;
  readonly signing?: SigningKey;
  readonly bearer?: string;
  /** The models and inference profiles there are; absent: any. */
  readonly models?: readonly string[];
  readonly now?: () => number;
}): Promise<FakeBedrock> {
  const requests: BedrockRequest[] = [];
  const violations: string[] = [];
  const signatures = new Map<string, string>();
  let answers: BedrockScript[] = [{ text: 'hello' }];

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
    const model = decodeURIComponent(match[1] ?? '');
    const faults = findHeadFaults(request, match[1] ?? '');
    faults.push(...(isCount ? findCountFaults(value, signatures) : findConverseFaults(value, signatures)));
    if (!isCount) {
      if (model.includes('claude')) faults.push(...findClaudeFaults(value, model));
      else if (value.additionalModelRequestFields !== undefined)
        faults.push('additionalModelRequestFields: this model knows none of them');
    }
    if (faults.length > 0) {
      violations.push(...faults);
      refuse(response, 400, 'ValidationException', faults.join('; '));
      return;
    }
    if (isCount) {
      if (!COUNTED_MODEL.test(model)) {
        refuse(response, 400, 'ValidationException', "The provided model doesn't support counting tokens.");
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ inputTokens: COUNTED_TOKENS }));
      return;
    }
    if (options.models !== undefined && !options.models.includes(model)) {
      const isBase = options.models.some((other) => other.endsWith(`.${model}`));
      const onDemand = `Invocation of model ID ${model} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`;
      refuse(response, 400, 'ValidationException', isBase ? onDemand : 'The provided model identifier is invalid.');
      return;
    }
    const script = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    const said = typeof script === 'function' ? script({ path: request.url ?? '', body: value }) : script;
    const complete = completeAnswer(said, requests.length);
    const answer =
      complete.thinking !== undefined && isThinkingHidden(value, model)
        ? { ...complete, thinking: { ...complete.thinking, text: '' } }
        : complete;
    if (answer.thinking !== undefined) signatures.set(answer.thinking.signature, answer.thinking.text);
    if (said.exception !== undefined && said.exception.isLate !== true) {
      refuse(response, said.exception.status, said.exception.name, 'as the script says');
      return;
    }
    if (match[2] === 'converse') writeWhole(response, answer);
    else writeStream(response, answer, said.exception?.name);
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
    reset() {
      requests.length = 0;
      violations.length = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the head of a call has to say. */
function findHeadFaults({ headers }: IncomingMessage, segment: string): string[] {
  const faults: string[] = [];
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) faults.push('content-type must be application/json');
  // One segment: the colon of a version and the slashes of an ARN are encoded.
  if (/[:@]/.test(segment)) faults.push(`the model id ${segment} is not percent-encoded`);
  if (headers['x-api-key'] !== undefined || headers['api-key'] !== undefined) faults.push('a key stands in two places');
  return faults;
}

/** An answer with everything the service puts into it. */
interface CompleteAnswer {
  readonly text: readonly string[];
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly calls: readonly { readonly toolUseId: string; readonly name: string; readonly input: JsonObject }[];
  readonly stopReason: string;
  readonly usage: JsonObject;
}

function completeAnswer({ text, thinking, calls = [], stop, usage }: BedrockAnswer, index: number): CompleteAnswer {
  const signed =
    typeof thinking === 'string' ? { text: thinking, signature: `bedrock+signature/${index}==` } : thinking;
  const counted = usageOf({
    ...(text === undefined ? {} : { text }),
    calls,
    ...(usage === undefined ? {} : { usage }),
  });
  const { input, output, cacheRead, cacheWrite } = counted;
  const natural = calls.length > 0 ? 'tool_use' : 'end_turn';
  return {
    text: textPieces(text),
    ...(signed === undefined ? {} : { thinking: signed }),
    calls: calls.map(({ id, name, input: given }, at) => ({
      toolUseId: id ?? `tooluse_fake-${index}_${at}`,
      name,
      input: given,
    })),
    stopReason: stop === 'length' ? 'max_tokens' : stop === 'refusal' ? 'content_filtered' : natural,
    usage: {
      // Without the cache, which `totalTokens` includes.
      inputTokens: input - cacheRead - cacheWrite,
      outputTokens: output,
      totalTokens: input + output,
      cacheReadInputTokens: cacheRead,
      cacheWriteInputTokens: cacheWrite,
    },
  };
}

function writeWhole(response: ServerResponse, { text, thinking, calls, stopReason, usage }: CompleteAnswer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': 'fake-request' });
  response.end(
    JSON.stringify({
      output: {
        message: {
          role: 'assistant',
          content: [
            ...(thinking === undefined ? [] : [{ reasoningContent: { reasoningText: thinking } }]),
            ...(text.length === 0 ? [] : [{ text: text.join('') }]),
            ...calls.map((call) => ({ toolUse: call })),
          ],
        },
      },
      stopReason,
      usage,
      metrics: { latencyMs: 1 },
    }),
  );
}

function writeStream(response: ServerResponse, answer: CompleteAnswer, exception: string | undefined): void {
  const { text, thinking, calls, stopReason, usage } = answer;
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
  if (text.length > 0) {
    for (const piece of text) delta({ text: piece });
    stop();
  }
  if (exception !== undefined) {
    const headers = { ':exception-type': exception, ':content-type': 'application/json', ':message-type': 'exception' };
    const frame = renderEventFrame(headers, { message: 'as the script says' });
    // Apart from what came before, so that a reader has passed that on already.
    setTimeout(() => response.end(frame), LATE_MS);
    return;
  }
  for (const { toolUseId, name, input } of calls) {
    send('contentBlockStart', { contentBlockIndex: index, start: { toolUse: { toolUseId, name } } });
    for (const piece of piecesOf(JSON.stringify(input))) delta({ toolUse: { input: piece } });
    stop();
  }
  send('messageStop', { stopReason });
  send('metadata', { usage, metrics: { latencyMs: 1 } });
  response.end();
}

/** By code points, since the service cuts no character in two. */
const piecesOf = (text: string): readonly string[] => text.match(/[\s\S]{1,7}/gu) ?? [''];
