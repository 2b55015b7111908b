import type { IncomingHttpHeaders } from 'node:http';
import type { PlannedProvider } from '@proxycast/routing';
import {
  type AnswerExcerpt,
  type AnswerFraming,
  type Credential,
  GatewayError,
  type ProxyCastError,
  type TokenUsage,
  UpstreamError,
  type UpstreamProtocol,
} from '@proxycast/spec';
import type { Dispatcher } from 'undici';
import { asProxyCastError, type Exchange, type Running } from '../exchange.ts';
import type { HeaderFilter } from '../header-filter.ts';
import type { AnswerFailure, AnswerPath, ForeignSteps } from './answer-path.ts';
import { nextAfter, type Refusal, refusalOfAnswer, refusalOfTransport, timedOut } from './classify-failure.ts';
import { ClientAnswer } from './client-answer.ts';

/** Past this an error answer is cut: it is read for its code and words, not kept. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** Up to this size a whole answer is held until it is known to be one; a larger one passes as it comes, where it may. */
const MAX_HELD_ANSWER_BYTES = 64 * 1024;

const NO_BYTES = Buffer.alloc(0);

/** Proxies and clients commonly give up on a connection that was silent for 30 to 60 seconds. */
const KEEP_ALIVE_MS = 12_000;

/** What the run of attempts gives to each attempt and wants to hear from it. */
export interface AttemptOwner {
  readonly exchange: Exchange;
  readonly attemptNumber: number;
  /** Whether nothing of this answer may be changed or looked at as a whole. */
  readonly hasAnswerHooks: boolean;
  /** Head of the answer for the client. */
  headFor(attempt: UpstreamAttempt, contentType: string | undefined, headers: IncomingHttpHeaders): string[];
  /** No answer: nothing has gone to the client. */
  refused(attempt: UpstreamAttempt, refusal: Refusal): void;
  /** The answer has begun to leave; there will be no other attempt. */
  committed(attempt: UpstreamAttempt): void;
  /** A whole answer for the hooks, before it leaves. */
  finishHooked(attempt: UpstreamAttempt, body: Buffer): void;
  ended(attempt: UpstreamAttempt, outcome: 'answered' | 'cut' | 'client-left', error?: ProxyCastError): void;
}

/**
 * Where an attempt stands. Until `framed` or `passing` nothing has gone to the client and another attempt can take over.
 * `refusing`: an error answer is being read. `holding`: a whole answer is collected. `gating`: a stream's first frame is
 * awaited. `hooked`: the hooks have a whole answer. `framed`: whole frames pass. `passing`: bytes pass.
 */
type Mode = 'waiting' | 'refusing' | 'holding' | 'gating' | 'hooked' | 'framed' | 'passing' | 'over';

/**
 * One call of an upstream: when its answer may leave, and what happens when it breaks. What becomes of the bytes is the
 * path's business. The methods `on…` are called by undici,
 * one per chunk that has arrived; nothing here waits or makes a promise.
 */
export class UpstreamAttempt implements Dispatcher.DispatchHandler, Running {
  readonly planned: PlannedProvider;
  readonly credential: Credential;
  readonly startedMs: number;
  readonly requestBytes: number;
  /** The dialect the upstream is spoken to in. */
  readonly protocol: UpstreamProtocol;
  /** What conversion changed, for the client to read; empty when nothing was. */
  readonly changed: string;
  firstByteMs: number | undefined;
  status: number | undefined;
  framing: AnswerFraming = 'whole';

  readonly #owner: AttemptOwner;
  readonly #answer: ClientAnswer;
  readonly #isStream: boolean;
  readonly #path: AnswerPath;
  readonly #release: (() => void) | undefined;
  #mode: Mode = 'waiting';
  #controller: Dispatcher.DispatchController | undefined;
  #headers: IncomingHttpHeaders = {};
  #contentType: string | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #hasUpstreamEnded = false;
  /** Whether anything has come since the last look. */
  #isActive = true;
  #idleSinceMs = 0;
  #keptAliveMs = 0;

