import type { AttemptContext, RequestId } from '@proxycast/spec';
import { isOwnDialect, type Outgoing, ownBody } from './outgoing.ts';
import { sessionIdOf } from './session-id-of.ts';

/** What a plugin may ask of an attempt; nothing is worked out before it is asked for. */
export class OutgoingContext implements AttemptContext {
  readonly attemptNumber: number;
  readonly #outgoing: Outgoing;

  constructor(outgoing: Outgoing, attemptNumber: number) {
    this.#outgoing = outgoing;
    this.attemptNumber = attemptNumber;
  }

  get requestId(): RequestId {
    return this.#outgoing.exchange.requestId;
  }

  sessionId(): string {
    const { exchange, request } = this.#outgoing;
    return sessionIdOf(exchange, request.body);
  }

  clientHeaders(): readonly (readonly [string, string])[] {
    if (!isOwnDialect(this.#outgoing)) return [];
    const { exchange } = this.#outgoing;
    return exchange.protocol.forwardedRequestHeaders.flatMap((name): readonly (readonly [string, string])[] => {
      const value = exchange.request.headers[name];
      return value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]];
    });
  }

  body(): Uint8Array {
    return ownBody(this.#outgoing).joined();
  }
}
