import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import {
  type ClientKey,
  GatewayError,
  InvalidRequestError,
  type KeptResponse,
  type Operation,
  type Protocol,
  ProxyCastError,
  parseRequestId,
  type RenderedError,
  type RequestId,
  type ResponsesStore,
  type UpstreamProtocol,
} from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import { createAnswerRequest } from './answer-request.ts';
import type { ClientResponse } from './client-response.ts';
import type { OutputChoice } from './conversion/attempt-dialects.ts';
import { discardBody } from './discard-body.ts';
import { asProxyCastError, Exchange } from './exchange.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { createHeaderFilter, type HeaderFilter } from './header-filter.ts';
import { failUnfinished } from './keeping/background-answers.ts';
import { ItemIndex } from './keeping/item-index.ts';
import { createModelsMatcher, type ModelsMatch, renderModels } from './list-models.ts';
import { createEndpointMatcher } from './match-endpoint.ts';
import { respondError } from './respond-error.ts';
import { RunningExchanges } from './running-exchanges.ts';
import { createAuthenticate } from './stages/authenticate.ts';
import { type BufferBudget, releaserOf } from './stages/buffer-budget.ts';
import { readBody } from './stages/read-body.ts';
import { createUpstreamPools } from './upstream/upstream-pools.ts';

export interface Gateway {
  /** Answers a client's request, whatever its path. Never throws and never waits. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** How many requests are under way. */
  inFlight(): number;
  /** Why a socket may not be opened at this path with this key; `undefined` when it may. */
  refuseSocket(asked: Pick<SubmittedRequest, 'pathname' | 'headers' | 'query'>): RenderedError | undefined;
  /** Answers a request that did not come by HTTP: one message of a socket. Never throws and never waits. */
  submit(request: SubmittedRequest): void;
  /** Ends what an earlier run of this process left undone. */
  failUnfinished(records: readonly KeptResponse[]): void;
  /** The dialect a path belongs to, for errors made before a request reaches the gateway. */
  protocolOf(path: string): Protocol;
  /** Refuses new requests, gives running ones this long to finish, then ends them in their dialect. */
  stop(graceMs: number): Promise<void>;
  /** Closes the connections to upstreams. */
  close(): Promise<void>;
}

/** How often time limits of upstreams are looked at. */
const IDLE_CHECK_MS = 1_000;

/** How long a client has to read the error that ends its stream at a stop. */
const LAST_WORDS_MS = 2_000;

/** A client's request id is kept when it could be one. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,127}$/;

/** One message of a socket: the body of a POST to the socket's path. */
export interface SubmittedRequest {
  readonly pathname: string;
  readonly headers: IncomingHttpHeaders;
  /** With `?`, or empty. */
  readonly query: string;
  readonly body: Buffer;
  readonly response: ClientResponse;
  /** Where what was said on the same socket is found. */
  readonly turns: ResponsesStore;
  /** Nothing is to be said yet. */
  readonly isWarmUp?: boolean;
}

