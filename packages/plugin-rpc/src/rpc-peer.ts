import {
  RPC_CODES,
  type RpcFailure,
  readSchema,
  rpcFailureSchema,
  TRANSPORT_NOTIFICATIONS,
} from '@proxycast/spec/plugin';
import { type AnswerBody, IncomingBody, OutgoingBody } from './answer-body.ts';
import { encodeFrame } from './encode-frame.ts';
import { type FrameLimits, NO_BYTES } from './frame.ts';
import { FrameBreach, FrameReader } from './frame-reader.ts';
import { RpcError } from './rpc-error.ts';

export type RpcParams = Readonly<Record<string, unknown>>;

/** A call from the other side. */
export interface IncomingCall {
  readonly method: string;
  readonly params: RpcParams;
  readonly attachment: Uint8Array;
  /** Aborted when the other side wants no answer any more, or is gone. */
  readonly signal: AbortSignal;
}

export interface OutgoingAnswer {
  readonly result: RpcParams;
  readonly attachment?: Uint8Array;
  /** Follows the answer under credit. Its iterator is closed however the call ends. */
  readonly body?: { readonly source: AsyncIterable<Uint8Array>; readonly creditBytes: number };
}

export interface RpcAnswer {
  /** Unchecked. */
  readonly result: RpcParams;
  readonly attachment: Uint8Array;
  /** Only where `creditBytes` asked for one. */
  readonly body?: AnswerBody;
}

export interface CallOptions {
  readonly attachment?: Uint8Array;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** A body follows the answer; so many bytes may come before they are read. */
  readonly creditBytes?: number;
}

export interface RpcPeerParts {
  /** Writes in order. Answers false when the pipe is full: `drained` is called when it has room again. */
  readonly write: (parts: readonly Uint8Array[]) => boolean;
  /** Bytes written that the other side has not taken. */
  readonly queuedBytes: () => number;
  /** Calls back once, after so many milliseconds; answers how to call it off. */
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  /** An RpcError it throws reaches the other side; of anything else only that it failed. */
  readonly onCall: (call: IncomingCall) => OutgoingAnswer | Promise<OutgoingAnswer>;
  readonly onNotification: (method: string, params: RpcParams, attachment: Uint8Array) => void;
  /** The other side broke the contract. The peer is closed already. */
  readonly onBreach: (reason: string) => void;
  /** Something came that no call of ours asked for. */
  readonly onUnasked?: () => void;
  /** What an error that is no RpcError says to the other side; absent: only that it failed. */
  readonly describeError?: (error: unknown) => string;
  readonly limits: FrameLimits & {
    readonly maxIncomingCalls: number;
    /** Of all incoming calls that run, together. */
    readonly maxIncomingBytes: number;
    readonly maxQueuedBytes: number;
  };
}

interface PendingCall {
  readonly method: string;
  readonly settle: (outcome: RpcAnswer | RpcError) => void;
  readonly creditBytes: number | undefined;
}

interface RunningCall {
  readonly controller: AbortController;
  readonly bytes: number;
  body?: OutgoingBody;
}

/** One side of a connection: calls out, calls in, at once and in any order. */
export interface RpcPeer {
  receive(chunk: Uint8Array): void;
  /** Throws RpcError. */
  call(method: string, params: RpcParams, options: CallOptions): Promise<RpcAnswer>;
  notify(method: string, params: RpcParams, attachment?: Uint8Array): void;
  /** The pipe has room again. */
  drained(): void;
  /** Everything that runs fails with `error`; nothing is written any more. */
  close(error: RpcError): void;
  readonly pendingCalls: number;
}

export function createRpcPeer(parts: RpcPeerParts): RpcPeer {
  return new Peer(parts);
}

class Peer implements RpcPeer {
  readonly #parts: RpcPeerParts;
  readonly #reader: FrameReader;
  readonly #pending = new Map<number, PendingCall>();
  readonly #bodies = new Map<number, IncomingBody>();
  readonly #running = new Map<number, RunningCall>();
  #lastId = 0;
  /** Calls we gave up: each may still be answered once. */
  #abandoned = 0;
  #stray = 0;
  #lastIncomingId = 0;
  #incomingBytes = 0;
  #closed: RpcError | undefined;
  #waitingForRoom: (() => void)[] = [];
  #isFull = false;

  constructor(parts: RpcPeerParts) {
    this.#parts = parts;
    this.#reader = new FrameReader(parts.limits);
  }

  get pendingCalls(): number {
    return this.#pending.size;
  }

