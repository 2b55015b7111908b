import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Operation } from '@proxycast/spec';
import type { Gate } from '../gate.ts';
import { isObject, isString, parseJson } from '../json.ts';
import type { Recording } from '../recordings.ts';
import type { Answer, AnswerScript, Delivery, FakeError } from './answer.ts';
import { anthropicDialect } from './anthropic/anthropic-dialect.ts';
import { chatDialect } from './chat/chat-dialect.ts';
import { deliverAnswer, type Outgoing, passOrLeave } from './deliver-answer.ts';
import type { AnswerContext, FakeDialect, FakeEndpoint, WrittenError } from './dialect.ts';
import type { FakeService } from './fake-service.ts';
import { geminiDialect } from './gemini/gemini-dialect.ts';
import { type MultipartPart, parseMultipart } from './multipart.ts';
import type { FakeDialectId, RecordedRequest, RequestEnd, RequestHead } from './recorded-request.ts';
import { responsesDialect } from './responses/responses-dialect.ts';
import type { Finding, RuleContext, UpstreamMemory } from './rule.ts';
import { checkServiceForm } from './services/service-rules.ts';

/** One host that speaks all four with one key, each as its maker's own. */
const FOUR_DIALECTS: FakeService = { dialects: [anthropicDialect, chatDialect, responsesDialect, geminiDialect] };

export interface FakeUpstreamOptions {
  /** Keys it opens to; absent: any key at all. A request without a key is always refused. */
  readonly keys?: readonly string[];
  /** What the model lists name. */
  readonly models?: readonly string[];
  /** `strict` (default) refuses what the real service refuses; `none` answers everything. */
  readonly checks?: 'strict' | 'none';
  /** Texts that must never reach an upstream, such as the client's own key; each sighting is a violation. */
  readonly forbidden?: readonly string[];
  /** Refuses signatures and encrypted reasoning it did not issue. Absent: takes any. */
  readonly checksSignatures?: boolean;
  /** Words of the first answer. */
  readonly text?: string;
  /** Whose host it is; absent: one of all four dialects. */
  readonly service?: FakeService;
}

export interface Violation extends Finding {
  readonly request: RecordedRequest;
}

export interface FakeUpstream {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly baseUrl: string;
  /** In order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** What the real service would have refused, in order. */
  readonly violations: readonly Violation[];
  /** Sockets that are open now. */
  readonly openConnections: number;
  /** Exchanges that have begun and not ended. */
  readonly runningRequests: number;
  /** What chat (or another operation) answers from now on. */
  respond(script: AnswerScript, operation?: Operation): void;
  /** Answers to the next requests of chat (or another operation), one each, before `respond`. */
  enqueue(scripts: readonly AnswerScript[], operation?: Operation): void;
  /** From now on request bodies are read only as fast as the gate lets: one read per permit. `undefined`: at once. */
  readBodiesThrough(gate: Gate | undefined): void;
  /** The `count`th request (from 1), as soon as its body has arrived. */
  waitForRequest(count: number): Promise<RecordedRequest>;
  /** Settles when no exchange is running. */
  idle(): Promise<void>;
  /** Settles when no socket is open. */
  disconnected(): Promise<void>;
  /** Forgets requests, violations and scripts; connections stay. */
  reset(): void;
  /** Closes everything, running exchanges included. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One exchange while it runs; `RecordedRequest` is what a test sees of it. */
interface Exchange extends RequestHead {
  body: Buffer;
  json: unknown;
  parts: readonly MultipartPart[];
  model?: string;
  isStream: boolean;
  bodyArrivedAtMs?: number;
  firstByteSentAtMs?: number;
  endedAtMs?: number;
  answerBytes: number;
  end?: RequestEnd;
  readonly ended: Promise<RequestEnd>;
}

interface Route {
  readonly dialect: FakeDialect;
  readonly endpoint: FakeEndpoint;
  readonly parameter?: string;
}

/**
 * A server on loopback that answers as the four services do and refuses what they refuse.
 * Paths below `/<any prefix>/v1…` are no service's; give a provider its `baseUrl` as host.
 */
export async function createFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const models = options.models ?? ['fake-model'];
  const service = options.service ?? FOUR_DIALECTS;
  const memory: UpstreamMemory = {
    signatures: new Map(),
    checksSignatures: options.checksSignatures ?? false,
    responses: new Map(),
  };
  const usualText = options.text ?? 'Hello from the fake upstream.';
  const requests: Exchange[] = [];
  const violations: Violation[] = [];
  const sockets = new Set<Socket>();
  const standing = new Map<Operation, AnswerScript>();
  const queued = new Map<Operation, AnswerScript[]>();
  const watchers = new Set<() => void>();
  let arrived = 0;
  let running = 0;
  let bodyGate: Gate | undefined;

