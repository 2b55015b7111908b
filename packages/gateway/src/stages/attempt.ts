import type { IncomingHttpHeaders } from 'node:http';
import type { CredentialReport } from '@proxycast/credentials';
import type { PlannedProvider } from '@proxycast/routing';
import {
  type AttemptOutcome,
  type Credential,
  type CredentialId,
  type FailureVerdict,
  GatewayError,
  type HttpTransport,
  type LocalTransport,
  type PluginCall,
  type PluginTransport,
  type Provider,
  type ProxyCastError,
  type UpstreamCall,
  type UpstreamProtocol,
} from '@proxycast/spec';
import { type AttemptDialects, dialectsOf } from '../conversion/attempt-dialects.ts';
import type { ConvertedRequest } from '../conversion/convert-request.ts';
import { RequestConverter } from '../conversion/request-converter.ts';
import { asProxyCastError, type Exchange, type Running } from '../exchange.ts';
import type { HeaderFilter } from '../header-filter.ts';
import type { HookedRequest } from '../hooks.ts';
import { AttemptKeeping } from '../keeping/attempt-keeping.ts';
import { answerHead } from '../upstream/answer-head.ts';
import { askPlugin } from '../upstream/ask-plugin.ts';
import type { Refusal } from '../upstream/classify-failure.ts';
import { cannotCount, isCountless } from '../upstream/countless-upstreams.ts';
import { credentialReport } from '../upstream/credential-report.ts';
import { askWhy, explainRefusal } from '../upstream/explain-refusal.ts';
import { answerLocally, type LocalAnswer } from '../upstream/local-attempt.ts';
import { callInputOf, type Outgoing } from '../upstream/outgoing.ts';
import { dialectsOfReading } from '../upstream/plugin-dialects.ts';
import { isPreferred } from '../upstream/prefer-refusal.ts';
import { sendOutgoing } from '../upstream/send-outgoing.ts';
import type { AttemptOwner, UpstreamAttempt } from '../upstream/upstream-attempt.ts';
import type { UpstreamPools } from '../upstream/upstream-pools.ts';
import { afterPlugins } from './after-plugins.ts';
import type { BufferBudget } from './buffer-budget.ts';
import { ESTIMATED_HEADERS, estimateTokens } from './estimate-tokens.ts';
import { observe } from './observe.ts';
import type { ClientRequest } from './read-request.ts';

export interface AttemptRunInput {
  readonly exchange: Exchange;
  readonly request: ClientRequest;
  readonly providers: readonly PlannedProvider[];
  readonly pools: UpstreamPools;
  readonly filterOf: (protocol: UpstreamProtocol) => HeaderFilter;
  /** The request's bytes are no longer needed. */
  readonly releaseBody: () => void;
  /** What files that are fetched for the request count against. */
  readonly budget: BufferBudget;
  /** Services that were believed to keep answers, and said of one that they did not. */
  readonly forgetful: WeakSet<Provider>;
}

const NO_CREDENTIALS: ReadonlySet<CredentialId> = new Set();

/** Runs the plan: one attempt after the other until one answers, the plan is at its end, or the client is gone. */
export class AttemptRun implements AttemptOwner, Running {
  readonly exchange: Exchange;
  readonly hasAnswerHooks: boolean;
  attemptNumber = 0;

  readonly #input: AttemptRunInput;
  readonly #keeping: AttemptKeeping;
  #converter: RequestConverter | undefined;
  #providerIndex = 0;
  #tried: Set<CredentialId> | undefined;
  #hasRepeated = false;
  #hasRefreshed = false;
  #upstreamWaitMs = 0;
  #refusal: Refusal | undefined;
  #refusedBy: PlannedProvider | undefined;
  #refusalHeaders: readonly string[] = [];
  /** Why a provider's dialect could not be spoken. */
  #conversionError: ProxyCastError | undefined;
  #overheadMs: number | undefined;

  constructor(input: AttemptRunInput) {
    this.#input = input;
    this.exchange = input.exchange;
    this.#keeping = new AttemptKeeping(input);
    this.hasAnswerHooks = input.exchange.snapshot.answerHooks.length > 0;
  }

  start(): void {
    this.#next();
  }

  abandon(): void {
    this.#release();
  }

  endEarly(error: ProxyCastError): void {
    this.exchange.fail(error);
    this.#release();
  }

  headFor(attempt: UpstreamAttempt, contentType: string | undefined, headers: IncomingHttpHeaders): string[] {
    const nowMs = this.exchange.parts.monotonicMs();
    const head = this.#head(attempt.planned, contentType, (attempt.firstByteMs ?? nowMs) - attempt.startedMs, nowMs);
    if (attempt.changed !== '') head.push('x-proxycast-changed', attempt.changed);
    const forwarded = this.#input.filterOf(attempt.protocol)(headers);
    for (const item of forwarded) head.push(item);
    return head;
  }

