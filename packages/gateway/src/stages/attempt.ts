import type { IncomingHttpHeaders } from 'node:http';
import type { PlannedProvider } from '@proxycast/routing';
import {
  type AttemptOutcome,
  type Credential,
  type CredentialId,
  type ErrorKind,
  GatewayError,
  type HttpTransport,
  type LocalTransport,
  type ProxyCastError,
} from '@proxycast/spec';
import { asProxyCastError, type Exchange, type Running } from '../exchange.ts';
import type { HeaderFilter } from '../header-filter.ts';
import type { HookedRequest } from '../hooks.ts';
import { replaceModel } from '../replace-model.ts';
import { bodyToSend } from '../upstream/body-to-send.ts';
import type { Refusal } from '../upstream/classify-failure.ts';
import { answerLocally } from '../upstream/local-attempt.ts';
import { type AttemptOwner, UpstreamAttempt } from '../upstream/upstream-attempt.ts';
import type { UpstreamPools } from '../upstream/upstream-pools.ts';
import { afterPlugins } from './after-plugins.ts';
import { observe } from './observe.ts';
import type { ClientRequest } from './read-request.ts';

export interface AttemptRunInput {
  readonly exchange: Exchange;
  readonly request: ClientRequest;
  readonly providers: readonly PlannedProvider[];
  readonly pools: UpstreamPools;
  readonly filterHeaders: HeaderFilter;
  /** The request's bytes are no longer needed. */
  readonly releaseBody: () => void;
}

/** Of several refusals the client gets the one it can do most about: waiting beats a dead host beats our bad key. */
const PREFERENCE: readonly ErrorKind[] = [
  'rate-limited',
  'quota-exhausted',
  'overloaded',
  'timeout',
  'not-found',
  'permission',
];

const NO_CREDENTIALS: ReadonlySet<CredentialId> = new Set();

/** Runs the plan: one attempt after the other until one answers, the plan is at its end, or the client is gone. */
export class AttemptRun implements AttemptOwner, Running {
  readonly exchange: Exchange;
  readonly hasAnswerHooks: boolean;
  attemptNumber = 0;

  readonly #input: AttemptRunInput;
  #providerIndex = 0;
  #tried: Set<CredentialId> | undefined;
  #hasRepeated = false;
  #upstreamWaitMs = 0;
  #refusal: Refusal | undefined;
  #refusedBy: PlannedProvider | undefined;
  #refusalHeaders: readonly string[] = [];
  #overheadMs: number | undefined;

  constructor(input: AttemptRunInput) {
    this.#input = input;
    this.exchange = input.exchange;
    this.hasAnswerHooks = input.exchange.snapshot.answerHooks.length > 0;
  }

  start(): void {
    this.#next();
  }

  abandon(): void {
    this.#input.releaseBody();
  }

  endEarly(error: ProxyCastError): void {
    this.exchange.fail(error);
    this.#input.releaseBody();
  }

  headFor(attempt: UpstreamAttempt, contentType: string | undefined, headers: IncomingHttpHeaders): string[] {
    const nowMs = this.exchange.parts.monotonicMs();
    const head = this.#head(attempt.planned, contentType, (attempt.firstByteMs ?? nowMs) - attempt.startedMs, nowMs);
    const forwarded = this.#input.filterHeaders(headers);
    for (const item of forwarded) head.push(item);
    return head;
  }

  committed(): void {
    this.#input.releaseBody();
  }

  refused(attempt: UpstreamAttempt, refusal: Refusal): void {
    const { exchange } = this;
    this.#upstreamWaitMs += exchange.parts.monotonicMs() - attempt.startedMs;
    const { error } = refusal;
    exchange.parts.credentials.report(attempt.credential.id, {
      type: 'failed',
      // Our rejected key reaches the client as the upstream's failure; for the key itself it is what it is.
      kind: error.code === 'upstream_authentication' ? 'authentication' : error.kind,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    });
    if (this.#refusal === undefined || isPreferred(refusal, this.#refusal)) {
      this.#refusal = refusal;
      this.#refusedBy = attempt.planned;
      this.#refusalHeaders = attempt.filteredHeaders(this.#input.filterHeaders);
    }
    const goesOn = this.#advance(refusal, attempt.credential);
    this.#observe(attempt, { isLast: !goesOn, outcome: attempt.status === undefined ? 'failed' : 'refused', error });
    if (goesOn) this.#next();
    else this.#giveUp();
  }

  ended(attempt: UpstreamAttempt, outcome: 'answered' | 'cut' | 'client-left', error?: ProxyCastError): void {
    const { exchange } = this;
    this.#input.releaseBody();
    exchange.running = undefined;
    if (outcome === 'answered') exchange.parts.credentials.report(attempt.credential.id, { type: 'succeeded' });
    this.#observe(attempt, { isLast: true, outcome, error });
  }