  constructor(
    owner: AttemptOwner,
    call: {
      readonly planned: PlannedProvider;
      readonly credential: Credential;
      readonly isStream: boolean;
      readonly requestBytes: number;
      readonly protocol: UpstreamProtocol;
      readonly path: AnswerPath;
      readonly changed: string;
      /** The attempt is over: what its provider holds for it can go. */
      readonly release?: (() => void) | undefined;
    },
  ) {
    this.#owner = owner;
    this.planned = call.planned;
    this.credential = call.credential;
    this.#isStream = call.isStream;
    this.requestBytes = call.requestBytes;
    this.protocol = call.protocol;
    this.#path = call.path;
    this.changed = call.changed;
    this.#release = call.release;
    const { exchange } = owner;
    this.startedMs = exchange.parts.monotonicMs();
    this.#answer = new ClientAnswer(exchange.response, exchange.snapshot.settings.clientStallTimeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#mode === 'over') controller.abort(new Error('The attempt was given up.'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#mode === 'over') return;
    this.#isActive = true;
    this.#controller = controller;
    this.status = status;
    this.#headers = headers;
    this.#contentType = headers['content-type'];
    const contentType = this.#contentType ?? '';
    if (status < 200 || status >= 300) {
      this.#mode = 'refusing';
      return;
    }
    const encoding = headers['content-encoding'];
    const isPlain = encoding === undefined || encoding === 'identity';
    if (isPlain && this.#path.foreign !== undefined) {
      this.#startForeign(this.#path.foreign, { status, headers });
      return;
    }
    if (contentType.startsWith('text/html')) {
      this.#giveUp(this.#unusable('upstream_html', 'answered with a web page. Its api_host does not lead to an API'));
      return;
    }
    if (!isPlain) {
      // Asked for plain bytes and did not get them.
      this.#passUnread();
      return;
    }
    if (this.#isStream || contentType.startsWith('text/event-stream')) {
      const framing = this.#path.streamFramingOf(contentType);
      if (framing !== undefined) {
        this.framing = framing;
        this.#path.startStream(framing);
        this.#mode = 'gating';
        return;
      }
    }
    if (contentType === '' || contentType.includes('json')) {
      this.#mode = 'holding';
      return;
    }
    this.#passUnread();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#isActive = true;
    if (this.firstByteMs === undefined) this.firstByteMs = this.#owner.exchange.parts.monotonicMs();
    switch (this.#mode) {
      case 'framed':
      case 'passing':
        this.#pass(chunk);
        return;
      case 'gating':
        this.#openStream(chunk);
        return;
      case 'holding':
        this.#hold(chunk);
        return;
      case 'refusing':
        if (this.#heldBytes < MAX_ERROR_BODY_BYTES) {
          this.#held.push(chunk);
          this.#heldBytes += chunk.length;
        }
        return;
      case 'waiting':
      case 'hooked':
      case 'over':
        return;
    }
  }