  committed(attempt: UpstreamAttempt): void {
    this.#release();
    if (this.exchange.kept !== undefined) this.#keeping.opened(attempt);
  }

  refused(attempt: UpstreamAttempt, refusal: Refusal): void {
    const { exchange } = this;
    this.#upstreamWaitMs += exchange.parts.monotonicMs() - attempt.startedMs;
    const { error } = refusal;
    if (this.#cannotCount(attempt, error)) {
      this.#observe(attempt, { isLast: false, outcome: 'refused', error });
      this.attemptNumber++;
      this.#estimate(attempt.planned);
      return;
    }
    const explained = askWhy(attempt, refusal, this);
    if (explained === undefined) {
      this.#settle(attempt, refusal, undefined);
      return;
    }
    // Until the plugin has answered there is nothing to end but the wait.
    exchange.running = this;
    explained.then(
      (verdict) => {
        if (this.#isOver()) return;
        const { now } = exchange.parts;
        this.#settle(attempt, verdict === undefined ? refusal : explainRefusal(refusal, verdict, now()), verdict);
      },
      (cause: unknown) => {
        if (!this.#isOver()) this.#failRun(cause);
      },
    );
  }

  #settle(attempt: UpstreamAttempt, refusal: Refusal, verdict: FailureVerdict | undefined): void {
    const { error } = refusal;
    const report = credentialReport(error, verdict);
    const { transport } = attempt.planned.provider;
    if (transport.type === 'http' && report.type === 'failed' && report.kind === 'authentication')
      transport.forget?.(attempt.credential);
    this.exchange.parts.credentials.report(attempt.credential.id, this.#dated(report, attempt), attempt.planned.model);
    if (this.#refusal === undefined || isPreferred(refusal, this.#refusal)) {
      this.#refusal = refusal;
      this.#refusedBy = attempt.planned;
      this.#refusalHeaders = attempt.filteredHeaders(this.#input.filterOf(attempt.protocol));
    }
    const refreshed = this.#awaitRefresh(attempt, verdict);
    if (refreshed === undefined) {
      this.#goOn(attempt, error, this.#advance(refusal, attempt.credential));
      return;
    }
    // Until the refresh has come to its end there is nothing to end but the wait.
    this.exchange.running = this;
    void refreshed.then((isRefreshed) => {
      if (this.#isOver()) return;
      this.#guarded(() => this.#goOn(attempt, error, isRefreshed || this.#advance(refusal, attempt.credential)));
    });
  }

  /** A refusal that was sent with a token of before says nothing of the one of now. */
  #dated(report: CredentialReport, { startedMs }: UpstreamAttempt): CredentialReport {
    if (report.type !== 'failed' || report.condition?.type !== 'refresh') return report;
    const { now, monotonicMs } = this.exchange.parts;
    return { ...report, sentAt: now() - (monotonicMs() - startedMs) };
  }

  #goOn(attempt: UpstreamAttempt, error: ProxyCastError, goesOn: boolean): void {
    this.#observe(attempt, { isLast: !goesOn, outcome: attempt.status === undefined ? 'failed' : 'refused', error });
    if (goesOn) this.#next();
    else this.#giveUp();
  }

  /** Once, where the refused token is of the last credential left: the request waits for the next token and is sent again. */
  #awaitRefresh(
    { credential, planned }: UpstreamAttempt,
    verdict: FailureVerdict | undefined,
  ): Promise<boolean> | undefined {
    const { exchange } = this;
    const { transport } = planned.provider;
    if (verdict?.condition?.type !== 'refresh' || verdict.next === 'stop' || transport.type !== 'plugin')
      return undefined;
    if (this.#hasRefreshed || exchange.isClientGone || this.attemptNumber >= exchange.snapshot.settings.maxAttempts) {
      return undefined;
    }
    if (transport.credentials.some(({ id }) => id !== credential.id && this.#tried?.has(id) !== true)) return undefined;
    this.#hasRefreshed = true;
    return transport.refreshed?.(credential.id);
  }

  ended(attempt: UpstreamAttempt, outcome: 'answered' | 'cut' | 'client-left', error?: ProxyCastError): void {
    const { exchange } = this;
    this.#release();
    exchange.running = undefined;
    if (exchange.kept !== undefined && outcome !== 'cut') this.#keeping.ended(attempt);
    if (outcome === 'answered') exchange.onAnswered?.();
    if (outcome === 'answered')
      exchange.parts.credentials.report(attempt.credential.id, { type: 'succeeded' }, attempt.planned.model);
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

  /** Passes over providers whose credentials were all tried, or are out of use. */
  #skipToUsable(): boolean {
    for (;;) {
      const planned = this.#input.providers[this.#providerIndex];
      if (planned === undefined) return false;
      const { transport } = planned.provider;
      if (transport.type === 'local') return true;
      const { credentials } = this.exchange.parts;
      if (transport.credentials.some(({ id }) => this.#tried?.has(id) !== true && !credentials.isOutOfUse(id)))
        return true;
      this.#nextProvider();
    }
  }

  /** The request is needed no more: what is held for it is given back. */
  #release(): void {
    this.#input.releaseBody();
    this.#converter?.release();
  }

  #next(): void {
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
      else if (this.#hasToEstimate(planned)) this.#estimate(planned);
      else this.#send(planned, transport);
    } catch (cause) {
      this.#failRun(cause);
    }
  }

  #hasToEstimate(planned: PlannedProvider): boolean {
    const { exchange } = this;
    if (exchange.match.endpoint.operation !== 'count-tokens') return false;
    return planned.cannotCount === true || isCountless(planned, exchange.parts.monotonicMs());
  }

  /** Such a refusal says nothing of the key, which may well be good for chats. */
  #cannotCount({ planned, status }: UpstreamAttempt, { code }: ProxyCastError): boolean {
    const { exchange } = this;
    if (exchange.match.endpoint.operation !== 'count-tokens' || exchange.isClientGone) return false;
    return cannotCount(planned, { status, code }, exchange.parts.monotonicMs());
  }