  receive(chunk: Uint8Array): void {
    if (this.#closed !== undefined) return;
    try {
      for (const { header, attachment } of this.#reader.push(chunk)) {
        this.#take(header, attachment);
        if (this.#closed !== undefined) return;
      }
    } catch (error) {
      if (!(error instanceof FrameBreach)) throw error;
      this.#breach(error.message);
    }
  }

  call(method: string, params: RpcParams, options: CallOptions): Promise<RpcAnswer> {
    const { signal, creditBytes } = options;
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal?.aborted === true) return Promise.reject(cancelled());
    if (this.#parts.queuedBytes() > this.#parts.limits.maxQueuedBytes) {
      return Promise.reject(new RpcError(RPC_CODES.overLimit, 'The other side does not read what it is sent.'));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const abandon = (error: RpcError): void => {
        if (!this.#pending.has(id)) return;
        this.#abandoned++;
        this.notify('$/cancel', { id });
        settle(error);
      };
      const onAbort = signal === undefined ? undefined : (): void => abandon(cancelled());
      const clearTimer = this.#parts.setTimer(
        () => abandon(new RpcError(RPC_CODES.deadlineExceeded, `No answer to ${method} in ${options.deadlineMs} ms.`)),
        options.deadlineMs,
      );
      const settle = (outcome: RpcAnswer | RpcError): void => {
        this.#pending.delete(id);
        clearTimer();
        if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
        if (outcome instanceof RpcError) reject(outcome);
        else resolve(outcome);
      };
      this.#pending.set(id, { method, settle, creditBytes });
      if (onAbort !== undefined) signal?.addEventListener('abort', onAbort, { once: true });
      this.#write({ jsonrpc: '2.0', id, method, params }, options.attachment);
    });
  }