  const server = createServer((request, response) => {
    // A test must see a mistake of the fake itself as a failure, not as an upstream that hangs.
    handle(request, response).catch((cause: unknown) => {
      violations.push({
        rule: 'fake.fault',
        source: 'the fake itself',
        message: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
        request: requests.at(-1) ?? neverEnding(headOf(request, -1, undefined)),
      });
      response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  // Slow bodies are a knob here, not a fault.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      notify();
    });
  });

  function notify(): void {
    for (const watcher of [...watchers]) watcher();
  }

  function until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
    });
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = findRoute(incoming, service);
    const head = headOf(incoming, arrived++, route);
    const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<RequestEnd>();
    const exchange: Exchange = {
      ...head,
      body: Buffer.alloc(0),
      json: undefined,
      parts: [],
      isStream: false,
      answerBytes: 0,
      ended,
    };
    requests.push(exchange);
    running += 1;

    const left = new AbortController();
    let isCutByScript = false;
    response.once('close', () => {
      exchange.endedAtMs = performance.now();
      const end: RequestEnd = response.writableFinished
        ? { type: 'answered' }
        : { type: isCutByScript ? 'cut-by-script' : 'aborted-by-peer' };
      exchange.end = end;
      running -= 1;
      left.abort();
      resolveEnd(end);
      notify();
    });
    const cut = () => {
      isCutByScript = true;
      incoming.socket.destroy();
    };

    const isWhole = await readBody(incoming, exchange, bodyGate, left.signal);
    if (!isWhole) {
      notify();
      return;
    }
    exchange.bodyArrivedAtMs = performance.now();
    const context: RuleContext = { head, memory };
    const findings = readAndCheck(exchange, route, context);
    for (const finding of findings) violations.push({ ...finding, request: exchange });
    notify();

    const dialect = route?.dialect ?? dialectForUnknown(head, service);
    const answering: AnswerContext = { request: exchange, nowMs: Date.now(), models, rules: context };
    const refusal = refusalOf(exchange, route, findings);
    const script = refusal === undefined && head.operation !== undefined ? takeScript(head.operation) : undefined;
    const answer = typeof script === 'function' ? script(exchange) : script;
    if (answer?.type === 'silence') return;
    if (answer?.type === 'hang-up') {
      cut();
      return;
    }
    const delivery = answer?.delivery ?? {};
    const outgoing =
      refusal === undefined
        ? writeAnswer(answer ?? { type: 'usual' }, dialect, answering, delivery)
        : whole(dialect.writeError(refusal, head));
    const outcome = await deliverAnswer(response, outgoing, delivery, head.headers['accept-encoding'] ?? '', {
      left: left.signal,
      onFirstByte: () => {
        exchange.firstByteSentAtMs = performance.now();
      },
      onBytes: (count) => {
        exchange.answerBytes += count;
      },
      onCut: () => {
        isCutByScript = true;
      },
    });
    if (outcome !== 'complete') response.destroy();
  }

  /** Reads what came and says what the service would refuse in it. */
  function readAndCheck(exchange: Exchange, route: Route | undefined, context: RuleContext): readonly Finding[] {
    const findings: Finding[] = findForbidden(exchange, options.forbidden ?? []);
    const contentType = exchange.headers['content-type'] ?? '';
    const isForm = /^multipart\/form-data\b/i.test(contentType);
    if (isForm) {
      const parsed = parseMultipart(exchange.body, contentType);
      if (parsed.type === 'parts') exchange.parts = parsed.parts;
      else findings.push({ rule: 'http.form', source: 'protocols.md 1', message: parsed.message });
    } else if (exchange.body.length > 0) {
      exchange.json = parseJson(exchange.body.toString('utf8'));
    }
    const model = modelOf(exchange);
    if (model !== undefined) exchange.model = model;
    if (route === undefined) {
      findings.push({
        rule: 'http.path',
        source: 'protocols.md 1',
        message: `Unknown request URL: ${exchange.method} ${exchange.path}.`,
      });
      return findings;
    }
    const { dialect, endpoint } = route;
    exchange.isStream = dialect.isStream(exchange, exchange.json);
    if (exchange.key === undefined && service.isKeyOptional !== true) {
      findings.push({ rule: 'http.no-key', source: 'protocols.md 1', message: 'No API key was sent.' });
    }
    findings.push(...dialect.checkHead(exchange));
    if (endpoint.body === 'none') {
      if (exchange.body.length > 0 && endpoint.method !== 'POST') {
        findings.push({ rule: 'http.body', source: 'protocols.md 1', message: 'This request takes no body.' });
      }
      return findings;
    }
    if (endpoint.body === 'form') {
      if (isForm) findings.push(...checkServiceForm(exchange.parts, endpoint.operation));
      else
        findings.push({
          rule: 'http.content-type',
          source: 'protocols.md 1',
          message: 'Expected multipart/form-data.',
        });
      return findings;
    }
    if (!/^application\/json\b/i.test(contentType)) {
      findings.push({
        rule: 'http.content-type',
        source: 'protocols.md 1',
        message: `Expected content-type application/json, got '${contentType}'.`,
      });
    }
    if (exchange.json === undefined) {
      findings.push({ rule: 'http.json', source: 'protocols.md 1', message: 'The request body is not valid JSON.' });
      return findings;
    }
    findings.push(...dialect.checkBody(exchange.json, endpoint.operation, context));
    return findings;
  }

  function refusalOf(
    exchange: Exchange,
    route: Route | undefined,
    findings: readonly Finding[],
  ): FakeError | undefined {
    if (route === undefined) {
      return { status: 404, message: `Unknown request URL: ${exchange.method} ${exchange.path}.` };
    }
    if (!opens(exchange)) return { status: 401 };
    const refused = service.refuse?.(exchange);
    if (refused !== undefined) return refused;
    const [first] = findings.filter((finding) => finding.rule !== FORBIDDEN_RULE);
    return options.checks === 'none' || first === undefined ? undefined : { status: 400, message: first.message };
  }

  function opens({ key, path }: Exchange): boolean {
    if (key === undefined) return service.isKeyOptional === true;
    if (service.opens !== undefined) return service.opens(key, path);
    return options.keys === undefined || options.keys.includes(key);
  }

  function takeScript(operation: Operation): AnswerScript | undefined {
    return queued.get(operation)?.shift() ?? standing.get(operation);
  }

  function writeAnswer(
    answer: Exclude<Answer, { type: 'silence' | 'hang-up' }>,
    dialect: FakeDialect,
    context: AnswerContext,
    delivery: Delivery,
  ): Outgoing {
    const { request } = context;
    const failing = () => dialect.writeStreamError(delivery.failure ?? { status: 500 }, request);
    switch (answer.type) {
      case 'message': {
        const { headers, frames } = dialect.writeMessage(answer.message, context);
        return { status: 200, headers, frames, isStream: request.isStream, errorFrame: failing() };
      }
      case 'refusal':
        return whole(dialect.writeError(answer.error, request));
      case 'error-inside': {
        const { headers } = dialect.writeMessage({ text: '' }, context);
        const isSse = (headers['content-type'] ?? '').startsWith('text/event-stream');
        const body = isSse
          ? dialect.writeStreamError(answer.error, request)
          : dialect.writeError(answer.error, request).body;
        return { status: 200, headers, frames: [body], isStream: request.isStream };
      }
      case 'recording':
        return writeRecording(answer.recording, request, failing());
      case 'bytes': {
        const frames = [typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body)];
        const isStream = (answer.headers['content-type'] ?? '').startsWith('text/event-stream');
        return { status: answer.status, headers: answer.headers, frames, isStream };
      }
      case 'usual': {
        const written =
          request.operation === 'chat'
            ? dialect.writeMessage({ text: usualText }, context)
            : dialect.writeUsual(context);
        if (written === undefined) return whole(dialect.writeError({ status: 404 }, request));
        if ('status' in written) return whole(written);
        return { status: 200, ...written, isStream: request.isStream };
      }
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || isString(address)) throw new TypeError('The fake upstream has no port.');

  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    requests,
    violations,
    get openConnections() {
      return sockets.size;
    },
    get runningRequests() {
      return running;
    },
    respond(script, operation = 'chat') {
      standing.set(operation, script);
    },
    enqueue(scripts, operation = 'chat') {
      queued.set(operation, [...(queued.get(operation) ?? []), ...scripts]);
    },
    readBodiesThrough(gate) {
      bodyGate = gate;
    },
    async waitForRequest(count) {
      await until(() => requests[count - 1]?.bodyArrivedAtMs !== undefined);
      const found = requests[count - 1];
      if (found === undefined) throw new RangeError(`There is no request ${count}.`);
      return found;
    },
    idle: () => until(() => running === 0),
    disconnected: () => until(() => sockets.size === 0),
    reset() {
      requests.length = 0;
      violations.length = 0;
      standing.clear();
      queued.clear();
      bodyGate = undefined;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const FORBIDDEN_RULE = 'http.forbidden-text';

function headOf(incoming: IncomingMessage, index: number, route: Route | undefined): RequestHead {
  const url = new URL(incoming.url ?? '/', 'http://upstream.invalid');
  const base = {
    index,
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    rawHeaders: [...incoming.rawHeaders],
    arrivedAtMs: performance.now(),
  };
  const key = route?.dialect.readKey(base);
  return {
    ...base,
    ...(route === undefined ? {} : { dialect: route.dialect.id, operation: route.endpoint.operation }),
    ...(route?.parameter === undefined ? {} : { pathParameter: route.parameter }),
    ...(key === undefined || key === '' ? {} : { key }),
  };
}

function findRoute(incoming: IncomingMessage, { dialects }: FakeService): Route | undefined {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://upstream.invalid');
  const routes = dialects.flatMap((dialect) =>
    dialect.endpoints.flatMap((endpoint): readonly Route[] => {
      const match = endpoint.method === incoming.method ? endpoint.path.exec(pathname) : null;
      if (match === null) return [];
      const parameter = match.groups?.parameter;
      return [{ dialect, endpoint, ...(parameter === undefined ? {} : { parameter }) }];
    }),
  );
  if (routes.length <= 1) return routes[0];
  const spoken = dialectOfHead(incoming.headers, searchParams);
  return routes.find((route) => route.dialect.id === spoken);
}

/** Whom a path belongs to that several services have, such as `/v1/models`: told by how the key is sent. */
function dialectOfHead(headers: RequestHead['headers'], query: URLSearchParams): FakeDialectId {
  if (headers['anthropic-version'] !== undefined || headers['x-api-key'] !== undefined) return 'anthropic';
  return headers['x-goog-api-key'] !== undefined || query.has('key') ? 'gemini' : 'openai';
}

/** Whose words a request to no service is answered in. */
function dialectForUnknown(head: RequestHead, { dialects }: FakeService): FakeDialect {
  const guess = head.path.startsWith('/v1beta') ? 'gemini' : dialectOfHead(head.headers, head.query);
  return dialects.find((dialect) => dialect.id === guess) ?? dialects[0] ?? chatDialect;
}

/** Collects the body; `false` when the peer left before its end. */
async function readBody(
  incoming: IncomingMessage,
  exchange: Exchange,
  gate: Gate | undefined,
  left: AbortSignal,
): Promise<boolean> {
  const chunks: Buffer[] = [];
  if (gate === undefined) {
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise<void>((resolve) => {
      incoming.once('end', resolve);
      incoming.once('close', resolve);
    });
  } else {
    const reader = incoming[Symbol.asyncIterator]();
    for (;;) {
      await passOrLeave(gate.wait(), left);
      if (left.aborted) break;
      try {
        const { done, value } = await reader.next();
        if (done === true) break;
        if (Buffer.isBuffer(value)) chunks.push(value);
      } catch {
        // The peer left in the middle of its body.
        break;
      }
    }
  }
  exchange.body = Buffer.concat(chunks);
  return incoming.complete;
}

function modelOf(exchange: Exchange): string | undefined {
  if (isObject(exchange.json) && isString(exchange.json.model)) return exchange.json.model;
  const field = exchange.parts.find((part) => part.name === 'model');
  if (field !== undefined) return field.bytes.toString('utf8');
  // Elsewhere the parameter is the id of an answer or of a listed model.
  const isModelInPath = exchange.operation === 'chat' || exchange.dialect === 'gemini';
  return isModelInPath && exchange.pathParameter !== undefined ? decodeURIComponent(exchange.pathParameter) : undefined;
}

function findForbidden(exchange: Exchange, forbidden: readonly string[]): Finding[] {
  const places: readonly (readonly [string, string])[] = [
    ['the URL', `${exchange.path}?${exchange.query}`],
    ['the headers', exchange.rawHeaders.join('\n')],
    ['the body', exchange.body.toString('latin1')],
  ];
  return forbidden.flatMap((text) =>
    places
      .filter(([, content]) => content.includes(text))
      .map(([place]) => ({
        rule: FORBIDDEN_RULE,
        source: 'the test',
        message: `A forbidden text that ends in '${text.slice(-4)}' is in ${place}.`,
      })),
  );
}

function whole(error: WrittenError): Outgoing {
  return { status: error.status, headers: error.headers, frames: [error.body], isStream: false };
}

const RECORDING_TYPES: Readonly<Record<'stream' | 'body', string>> = {
  stream: 'text/event-stream; charset=utf-8',
  body: 'application/json',
};

function writeRecording(recording: Recording, request: RecordedRequest, errorFrame: string): Outgoing {
  const bytes = recording.bytes();
  const isStream = recording.kind === 'stream';
  const headers: Record<string, string> = { 'content-type': RECORDING_TYPES[recording.kind] };
  if (request.dialect === 'anthropic') headers['request-id'] = `req_recorded_${request.index}`;
  else headers['x-request-id'] = `req_recorded_${request.index}`;
  return { status: recording.status, headers, frames: isStream ? splitEvents(bytes) : [bytes], isStream, errorFrame };
}

/** Cuts a recorded stream after each blank line, byte for byte. */
export function splitEvents(bytes: Buffer): readonly Buffer[] {
  const events: Buffer[] = [];
  let start = 0;
  for (let position = 0; position < bytes.length; position++) {
    if (bytes[position] !== 0x0a) continue;
    const isBlank = bytes[position - 1] === 0x0a || (bytes[position - 1] === 0x0d && bytes[position - 2] === 0x0a);
    if (!isBlank) continue;
    events.push(bytes.subarray(start, position + 1));
    start = position + 1;
  }
  if (start < bytes.length) events.push(bytes.subarray(start));
  return events;
}

function neverEnding(head: RequestHead): RecordedRequest {
  return {
    ...head,
    body: Buffer.alloc(0),
    json: undefined,
    parts: [],
    isStream: false,
    answerBytes: 0,
    ended: new Promise(() => {}),
  };
}