  #estimate(planned: PlannedProvider): void {
    const { exchange } = this;
    const startedMs = exchange.parts.monotonicMs();
    // Until the estimate is there, there is nothing to end but the wait.
    exchange.running = this;
    estimateTokens(exchange, this.#input.request, planned).then(
      (answer) => {
        if (!this.#isOver()) this.#respondLocally(planned, answer, startedMs, ESTIMATED_HEADERS);
      },
      (cause: unknown) => {
        if (!this.#isOver()) this.#failRun(cause);
      },
    );
  }

  #send(planned: PlannedProvider, transport: HttpTransport | PluginTransport): void {
    const { exchange } = this;
    const { request } = this.#input;
    const dialects = dialectsOf({
      client: exchange.protocol,
      planned,
      operation: exchange.match.endpoint.operation,
      output: exchange.outputChoice,
      find: exchange.findProtocol,
      body: request.body,
    });
    exchange.outputProtocol = dialects.output;
    const isWritten = this.#keeping.placeOf(planned, dialects) === 'written';
    if (!dialects.convertsRequest && !dialects.convertsAnswer && !isWritten) {
      this.#dispatch(planned, transport, dialects, undefined);
      return;
    }
    // What is kept here has an id of ours, and is seen item by item.
    const converting = isWritten ? { ...dialects, convertsAnswer: true } : dialects;
    this.#convert(planned, converting, (converted) => this.#dispatch(planned, transport, converting, converted));
  }