  notify(method: string, params: RpcParams, attachment?: Uint8Array): void {
    if (this.#closed === undefined) this.#write({ jsonrpc: '2.0', method, params }, attachment);
  }

  drained(): void {
    this.#isFull = false;
    const waiting = this.#waitingForRoom;
    this.#waitingForRoom = [];
    for (const resume of waiting) resume();
  }

  close(error: RpcError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    for (const { settle } of [...this.#pending.values()]) settle(error);
    for (const body of this.#bodies.values()) body.end(error);
    for (const { controller, body } of this.#running.values()) {
      controller.abort(error);
      body?.cancel();
    }
    this.#bodies.clear();
    this.#running.clear();
    this.drained();
  }

  #write(header: unknown, attachment?: Uint8Array): void {
    if (!this.#parts.write(encodeFrame(header, attachment))) this.#isFull = true;
  }

  #breach(reason: string): void {
    this.close(new RpcError(RPC_CODES.invalidRequest, `The connection was closed after a breach: ${reason}.`));
    this.#parts.onBreach(reason);
  }

  #take(header: unknown, attachment: Uint8Array): void {
    if (!isObject(header) || header['jsonrpc'] !== '2.0') {
      this.#breach('a header that is no JSON-RPC message');
      return;
    }
    const { id, method, params = {} } = header;
    if (typeof method === 'string') {
      if (!isObject(params)) {
        this.#breach('params that are no object');
        return;
      }
      if (id === undefined) this.#takeNotification(method, params, attachment);
      else this.#takeCall(id, method, params, attachment);
      return;
    }
    this.#takeAnswer(header, attachment);
  }

  #takeAnswer(header: RpcParams, attachment: Uint8Array): void {
    const { id, result } = header;
    if (!isId(id) || id > this.#lastId) {
      this.#breach('an answer that nobody asked for');
      return;
    }
    const pending = this.#pending.get(id);
    if (pending === undefined) {
      this.#stray++;
      if (this.#stray > this.#abandoned) this.#breach('a second answer');
      return;
    }
    if (isObject(result)) {
      const body = pending.creditBytes === undefined ? undefined : this.#openBody(id, pending.creditBytes);
      // Whoever asked may keep it, and the network read it is a view of is larger.
      const kept = attachment.byteLength === 0 ? NO_BYTES : attachment;
      pending.settle({ result, attachment: kept, ...(body === undefined ? {} : { body }) });
      return;
    }
    const reading = readSchema(rpcFailureSchema, header);
    if (reading.type === 'invalid') {
      this.#breach('an answer that is neither a result nor an error');
      return;
    }
    pending.settle(toRpcError(reading.value));
  }

  #openBody(id: number, creditBytes: number): IncomingBody {
    const body = new IncomingBody(creditBytes, {
      giveCredit: (bytes) => this.notify('$/credit', { id, bytes }),
      cancel: () => {
        this.#bodies.delete(id);
        this.notify('$/cancel', { id });
      },
    });
    this.#bodies.set(id, body);
    return body;
  }

  #takeNotification(method: string, params: RpcParams, attachment: Uint8Array): void {
    if (!isTransportNotification(method)) {
      this.#parts.onUnasked?.();
      this.#parts.onNotification(method, params, attachment);
      return;
    }
    const { id } = params;
    if (!isId(id)) {
      this.#breach(`${method} without an id`);
      return;
    }
    switch (method) {
      case '$/cancel': {
        this.#parts.onUnasked?.();
        const running = this.#running.get(id);
        running?.controller.abort(cancelled());
        running?.body?.cancel();
        return;
      }
      case '$/credit': {
        const { bytes } = params;
        if (!isId(bytes)) {
          this.#breach('credit that is no count of bytes');
          return;
        }
        this.#parts.onUnasked?.();
        this.#running.get(id)?.body?.addCredit(bytes);
        return;
      }
      case '$/chunk':
        if (id > this.#lastId) {
          this.#breach('a chunk that nobody asked for');
          return;
        }
        if (this.#bodies.get(id)?.push(attachment) === false) this.#breach('a chunk without credit');
        return;
      case '$/end': {
        if (id > this.#lastId) {
          this.#breach('an end of what nobody asked for');
          return;
        }
        const reading = readSchema(TRANSPORT_NOTIFICATIONS['$/end'], params);
        if (reading.type === 'invalid') {
          this.#breach('an end that cannot be read');
          return;
        }
        const { error } = reading.value;
        this.#bodies
          .get(id)
          ?.end(
            error === undefined ? undefined : new RpcError(RPC_CODES.unavailable, error.message, { code: error.code }),
          );
        this.#bodies.delete(id);
        return;
      }
    }
  }

  #takeCall(id: unknown, method: string, params: RpcParams, attachment: Uint8Array): void {
    this.#parts.onUnasked?.();
    // Rising ids, so that none is used twice without a list of all that were.
    if (!isId(id) || id <= this.#lastIncomingId) {
      this.#breach('a call whose id is no new one');
      return;
    }
    this.#lastIncomingId = id;
    const { maxIncomingCalls, maxIncomingBytes } = this.#parts.limits;
    const bytes = attachment.byteLength;
    if (this.#running.size >= maxIncomingCalls || this.#incomingBytes + bytes > maxIncomingBytes) {
      this.#answerError(id, new RpcError(RPC_CODES.overLimit, 'Too many calls at once.', { code: 'too_many_calls' }));
      return;
    }
    const running: RunningCall = { controller: new AbortController(), bytes };
    this.#running.set(id, running);
    this.#incomingBytes += bytes;
    this.#run(id, running, { method, params, attachment, signal: running.controller.signal }).catch((error: unknown) =>
      this.#answerError(id, error),
    );
  }

  async #run(id: number, running: RunningCall, call: IncomingCall): Promise<void> {
    try {
      const { result, attachment, body } = await this.#parts.onCall(call);
      if (this.#closed !== undefined) {
        await body?.source[Symbol.asyncIterator]().return?.();
        return;
      }
      this.#write({ jsonrpc: '2.0', id, result }, attachment);
      if (body !== undefined) await this.#pump(id, running, body.source, body.creditBytes);
    } finally {
      if (this.#running.delete(id)) this.#incomingBytes -= running.bytes;
    }
  }

  async #pump(id: number, running: RunningCall, source: AsyncIterable<Uint8Array>, creditBytes: number): Promise<void> {
    running.body = new OutgoingBody({
      creditBytes,
      send: (chunk) => this.notify('$/chunk', { id }, chunk),
      untilRoom: () => this.#untilRoom(),
    });
    if (running.controller.signal.aborted) running.body.cancel();
    try {
      await running.body.pump(source);
      this.notify('$/end', { id });
    } catch (error) {
      const { code = 'body_cut' } = error instanceof RpcError ? error.data : {};
      this.notify('$/end', { id, error: { code, message: this.#describe(error) } });
    }
  }

  #untilRoom(): Promise<void> {
    if (!this.#isFull || this.#closed !== undefined) return Promise.resolve();
    return new Promise((resolve) => void this.#waitingForRoom.push(resolve));
  }

  #answerError(id: number, error: unknown): void {
    if (this.#closed !== undefined) return;
    const { rpcCode, data } =
      error instanceof RpcError ? error : { rpcCode: RPC_CODES.internalError, data: { code: 'internal' } };
    this.#write({
      jsonrpc: '2.0',
      id,
      error: { code: rpcCode, message: this.#describe(error).slice(0, 4096), data },
    });
  }

  #describe(error: unknown): string {
    if (error instanceof RpcError) return error.message;
    return this.#parts.describeError?.(error) ?? 'It failed.';
  }
}

function toRpcError({ error }: RpcFailure): RpcError {
  const { code, message, data = {} } = error;
  return new RpcError(code, message, data);
}

const cancelled = (): RpcError => new RpcError(RPC_CODES.cancelled, 'The call was cancelled.');

const isObject = (value: unknown): value is RpcParams =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && typeof value === 'number' && value > 0;

type TransportNotification = keyof typeof TRANSPORT_NOTIFICATIONS;
const isTransportNotification = (method: string): method is TransportNotification =>
  Object.hasOwn(TRANSPORT_NOTIFICATIONS, method);
