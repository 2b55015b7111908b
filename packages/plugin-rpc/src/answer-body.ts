import { RPC_CODES } from '@proxycast/spec/plugin';
import { RpcError } from './rpc-error.ts';

/** Bytes that follow an answer as `$/chunk`s, read at leisure: what is read gives credit for more. Read it once. */
export interface AnswerBody extends AsyncIterable<Uint8Array> {
  /** All of it. Throws RpcError `overLimit` beyond `maxBytes`, after giving up the rest. */
  readAll(maxBytes: number): Promise<Uint8Array>;
  /** No more is wanted. */
  cancel(): void;
}

interface BodyParts {
  readonly giveCredit: (bytes: number) => void;
  readonly cancel: () => void;
}

/** The reader's half of a body under credit. */
export class IncomingBody implements AnswerBody {
  readonly #parts: BodyParts;
  readonly #chunks: Uint8Array[] = [];
  #credit: number;
  #state: { readonly type: 'open' | 'ended' } | { readonly type: 'failed'; readonly error: RpcError } = {
    type: 'open',
  };
  #wake: (() => void) | undefined;

  constructor(creditBytes: number, parts: BodyParts) {
    this.#credit = creditBytes;
    this.#parts = parts;
  }

  /** Answers false for bytes there was no credit for. */
  push(chunk: Uint8Array): boolean {
    if (this.#state.type !== 'open') return true;
    if (chunk.byteLength > this.#credit) return false;
    this.#credit -= chunk.byteLength;
    // A copy: the frame it came in may be far larger.
    this.#chunks.push(Uint8Array.from(chunk));
    this.#rouse();
    return true;
  }

  end(error?: RpcError): void {
    if (this.#state.type !== 'open') return;
    this.#state = error === undefined ? { type: 'ended' } : { type: 'failed', error };
    this.#rouse();
  }

  cancel(): void {
    if (this.#state.type !== 'open') return;
    this.#parts.cancel();
    this.end(new RpcError(RPC_CODES.cancelled, 'The body was given up.'));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          if (this.#state.type === 'open') {
            this.#credit += chunk.byteLength;
            this.#parts.giveCredit(chunk.byteLength);
          }
          yield chunk;
          continue;
        }
        if (this.#state.type === 'ended') return;
        if (this.#state.type === 'failed') throw this.#state.error;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.cancel();
    }
  }

  async readAll(maxBytes: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of this) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new RpcError(RPC_CODES.overLimit, `The body is larger than ${maxBytes} bytes.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** Largest chunk: others wait behind it on the pipe. */
const MAX_CHUNK_BYTES = 256 * 1024;

/** The writer's half: waits for credit, and for room on the pipe. */
export class OutgoingBody {
  readonly #send: (chunk: Uint8Array) => void;
  readonly #untilRoom: () => Promise<void>;
  #credit: number;
  #isCancelled = false;
  #wake: (() => void) | undefined;

  constructor(parts: {
    readonly creditBytes: number;
    readonly send: (chunk: Uint8Array) => void;
    readonly untilRoom: () => Promise<void>;
  }) {
    this.#credit = parts.creditBytes;
    this.#send = parts.send;
    this.#untilRoom = parts.untilRoom;
  }

  addCredit(bytes: number): void {
    this.#credit = Math.min(this.#credit + bytes, Number.MAX_SAFE_INTEGER);
    this.#rouse();
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#rouse();
  }

  /** Ends early when it is cancelled. Throws what the source throws. */
  async pump(source: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.byteLength; ) {
        while (this.#credit === 0 && !this.#isCancelled) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#isCancelled) return;
        const bytes = Math.min(this.#credit, MAX_CHUNK_BYTES, chunk.byteLength - at);
        this.#credit -= bytes;
        this.#send(chunk.subarray(at, at + bytes));
        at += bytes;
        await this.#untilRoom();
      }
      if (this.#isCancelled) return;
    }
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