export function createGateway(parts: GatewayParts): Gateway {
  const { protocols, defaultProtocol } = parts;
  const endpoints = createEndpointMatcher(protocols);
  const matchModels = createModelsMatcher(protocols);
  const authenticate = createAuthenticate();
  const pools = createUpstreamPools({ connectTimeoutMs: () => parts.snapshot().settings.upstreamConnectTimeoutMs });
  const filters = new WeakMap<UpstreamProtocol, HeaderFilter>();
  const filterOf = (protocol: UpstreamProtocol): HeaderFilter => {
    let filter = filters.get(protocol);
    if (filter === undefined) {
      filter = createHeaderFilter(protocol.forwardedResponseHeaders);
      filters.set(protocol, filter);
    }
    return filter;
  };
  const protocolsById = new Map<string, Protocol>(protocols.map((protocol) => [protocol.id, protocol]));
  /** What answers can be written in. */
  const outputs = protocols.filter(({ codec }) => codec !== undefined);
  const running = new RunningExchanges<Exchange>();
  const budget: BufferBudget = { usedBytes: 0 };
  const itemIndex = new ItemIndex();
  let isStopping = false;
  let onIdle: (() => void) | undefined;
  const sweep = setInterval(() => {
    const nowMs = parts.monotonicMs();
    for (const exchange of running.all()) exchange.running?.checkIdle?.(nowMs);
  }, IDLE_CHECK_MS);
  sweep.unref();

  const requestIdOf = (headers: IncomingHttpHeaders): RequestId => {
    const sent = headers['x-request-id'];
    return typeof sent === 'string' && CLIENT_REQUEST_ID.test(sent) ? parseRequestId(sent) : parts.newRequestId();
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, query } = splitUrl(request.url ?? '/');
    const method = request.method ?? 'GET';
    const requestId = requestIdOf(request.headers);
    let protocol = defaultProtocol;
    try {
      const models = method === 'GET' ? matchModelsPath(pathname, request.headers) : undefined;
      const found = models === undefined ? endpoints.match(method, pathname) : undefined;
      protocol = models?.protocol ?? protocolIn(found) ?? guessProtocol(request.headers);
      const snapshot = parts.snapshot();
      const clientKey = authenticate({ headers: request.headers, query }, snapshot.clientKeys, parts.now());
      if (models !== undefined) {
        answerModels(response, models, clientKey, query, requestId);
        return;
      }
      if (found?.type === 'method-not-allowed') {
        response.setHeader('allow', found.allowed);
        throw new ProxyCastError({
          code: 'method_not_allowed',
          kind: 'method-not-allowed',
          fault: 'client',
          message: `${pathname} takes ${found.allowed}.`,
        });
      }
      if (found?.type !== 'matched') {
        throw unknownPath(method, pathname);
      }
      if (isStopping) throw stopping();
      const exchange = new Exchange({
        parts,
        snapshot,
        request,
        response,
        match: found.match,
        requestId,
        clientKey,
        query: withoutKey(query),
        outputChoice: outputChoiceOf(request.headers, found.match.endpoint.operation),
        findProtocol: (id) => protocolsById.get(id) ?? snapshot.upstreamProtocols.get(id),
        turns: parts.keeping?.store,
        itemIndex,
      });
      begin(exchange, request);
    } catch (cause) {
      refuse(request, response, protocol, cause, requestId);
    }
  };

  /** Ends a request that never became an exchange; its body is not read. */
  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    protocol: Protocol,
    cause: unknown,
    requestId: RequestId,
  ): void => {
    const error = asProxyCastError(cause);
    if (error.fault === 'gateway' && error.kind === 'internal') {
      parts.log.error({ requestId, code: error.code, err: cause }, 'request failed');
    }
    respondError(response, protocol, error, requestId);
    discardBody(request);
  };

  const matchModelsPath = (
    pathname: string,
    headers: IncomingHttpHeaders,
  ): (ModelsMatch & { readonly pinnedProvider?: string }) | undefined => {
    const own = matchModels(pathname, headers);
    if (own !== undefined || !pathname.startsWith('/api/provider/')) return own;
    const slash = pathname.indexOf('/', '/api/provider/'.length);
    if (slash < 0) return undefined;
    const inner = matchModels(pathname.slice(slash), headers);
    return inner === undefined
      ? undefined
      : { ...inner, pinnedProvider: pathname.slice('/api/provider/'.length, slash) };
  };

  const outputNamed = (name: string): OutputChoice | undefined => {
    if (name === 'native') return { type: 'native' };
    const protocol = outputs.find(({ id }) => id === name);
    return protocol === undefined ? undefined : { type: 'named', protocol };
  };

  /** Throws InvalidRequestError when the dialect that was asked for is none. */
  const outputChoiceOf = (headers: IncomingHttpHeaders, operation: Operation): OutputChoice | undefined => {
    const name = headers['x-proxycast-output'];
    if (typeof name !== 'string' || operation !== 'chat') return undefined;
    const choice = outputNamed(name);
    if (choice !== undefined) return choice;
    throw new InvalidRequestError({
      code: 'invalid_output',
      message: `x-proxycast-output is native or one of ${outputs.map(({ id }) => id).join(', ')}.`,
      field: 'x-proxycast-output',
    });
  };

  const guessProtocol = (headers: IncomingHttpHeaders): Protocol =>
    protocols.find(
      ({ models }) => models?.selectedByHeader !== undefined && headers[models.selectedByHeader] !== undefined,
    ) ?? defaultProtocol;

  const answerModels = (
    response: ServerResponse,
    match: ModelsMatch & { readonly pinnedProvider?: string },
    clientKey: ClientKey,
    query: string,
    requestId: RequestId,
  ): void => {
    const { models } = parts.snapshot();
    const { pinnedProvider } = match;
    const listed = pinnedProvider === undefined ? models : models.filter(({ ownedBy }) => ownedBy === pinnedProvider);
    const body = Buffer.from(JSON.stringify(renderModels(match, listed, clientKey, query)));
    response.writeHead(200, [
      'content-type',
      'application/json; charset=utf-8',
      'content-length',
      String(body.length),
      'x-request-id',
      requestId,
    ]);
    response.end(body);
  };

  /** Until its response is closed the exchange counts as running, and its client as there. */
  const watch = (exchange: Exchange): void => {
    const { response } = exchange;
    running.add(exchange);
    response.on('close', () => {
      running.delete(exchange);
      if (!response.writableFinished) exchange.clientLeft();
      if (running.size === 0) onIdle?.();
    });
  };

  const begin = (exchange: Exchange, request: IncomingMessage): void => {
    const { response, snapshot } = exchange;
    const { maxBodyBytes, maxBufferedBytes } = snapshot.settings;
    watch(exchange);
    const stopReading = readBody(request, { maxBodyBytes, maxBufferedBytes, budget }, (result) => {
      exchange.running = undefined;
      if (result.type === 'refused') {
        exchange.fail(result.error);
        return;
      }
      const releaseBody = releaserOf(budget, result.body.length);
      if (exchange.isClientGone || response.writableEnded) {
        releaseBody();
        return;
      }
      exchange.bodyReadMs = parts.monotonicMs();
      try {
        answerRequest(exchange, result.body, releaseBody);
      } catch (cause) {
        releaseBody();
        exchange.fail(cause);
      }
    });
    exchange.running ??= {
      abandon: stopReading,
      endEarly: (error) => {
        stopReading();
        exchange.fail(error);
      },
    };
  };

  const answerRequest = createAnswerRequest({ parts, pools, filterOf, budget, outputNamed, watch });

  const refuseSocket: Gateway['refuseSocket'] = ({ pathname, headers, query }) => {
    const found = endpoints.match('POST', pathname);
    const protocol = protocolIn(found) ?? guessProtocol(headers);
    try {
      authenticate({ headers, query }, parts.snapshot().clientKeys, parts.now());
      const isTalk =
        found.type === 'matched' && protocol.keeping !== undefined && found.match.endpoint.operation === 'chat';
      if (!isTalk || parts.keeping === undefined) throw unknownPath('A socket at', pathname);
      if (isStopping) throw stopping();
      return undefined;
    } catch (cause) {
      return protocol.renderError(asProxyCastError(cause), '');
    }
  };

  const submit = (submitted: SubmittedRequest): void => {
    const { pathname, headers, query, body, response, turns } = submitted;
    const requestId = parts.newRequestId();
    const found = endpoints.match('POST', pathname);
    try {
      const snapshot = parts.snapshot();
      // Again for each message: a key may have been revoked since the socket was opened.
      const clientKey = authenticate({ headers, query }, snapshot.clientKeys, parts.now());
      if (found.type !== 'matched') throw unknownPath('POST', pathname);
      if (isStopping) throw stopping();
      const exchange = new Exchange({
        parts,
        snapshot,
        request: { headers },
        response,
        match: found.match,
        requestId,
        clientKey,
        query: '',
        outputChoice: undefined,
        findProtocol: (id) => protocolsById.get(id) ?? snapshot.upstreamProtocols.get(id),
        turns,
        itemIndex,
        isSocket: true,
        isWarmUp: submitted.isWarmUp === true,
      });
      watch(exchange);
      budget.usedBytes += body.length;
      const releaseBody = releaserOf(budget, body.length);
      try {
        answerRequest(exchange, new ChunkedBytes([body]), releaseBody);
      } catch (cause) {
        releaseBody();
        exchange.fail(cause);
      }
    } catch (cause) {
      respondError(response, protocolIn(found) ?? defaultProtocol, asProxyCastError(cause), requestId);
    }
  };

  const idle = (): Promise<void> =>
    running.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          onIdle = resolve;
        });

  return {
    handle,
    refuseSocket,
    submit,
    failUnfinished(records) {
      const { keeping: store } = parts;
      const keeping = protocols.find((protocol) => protocol.keeping !== undefined)?.keeping;
      if (store === undefined || keeping === undefined) return;
      failUnfinished(records, keeping, (record) => store.store.save(record));
    },
    inFlight: () => running.size,
    protocolOf: (path) => {
      const { pathname } = splitUrl(path);
      const models = matchModels(pathname, {});
      return models?.protocol ?? protocolIn(endpoints.match('POST', pathname)) ?? defaultProtocol;
    },
    async stop(graceMs) {
      isStopping = true;
      const endStreams = setTimeout(() => {
        for (const exchange of running.all()) exchange.endEarly(stopping());
      }, graceMs);
      const disconnect = setTimeout(() => {
        for (const exchange of running.all()) exchange.response.destroy();
      }, graceMs + LAST_WORDS_MS);
      await idle();
      clearTimeout(endStreams);
      clearTimeout(disconnect);
    },
    close() {
      clearInterval(sweep);
      return pools.close();
    },
  };
}

