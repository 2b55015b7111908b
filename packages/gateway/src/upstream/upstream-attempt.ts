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
} from '@proxycast/spec';
import {
  AnswerRecorder,
  createFrameGate,
  createJsonArrayGate,
  type FrameGate,
  findLastSseBoundary,
} from '@proxycast/wire';
import type { Dispatcher } from 'undici';
import type { Exchange, Running } from '../exchange.ts';
import type { HeaderFilter } from '../header-filter.ts';
import { nextAfter, type Refusal, refusalOfAnswer, refusalOfTransport, timedOut } from './classify-failure.ts';
import { ClientAnswer } from './client-answer.ts';

/** Past this an error answer is cut: it is read for its code and words, not kept. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** Up to this size a whole answer is held until it is known to be one; a larger one passes as it comes. */
const MAX_HELD_ANSWER_BYTES = 64 * 1024;

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
  committed(): void;
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
 * One call of an upstream whose answer goes to the client in the same dialect. The methods `on…` are called by undici,
 * one per chunk that has arrived; nothing here waits or makes a promise.
 */
export class UpstreamAttempt implements Dispatcher.DispatchHandler, Running {
  readonly planned: PlannedProvider;
  readonly credential: Credential;
  readonly startedMs: number;
  readonly requestBytes: number;
  firstByteMs: number | undefined;
  status: number | undefined;
  framing: AnswerFraming = 'whole';

  readonly #owner: AttemptOwner;
  readonly #answer: ClientAnswer;
  readonly #isStream: boolean;
  /** Of an answer that passes in pieces. */
  #recorder: AnswerRecorder | undefined;
  /** An answer that was held whole. */
  #whole: AnswerExcerpt | undefined;
  #wholeBytes = 0;
  #mode: Mode = 'waiting';
  #controller: Dispatcher.DispatchController | undefined;
  #headers: IncomingHttpHeaders = {};
  #contentType: string | undefined;
  #gate: FrameGate | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Whether anything has come since the last look. */
  #isActive = true;
  #idleSinceMs = 0;