  #convert(planned: PlannedProvider, dialects: AttemptDialects, then: (converted: ConvertedRequest) => void): void {
    const { exchange } = this;
    const { request, budget } = this.#input;
    this.#converter ??= new RequestConverter({ exchange, request, budget });
    // Until the conversion has answered there is nothing to end but the wait.
    exchange.running = this;
    this.#converter.convert(planned, dialects, (result) => {
      if (this.#isOver()) return;
      if (result.type === 'refused') this.#refuseConversion(result.cause);
      else this.#guarded(() => then(result.converted));
    });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#failRun(cause);
    }
  }

  #isOver(): boolean {
    const { exchange } = this;
    return exchange.isClientGone || exchange.response.headersSent || exchange.response.writableEnded;
  }

  /** What this provider's dialect cannot say another's may be able to: the request goes on, or ends with the reason. */
  #refuseConversion(cause: unknown): void {
    const error = asProxyCastError(cause);
    this.attemptNumber--;
    if (error.fault === 'client') {
      this.#conversionError ??= error;
      this.#nextProvider();
      if (this.#skipToUsable()) {
        this.#next();
        return;
      }
      if (this.#refusal !== undefined) {
        this.#giveUp();
        return;
      }
    }
    this.#failRun(error);
  }

  #failRun(cause: unknown): void {
    this.#release();
    this.exchange.running = undefined;
    this.exchange.fail(cause);
  }

  #dispatch(
    planned: PlannedProvider,
    transport: HttpTransport | PluginTransport,
    dialects: AttemptDialects,
    converted: ConvertedRequest | undefined,
  ): void {
    const { exchange } = this;
    const { request } = this.#input;
    const { pinnedCredential } = exchange;
    const credential = exchange.parts.credentials.choose({
      providerId: planned.provider.id,
      credentials:
        pinnedCredential === undefined
          ? transport.credentials
          : transport.credentials.filter(({ id }) => id === pinnedCredential),
      tried: this.#tried ?? NO_CREDENTIALS,
      model: planned.model,
      ...(transport.choice === undefined ? {} : { choice: transport.choice }),
    });
    if (credential === undefined) throw noCredential();
    const outgoing: Outgoing = { exchange, request, planned, transport, credential, dialects, converted };
    if (transport.type === 'http') this.#sendOut(outgoing, transport.prepare(callInputOf(outgoing)));
    else {
      // Until the plugin has answered there is nothing to end but the wait.
      exchange.running = this;
      askPlugin(outgoing, transport, {
        owner: this,
        isOver: () => this.#isOver(),
        send: (call) => this.#guarded(() => this.#sendPlugin(outgoing, call)),
      });
    }
  }

  #sendOut(outgoing: Outgoing, call: UpstreamCall | PluginCall, answer?: AttemptDialects): void {
    sendOutgoing(outgoing, call, {
      owner: this,
      keeping: this.#keeping,
      pools: this.#input.pools,
      ...(answer === undefined ? {} : { answer }),
    });
  }

  #sendPlugin(outgoing: Outgoing, call: PluginCall): void {
    const answer = dialectsOfReading(outgoing, call.reading);
    if (!answer.convertsAnswer || outgoing.converted !== undefined) {
      this.#sendOut(outgoing, call, answer);
      return;
    }
    // The bytes pass on the way there; on the way back what was asked has to be known.
    this.#convert(outgoing.planned, answer, (converted) => this.#sendOut({ ...outgoing, converted }, call, answer));
  }

  #answerLocally(planned: PlannedProvider, transport: LocalTransport): void {
    const { exchange } = this;
    const { request } = this.#input;
    const startedMs = exchange.parts.monotonicMs();
    const { settings } = exchange.snapshot;
    const isKept =
      exchange.match.endpoint.operation === 'chat' &&
      exchange.outputProtocol === exchange.protocol &&
      (settings.keepsResponses || exchange.isSocket);
    const kept = isKept ? this.#keeping.handOver(planned, undefined) : undefined;
    this.#respondLocally(planned, answerLocally(exchange, planned, transport, request, kept), startedMs);
  }

  #respondLocally(
    planned: PlannedProvider,
    answer: LocalAnswer,
    startedMs: number,
    marks: readonly string[] = [],
  ): void {
    const { exchange } = this;
    const { request } = this.#input;
    const head = this.#head(planned, answer.contentType, 0, exchange.parts.monotonicMs());
    head.push('content-length', String(answer.body.length), ...marks);
    exchange.response.writeHead(200, head);
    exchange.response.end(answer.body);
    this.#release();
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
      changed: '',
    });
  }

  #head(planned: PlannedProvider, contentType: string | undefined, upstreamMs: number, nowMs: number): string[] {
    const { exchange, attemptNumber } = this;
    const waitedMs = this.#upstreamWaitMs + upstreamMs + (this.#converter?.waitedMs ?? 0);
    this.#overheadMs = Math.max(0, nowMs - exchange.bodyReadMs - waitedMs);
    const { requestId } = exchange;
    return answerHead({ requestId, planned, attemptNumber, overheadMs: this.#overheadMs, contentType });
  }

  /** The last word when no attempt answered. */
  #giveUp(): void {
    const { exchange } = this;
    this.#release();
    exchange.running = undefined;
    if (exchange.isClientGone) return;
    const refusal = this.#refusal;
    const planned = this.#refusedBy;
    if (refusal === undefined || planned === undefined) {
      exchange.fail(this.#conversionError ?? noCredential());
      return;
    }
    const head = this.#head(planned, undefined, 0, exchange.parts.monotonicMs()).slice(2);
    for (const item of this.#refusalHeaders) head.push(item);
    const { answer } = refusal;
    // An upstream's own words are of use only to a client of the same dialect.
    const isOwnDialect = exchange.findProtocol(planned.protocol)?.base === exchange.outputProtocol.base;
    if (answer === undefined || !isOwnDialect) {
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
      changed: attempt.changed,
    });
  }
}

const noCredential = (): GatewayError =>
  new GatewayError({
    code: 'no_credential',
    kind: 'unavailable',
    message: 'No provider of this model has a key or a login that could be used.',
  });
