import type { ClientResponse } from '../client-response.ts';

/** Whoever produces the bytes and can be told to wait. */
export interface Producer {
  pause(): void;
  resume(): void;
}

/**
 * Writes an answer to a client at the client's pace: the producer waits while written bytes are unread, and a client
 * that leaves them unread for too long is disconnected.
 */
export class ClientAnswer {
  readonly #response: ClientResponse;
  readonly #stallTimeoutMs: number;
  #stallTimer: NodeJS.Timeout | undefined;
  #producer: Producer | undefined;

  constructor(response: ClientResponse, stallTimeoutMs: number) {
    this.#response = response;
    this.#stallTimeoutMs = stallTimeoutMs;
  }

  write(bytes: Buffer, producer: Producer): void {
    if (this.#response.write(bytes) || this.#producer !== undefined) return;
    this.#producer = producer;
    producer.pause();
    this.#stallTimer = setTimeout(() => this.#response.destroy(), this.#stallTimeoutMs);
    this.#response.once('drain', this.#onDrain);
  }

  end(bytes?: Buffer | string): void {
    this.release();
    if (bytes === undefined) this.#response.end();
    else this.#response.end(bytes);
  }

  /** Breaks the connection: the only honest end of a body that cannot say that it is incomplete. */
  destroy(): void {
    this.release();
    this.#response.destroy();
  }

  release(): void {
    if (this.#producer === undefined) return;
    clearTimeout(this.#stallTimer);
    this.#response.off('drain', this.#onDrain);
    this.#producer = undefined;
  }

  readonly #onDrain = (): void => {
    const producer = this.#producer;
    this.release();
    producer?.resume();
  };
}