  constructor(
    owner: AttemptOwner,
    call: {
      readonly planned: PlannedProvider;
      readonly credential: Credential;
      readonly isStream: boolean;
      readonly requestBytes: number;
    },
  ) {
    this.#owner = owner;
    this.planned = call.planned;
    this.credential = call.credential;
    this.#isStream = call.isStream;
    this.requestBytes = call.requestBytes;
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
    const { protocol } = this.#owner.exchange;
    const contentType = this.#contentType ?? '';
    if (status < 200 || status >= 300) {
      this.#mode = 'refusing';
      return;
    }
    if (contentType.startsWith('text/html')) {
      this.#giveUp(this.#unusable('upstream_html', 'answered with a web page. Its api_host does not lead to an API'));
      return;
    }
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      // Asked for plain bytes and did not get them: they pass unread.
      this.#commit();
      return;
    }
    if (this.#isStream || contentType.startsWith('text/event-stream')) {
      const framing = protocol.framingOf(contentType);
      if (framing === 'sse' || framing === 'json-array') {
        this.framing = framing;
        this.#gate = framing === 'sse' ? createFrameGate(findLastSseBoundary) : createJsonArrayGate();
        this.#mode = 'gating';
        return;
      }
    }
    if (contentType === '' || contentType.includes('json')) {
      this.#mode = 'holding';
      return;
    }
    this.#commit();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#isActive = true;
    if (this.firstByteMs === undefined) this.firstByteMs = this.#owner.exchange.parts.monotonicMs();
    switch (this.#mode) {
      case 'framed': {
        const frames = this.#gate?.push(chunk);
        if (frames !== undefined) this.#pass(frames);
        return;
      }
      case 'passing':
        this.#pass(chunk);
        return;
      case 'gating': {
        const frames = this.#gate?.push(chunk);
        if (frames !== undefined) this.#openStream(frames);
        return;
      }
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
      return;
    }
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
    const head = this.#owner.headFor(this, this.#contentType, this.#headers);
    head.push('content-length', String(body.length));
    this.#owner.committed();
    response.writeHead(this.status ?? 200, head);
    this.#answer.end(body);
    this.#finish('answered');
  }

  /** The headers of this answer that travel to the client. */
  filteredHeaders(filter: HeaderFilter): readonly string[] {
    return filter(this.#headers);
  }

  /** Bytes of the answer that were passed or held. */
  get answerBytes(): number {
    return this.#recorder?.totalBytes ?? this.#wholeBytes;
  }

  readUsage(): TokenUsage | undefined {
    if (this.answerBytes === 0) return undefined;
    return this.#owner.exchange.protocol.readUsage(this.#excerpt());
  }

  #excerpt(): AnswerExcerpt {
    return this.#whole ?? this.#recording().excerpt(this.framing);
  }

  #recording(): AnswerRecorder {
    this.#recorder ??= new AnswerRecorder();
    return this.#recorder;
  }

  #commit(): void {
    this.#mode = this.#gate === undefined ? 'passing' : 'framed';
    const { response } = this.#owner.exchange;
    const head = this.#owner.headFor(this, this.#contentType, this.#headers);
    const length = this.#headers['content-length'];
    const encoding = this.#headers['content-encoding'];
    if (this.#mode === 'passing') {
      if (length !== undefined) head.push('content-length', length);
      if (encoding !== undefined) head.push('content-encoding', encoding);
    } else if (this.framing === 'sse') {
      head.push('cache-control', 'no-cache');
    }
    this.#owner.committed();
    response.writeHead(this.status ?? 200, head);
  }

  #pass(bytes: Buffer): void {
    this.#recording().push(bytes);
    if (this.#controller !== undefined) this.#answer.write(bytes, this.#controller);
  }

  #openStream(frames: Buffer): void {
    const failure = this.#findError(frames);
    if (failure !== undefined) {
      this.#giveUp(failure);
      return;
    }
    this.#commit();
    this.#pass(frames);
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= MAX_HELD_ANSWER_BYTES) return;
    if (this.#owner.hasAnswerHooks) {
      if (this.#heldBytes <= this.#owner.exchange.snapshot.settings.maxBodyBytes) return;
      this.#giveUp(
        this.#unusable('upstream_answer_too_large', 'sent an answer that is too large for the hooks to read'),
      );
      return;
    }
    const held = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    const failure = this.#findError(held);
    if (failure !== undefined) {
      this.#giveUp(failure);
      return;
    }
    this.#commit();
    this.#pass(held);
  }

  #endWhole(): void {
    const body =
      this.#held.length === 1 ? (this.#held[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#wholeBytes = body.length;
    const text = body.toString('utf8');
    const failure =
      this.#findError(body, text) ??
      (this.#isStream
        ? this.#unusable('upstream_not_streaming', 'did not stream although it was asked to')
        : this.#findDamage(body));
    this.#whole = { framing: 'whole', head: text, tail: text, isWhole: true };
    if (failure !== undefined) this.#refuse(failure);
    else if (this.#owner.hasAnswerHooks) {
      this.#mode = 'hooked';
      this.#owner.finishHooked(this, body);
    } else this.sendWhole(body);
  }

  #endStream(): void {
    const rest = this.#gate?.rest() ?? Buffer.alloc(0);
    if (this.#mode === 'gating') {
      // Everything there is fits before the first frame boundary: at most one frame without its blank line.
      const failure = rest.length === 0 ? this.#empty() : this.#findError(rest);
      if (failure !== undefined) {
        this.#refuse(failure);
        return;
      }
    }
    this.#recording().push(rest);
    const excerpt = this.#excerpt();
    const { protocol, match } = this.#owner.exchange;
    if (match.endpoint.operation !== 'chat' || protocol.isStreamComplete(excerpt)) {
      if (this.#mode === 'gating') this.#commit();
      this.#answer.end(rest.length === 0 ? undefined : rest);
      this.#finish('answered');
      return;
    }
    const cut = this.#unusable('upstream_cut', 'ended its stream before the answer was complete');
    if (this.#mode === 'gating') this.#refuse(cut);
    else this.#breakStream(cut.error);
  }

  #endRefusal(): void {
    const status = this.status ?? 502;
    const body = Buffer.concat(this.#held, this.#heldBytes);
    const { protocol } = this.#owner.exchange;
    const headers = this.#headers;
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const isRedirect = status >= 300 && status < 400;
    const decoded = isRedirect ? undefined : protocol.decodeError(status, header, body.toString('utf8'));
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

  /** An error inside a 200. */
  #findError(bytes: Buffer, text = bytes.toString('utf8', 0, MAX_HELD_ANSWER_BYTES)): Refusal | undefined {
    const { protocol } = this.#owner.exchange;
    const decoded = protocol.findErrorInAnswer(text, this.framing);
    if (decoded === undefined) return undefined;
    return refusalOfAnswer({
      providerId: this.planned.provider.id,
      status: this.status ?? 200,
      contentType: this.#contentType ?? 'application/json',
      body: bytes,
      decoded,
    });
  }

  /** A whole JSON answer that is none. */
  #findDamage(body: Buffer): Refusal | undefined {
    if (this.#contentType === undefined && body.length > 0) return undefined;
    if (body.length === 0) return this.#owner.exchange.match.endpoint.method === 'POST' ? this.#empty() : undefined;
    let last = body.length - 1;
    while (last > 0 && (body[last] ?? 0) <= 0x20) last--;
    const end = body[last];
    if (end === 0x7d || end === 0x5d) return undefined;
    return this.#unusable('upstream_cut', 'sent JSON that breaks off');
  }

  #empty(): Refusal {
    return this.#unusable('upstream_empty', 'answered with status 200 and nothing in it');
  }

  #unusable(code: string, what: string): Refusal {
    const error = new UpstreamError({
      code,
      message: `The provider ${this.planned.provider.id} ${what}.`,
      ...(this.status === undefined ? {} : { upstreamStatus: this.status }),
    });
    return { error, next: nextAfter(error.kind) };
  }

  /** Ends a stream that has begun with the dialect's own error; the held piece of a frame is dropped. */
  #breakStream(error: ProxyCastError): void {
    const { protocol } = this.#owner.exchange;
    this.#answer.end(protocol.renderStreamError(error, this.#excerpt()));
    this.#finish('cut', error);
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
  }

  #finish(outcome: 'answered' | 'cut' | 'client-left', error?: ProxyCastError): void {
    this.#mode = 'over';
    this.#held = [];
    this.#answer.release();
    this.#owner.ended(this, outcome, error);
  }

  #stopUpstream(): void {
    this.#controller?.abort(
      new GatewayError({ code: 'attempt_ended', kind: 'unavailable', message: 'The attempt was ended.' }),
    );
  }
}