function unknownPath(method: string, pathname: string): ProxyCastError {
  return new ProxyCastError({
    code: 'unknown_path',
    kind: 'not-found',
    fault: 'client',
    message: `${method} ${pathname.slice(0, 200)} is not an endpoint of ProxyCast.`,
  });
}

function stopping(): GatewayError {
  return new GatewayError({
    code: 'shutting_down',
    kind: 'overloaded',
    message: 'ProxyCast is shutting down. Send the request again.',
    retryAfterMs: 2_000,
  });
}

function protocolIn(
  result: ReturnType<ReturnType<typeof createEndpointMatcher>['match']> | undefined,
): Protocol | undefined {
  if (result?.type === 'matched') return result.match.protocol;
  return result?.type === 'method-not-allowed' ? result.protocol : undefined;
}

function splitUrl(url: string): { readonly pathname: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { pathname: url, query: '' } : { pathname: url.slice(0, mark), query: url.slice(mark) };
}

/** A client key in the query must not travel to an upstream. */
function withoutKey(query: string): string {
  // The name may be written with escapes, and is read all the same.
  if (!query.includes('key=') && !query.includes('%')) return query;
  const parameters = new URLSearchParams(query);
  if (!parameters.has('key')) return query;
  parameters.delete('key');
  const rest = parameters.toString();
  return rest === '' ? '' : `?${rest}`;
}