  finishHooked(attempt: UpstreamAttempt, body: Buffer): void {
    const { exchange } = this;
    afterPlugins(exchange.snapshot.answerHooks, {
      request: this.#hookedRequest(),
      status: attempt.status ?? 200,
      body,
    }).then(
      (changed) => attempt.sendWhole(changed),
      (cause: unknown) => attempt.endEarly(asProxyCastError(cause)),
    );
  }

  #hookedRequest(): HookedRequest {
    const { exchange } = this;
    return {
      requestId: exchange.requestId,
      clientKeyId: exchange.clientKey.id,
      protocol: exchange.protocol.id,
      operation: exchange.match.endpoint.operation,
      model: this.#input.request.model,
      body: this.#input.request.body.joined(),
    };
  }

  /** Moves on to what comes after a refusal. Answers whether there is anything left to try. */
  #advance(refusal: Refusal, credential: Credential): boolean {
    const { exchange, attemptNumber } = this;
    if (exchange.isClientGone || refusal.next === 'stop') return false;
    if (attemptNumber >= exchange.snapshot.settings.maxAttempts) return false;
    switch (refusal.next) {
      case 'same':
        if (!this.#hasRepeated) {
          this.#hasRepeated = true;
          return true;
        }
        this.#nextProvider();
        break;
      case 'another_credential':
        this.#tried ??= new Set();
        this.#tried.add(credential.id);
        break;
      case 'another_provider':
        this.#nextProvider();
        break;
    }
    return this.#skipToUsable();
  }

  #nextProvider(): void {
    this.#providerIndex++;
    this.#tried = undefined;
  }

  /** Passes over providers whose credentials were all tried. */
  #skipToUsable(): boolean {
    for (;;) {
      const planned = this.#input.providers[this.#providerIndex];
      if (planned === undefined) return false;
      const { transport } = planned.provider;
      if (transport.type === 'local') return true;
      if (transport.credentials.some(({ id }) => this.#tried?.has(id) !== true)) return true;
      this.#nextProvider();
    }
  }

  #next(): void {
    const { exchange } = this;
    try {
      if (!this.#skipToUsable()) {
        this.#giveUp();
        return;
      }
      const planned = this.#input.providers[this.#providerIndex];
      if (planned === undefined) return;
      const { transport } = planned.provider;
      this.attemptNumber++;
      if (transport.type === 'local') this.#answerLocally(planned, transport);
      else this.#send(planned, transport);
    } catch (cause) {
      this.#input.releaseBody();
      exchange.running = undefined;
      exchange.fail(cause);
    }
  }

  #send(planned: PlannedProvider, transport: HttpTransport): void {
    const { exchange } = this;
    const { request, pools } = this.#input;
    const credential = exchange.parts.credentials.choose(
      planned.provider.id,
      transport.credentials,
      this.#tried ?? NO_CREDENTIALS,
    );
    if (credential === undefined) {
      throw new GatewayError({
        code: 'no_credential',
        kind: 'unavailable',
        message: `The provider ${planned.provider.id} has no key that could be used.`,
      });
    }
    const { endpoint, parameter } = exchange.match;
    const call = transport.prepare({
      operation: endpoint.operation,
      protocol: planned.protocol,
      model: planned.model,
      isStream: request.isStream,
      ...(endpoint.model === 'none' && parameter !== undefined ? { resourceId: parameter } : {}),
      query: exchange.query,
      credential,
    });
    const body = planned.model === request.model ? request.body : replaceModel(request, planned.model);
    const attempt = new UpstreamAttempt(this, {
      planned,
      credential,
      isStream: request.isStream,
      requestBytes: body.length,
    });
    exchange.running = attempt;
    pools.get(call.origin).dispatch(
      {
        path: call.path,
        method: endpoint.method,
        headers: this.#headersFor(call.headers, body.length),
        body: bodyToSend(body),
        // The attempt looks after its own time limits.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      attempt,
    );
  }

  #headersFor(fromProvider: readonly string[], bodyBytes: number): string[] {
    const { exchange } = this;
    const incoming = exchange.request.headers;
    const headers = ['user-agent', exchange.parts.userAgent, 'accept-encoding', 'identity'];
    const contentType = incoming['content-type'];
    if (exchange.match.endpoint.method === 'POST') {
      headers.push('content-type', contentType ?? 'application/json', 'content-length', String(bodyBytes));
    }
    const accept = incoming.accept;
    if (accept !== undefined) headers.push('accept', accept);
    const { forwardedRequestHeaders } = exchange.protocol;
    for (const name of forwardedRequestHeaders) {
      const value = incoming[name];
      if (value !== undefined) headers.push(name, typeof value === 'string' ? value : value.join(', '));
    }
    for (let at = 0; at + 1 < fromProvider.length; at += 2) {
      const name = fromProvider[at] ?? '';
      // What the client says in its own dialect (a version, a beta) goes before the provider's default.
      if (incoming[name] !== undefined && forwardedRequestHeaders.includes(name)) continue;
      headers.push(name, fromProvider[at + 1] ?? '');
    }
    return headers;
  }

  #answerLocally(planned: PlannedProvider, transport: LocalTransport): void {
    const { exchange } = this;
    const { request, releaseBody } = this.#input;
    const startedMs = exchange.parts.monotonicMs();
    const answer = answerLocally(exchange, planned, transport, request);
    const head = this.#head(planned, answer.contentType, 0, exchange.parts.monotonicMs());
    head.push('content-length', String(answer.body.length));
    exchange.response.writeHead(200, head);
    exchange.response.end(answer.body);
    releaseBody();
    exchange.running = undefined;
    observe(exchange, {
      attempt: this.attemptNumber,
      isLast: true,
      planned,
      credential: undefined,
      model: request.model,
      isStream: request.isStream,
      startedMs,
      firstByteMs: startedMs,
      outcome: 'answered',
      upstreamStatus: undefined,
      error: undefined,
      usage: answer.usage,
      overheadMs: this.#overheadMs,
      requestBytes: request.body.length,
      answerBytes: answer.body.length,
    });
  }

  #head(planned: PlannedProvider, contentType: string | undefined, upstreamMs: number, nowMs: number): string[] {
    const { exchange } = this;
    this.#overheadMs = Math.max(0, nowMs - exchange.bodyReadMs - this.#upstreamWaitMs - upstreamMs);
    const head = [
      'x-request-id',
      exchange.requestId,
      'x-proxycast-provider',
      planned.provider.id,
      'x-proxycast-attempts',
      String(this.attemptNumber),
      'x-proxycast-overhead-ms',
      this.#overheadMs.toFixed(2),
    ];
    if (contentType !== undefined) head.push('content-type', contentType);
    if (planned.model !== '') head.push('x-proxycast-model', headerText(planned.model));
    return head;
  }

  /** The last word when no attempt answered. */
  #giveUp(): void {
    const { exchange } = this;
    this.#input.releaseBody();
    exchange.running = undefined;
    if (exchange.isClientGone) return;
    const refusal = this.#refusal;
    const planned = this.#refusedBy;
    if (refusal === undefined || planned === undefined) {
      exchange.fail(
        new GatewayError({
          code: 'no_credential',
          kind: 'unavailable',
          message: 'No provider of this model has a key that could be used.',
        }),
      );
      return;
    }
    const head = this.#head(planned, undefined, 0, exchange.parts.monotonicMs()).slice(2);
    for (const item of this.#refusalHeaders) head.push(item);
    const { answer } = refusal;
    if (answer === undefined) {
      exchange.fail(refusal.error, head);
      return;
    }
    head.push('x-request-id', exchange.requestId);
    head.push('content-type', answer.contentType, 'content-length', String(answer.body.length));
    exchange.response.writeHead(answer.status, head);
    exchange.response.end(answer.body);
  }

  #observe(
    attempt: UpstreamAttempt,
    end: { readonly isLast: boolean; readonly outcome: AttemptOutcome; readonly error: ProxyCastError | undefined },
  ): void {
    const { request } = this.#input;
    const isAnswer = end.outcome !== 'refused' && end.outcome !== 'failed';
    observe(this.exchange, {
      attempt: this.attemptNumber,
      isLast: end.isLast,
      planned: attempt.planned,
      credential: attempt.credential,
      model: request.model,
      isStream: request.isStream || attempt.framing !== 'whole',
      startedMs: attempt.startedMs,
      firstByteMs: attempt.firstByteMs,
      outcome: end.outcome,
      upstreamStatus: attempt.status,
      error: end.error,
      usage: isAnswer ? attempt.readUsage() : undefined,
      overheadMs: isAnswer ? this.#overheadMs : undefined,
      requestBytes: attempt.requestBytes,
      answerBytes: attempt.answerBytes,
    });
  }
}

function isPreferred(candidate: Refusal, current: Refusal): boolean {
  const rank = ({ error }: Refusal): number => {
    const at = PREFERENCE.indexOf(error.kind);
    return at < 0 ? PREFERENCE.length : at;
  };
  return candidate.next === 'stop' || rank(candidate) <= rank(current);
}

/** Header values are Latin-1 on the wire; a model name need not be. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