  onResponseEnd(): void {
    this.#hasUpstreamEnded = true;
    switch (this.#mode) {
      case 'framed':
      case 'gating':
        this.#endStream();
        return;
      case 'passing':
        this.#answer.end();
        this.#finish('answered');
        return;
      case 'holding':
        this.#endWhole();
        return;
      case 'refusing':
        this.#endRefusal();
        return;
      case 'waiting':
      case 'hooked':
      case 'over':
        return;
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    const refusal = refusalOfTransport(this.planned.provider.id, cause, this.status !== undefined);
    switch (this.#mode) {
      case 'hooked':
      case 'over':
        return;
      case 'framed':
        this.#breakStream(refusal.error);
        return;
      case 'passing':
        this.#answer.destroy();
        this.#finish('cut', refusal.error);
        return;
      case 'refusing':
        // The status said enough; what is missing is only the rest of its explanation.
        this.#endRefusal();
        return;
      case 'waiting':
      case 'holding':
      case 'gating':
        this.#refuse(refusal);
        return;
    }
  }

  /** The call could not be prepared or authorised, so it was never made. */
  refuseUnsent(cause: unknown, next?: Refusal['next']): void {
    if (this.#mode === 'over') return;
    const error = asProxyCastError(cause);
    this.#refuse({ error, next: next ?? nextAfter(error.kind) });
  }

  abandon(): void {
    if (this.#mode === 'over') return;
    this.#mode = 'over';
    this.#stopUpstream();
    this.#finish('client-left');
  }

  endEarly(error: ProxyCastError): void {
    const mode = this.#mode;
    if (mode === 'over') return;
    // Before the abort: undici reports it back at once, as an error of the upstream.
    this.#mode = 'over';
    this.#stopUpstream();
    if (mode === 'framed') {
      this.#breakStream(error);
      return;
    }
    if (mode === 'passing') this.#answer.destroy();
    else this.#owner.exchange.fail(error);
    this.#finish('cut', error);
  }

  /**
   * Time limits are looked at once a second for all attempts together: a timer for each, moved at every chunk, costs more
   * than the rest of passing a chunk on, and minutes need no more precision.
   */
  checkIdle(nowMs: number): void {
    if (this.#isActive || this.#controller?.paused === true || this.#mode === 'hooked') {
      this.#isActive = false;
      this.#idleSinceMs = nowMs;
      this.#keptAliveMs = nowMs;
      return;
    }
    this.#keepAlive(nowMs);
    const { settings } = this.#owner.exchange.snapshot;
    const limitMs = this.status === undefined ? settings.upstreamHeadTimeoutMs : settings.upstreamIdleTimeoutMs;
    if (this.#mode === 'over' || nowMs - this.#idleSinceMs < limitMs) return;
    const refusal = timedOut(this.planned.provider.id);
    const mode = this.#mode;
    this.#mode = 'over';
    this.#stopUpstream();
    if (mode === 'framed') this.#breakStream(refusal.error);
    else if (mode === 'passing') {
      this.#answer.destroy();
      this.#finish('cut', refusal.error);
    } else this.#refuse(refusal);
  }

  /** Sends a whole answer: the one that was held, or what the hooks made of it. */
  sendWhole(body: Buffer): void {
    // The client may have left while the hooks were at work.
    if (this.#mode === 'over') return;
    const { response } = this.#owner.exchange;
    const head = this.#owner.headFor(this, this.#path.contentType ?? this.#contentType, this.#headers);
    head.push('content-length', String(body.length));
    this.#owner.committed(this);
    response.writeHead(this.status ?? 200, head);
    this.#answer.end(body);
    this.#finish('answered');
  }

  /** Headers of the answer, as they came; none where there was no answer. */
  get headers(): IncomingHttpHeaders {
    return this.#headers;
  }

  /** The headers of this answer that travel to the client. */
  filteredHeaders(filter: HeaderFilter): readonly string[] {
    return filter(this.#headers);
  }

  /** Bytes of the answer that have come. */
  get answerBytes(): number {
    return this.#path.answerBytes;
  }

  readUsage(): TokenUsage | undefined {
    return this.#path.readUsage();
  }

  /** Of an answer whose bytes passed. */
  get excerpt(): AnswerExcerpt | undefined {
    return this.#path.excerpt;
  }

  #commit(isStream: boolean): void {
    this.#mode = isStream ? 'framed' : 'passing';
    const { response } = this.#owner.exchange;
    const contentType = this.#path.contentType ?? this.#contentType;
    const head = this.#owner.headFor(this, contentType, this.#headers);
    const length = this.#headers['content-length'];
    const encoding = this.#headers['content-encoding'];
    if (!isStream) {
      if (length !== undefined) head.push('content-length', length);
      if (encoding !== undefined) head.push('content-encoding', encoding);
    } else if (contentType?.startsWith('text/event-stream') === true) {
      head.push('cache-control', 'no-cache');
    }
    this.#owner.committed(this);
    response.writeHead(this.status ?? 200, head);
  }

  /** What is neither a stream nor JSON of the dialect. */
  #passUnread(): void {
    if (this.#path.passesUnread) this.#commit(false);
    else this.#giveUp(this.#unusable('upstream_not_json', 'answered with something that is no answer of its dialect'));
  }

  /** Between two words of a model that thinks for minutes, whatever lies between us and the client may give up. */
  #keepAlive(nowMs: number): void {
    if (this.#mode !== 'framed' || nowMs - this.#keptAliveMs < KEEP_ALIVE_MS || this.#controller === undefined) return;
    this.#keptAliveMs = nowMs;
    const bytes = this.#path.keepAlive();
    if (bytes !== undefined) this.#answer.write(bytes, this.#controller);
  }

  #startForeign(foreign: ForeignSteps, head: Parameters<ForeignSteps['start']>[0]): void {
    if (this.#isStream) this.framing = 'sse';
    this.#mode = 'gating';
    foreign.start(head, {
      onReady: () => this.#goOn(),
      pause: () => this.#controller?.pause(),
      resume: () => this.#controller?.resume(),
    });
  }

  /** Whoever reads the answer has said something, though no bytes have come. */
  #goOn(): void {
    this.#isActive = true;
    if (this.#mode === 'gating') this.#openStream(NO_BYTES);
    else if (this.#mode === 'framed') this.#pass(NO_BYTES);
    if (this.#hasUpstreamEnded && (this.#mode === 'gating' || this.#mode === 'framed')) this.#endStream();
  }

  #pass(chunk: Buffer): void {
    const bytes = this.#path.push(chunk);
    if (bytes !== undefined && this.#controller !== undefined) this.#answer.write(bytes, this.#controller);
    if (this.#path.failure !== undefined) this.#breakOpenStream(this.#path.failure);
  }

  #openStream(chunk: Buffer): void {
    const opening = this.#path.open(chunk);
    switch (opening.type) {
      case 'wait':
        return;
      case 'failed':
        this.#giveUp(this.#refusalOf(opening.failure));
        return;
      case 'open':
        this.#commit(true);
        if (this.#controller !== undefined) this.#answer.write(opening.bytes, this.#controller);
        return;
    }
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= MAX_HELD_ANSWER_BYTES) return;
    if (this.#owner.hasAnswerHooks || !this.#path.passesUnread) {
      if (this.#heldBytes <= this.#owner.exchange.snapshot.settings.maxBodyBytes) return;
      this.#giveUp(this.#unusable('upstream_answer_too_large', 'sent an answer that is too large to be read'));
      return;
    }
    const held = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    const failure = this.#path.findErrorAtStart(held);
    if (failure !== undefined) {
      this.#giveUp(this.#refusalOf(failure));
      return;
    }
    this.#commit(false);
    const bytes = this.#path.push(held);
    if (bytes !== undefined && this.#controller !== undefined) this.#answer.write(bytes, this.#controller);
  }

  #endWhole(): void {
    const body =
      this.#held.length === 1 ? (this.#held[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#giveWhole(this.#path.readWhole(body, this.#contentType));
  }

  #giveWhole(whole: ReturnType<AnswerPath['readWhole']>): void {
    if (whole.type === 'failed') this.#refuse(this.#refusalOf(whole.failure));
    else if (this.#owner.hasAnswerHooks) {
      this.#mode = 'hooked';
      this.#owner.finishHooked(this, whole.body);
    } else this.sendWhole(whole.body);
  }

  #endStream(): void {
    const isOpen = this.#mode === 'framed';
    const end = this.#path.endStream(isOpen);
    if (end.type === 'wait') return;
    if (end.type === 'complete') {
      if (!isOpen && !this.#isStream && this.#path.contentType !== undefined) {
        // A stream that was folded for a client that asked for a whole answer.
        this.#giveWhole({ type: 'answer', body: end.bytes ?? Buffer.alloc(0) });
        return;
      }
      if (!isOpen) this.#commit(true);
      this.#answer.end(end.bytes);
      this.#finish('answered');
      return;
    }
    const refusal = this.#refusalOf(end.failure);
    if (!isOpen) {
      this.#refuse(refusal);
      return;
    }
    if (end.bytes !== undefined && this.#controller !== undefined) this.#answer.write(end.bytes, this.#controller);
    this.#breakStream(refusal.error);
  }

  #endRefusal(): void {
    const status = this.status ?? 502;
    const body = Buffer.concat(this.#held, this.#heldBytes);
    const headers = this.#headers;
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const isRedirect = status >= 300 && status < 400;
    const decoded = isRedirect ? undefined : this.protocol.decodeError(status, header, body.toString('utf8'));
    this.#refuse(
      isRedirect
        ? this.#unusable('upstream_redirect', 'answered with a redirect, which is not followed with a key attached')
        : refusalOfAnswer({
            providerId: this.planned.provider.id,
            status,
            contentType: this.#contentType ?? 'application/json',
            body,
            ...(decoded === undefined ? {} : { decoded }),
          }),
    );
  }

  #refusalOf(failure: AnswerFailure): Refusal {
    switch (failure.type) {
      case 'refused-inside':
        return refusalOfAnswer({
          providerId: this.planned.provider.id,
          status: this.status ?? 200,
          contentType: this.#contentType ?? 'application/json',
          body: failure.body,
          decoded: failure.decoded,
        });
      case 'error':
        return { error: failure.error, next: nextAfter(failure.error.kind) };
      case 'fault':
        return this.#unusable(failure.code, failure.what);
    }
  }

  #unusable(code: string, what: string): Refusal {
    const error = new UpstreamError({
      code,
      message: `The provider ${this.planned.provider.id} ${what}.`,
      ...(this.status === undefined ? {} : { upstreamStatus: this.status }),
    });
    return { error, next: nextAfter(error.kind) };
  }

  /** Ends a stream that has begun, with the dialect's own error. */
  #breakStream(error: ProxyCastError): void {
    this.#answer.end(this.#path.breakOff(error));
    this.#finish('cut', error);
  }

  /** The same while bytes are still coming. */
  #breakOpenStream(error: ProxyCastError): void {
    this.#breakStream(error);
    this.#stopUpstream();
  }

  /** Refuses while bytes are still coming. */
  #giveUp(refusal: Refusal): void {
    this.#refuse(refusal);
    this.#stopUpstream();
  }

  #refuse(refusal: Refusal): void {
    this.#mode = 'over';
    this.#held = [];
    this.#answer.release();
    this.#owner.refused(this, refusal);
    this.#close();
  }

  #finish(outcome: 'answered' | 'cut' | 'client-left', error?: ProxyCastError): void {
    this.#mode = 'over';
    this.#held = [];
    this.#answer.release();
    this.#owner.ended(this, outcome, error);
    this.#close();
  }

  #close(): void {
    this.#path.close?.();
    this.#release?.();
  }

  #stopUpstream(): void {
    this.#controller?.abort(
      new GatewayError({ code: 'attempt_ended', kind: 'unavailable', message: 'The attempt was ended.' }),
    );
  }
}
