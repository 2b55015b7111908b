import type { IncomingHttpHeaders } from 'node:http';
import {
  type ClientKey,
  type CredentialId,
  GatewayError,
  type Protocol,
  ProxyCastError,
  type RequestId,
  type ResponsesStore,
} from '@proxycast/spec';
import type { ClientResponse } from './client-response.ts';
import type { FindProtocol, OutputChoice } from './conversion/attempt-dialects.ts';
import type { GatewayParts, GatewaySnapshot } from './gateway-parts.ts';
import type { ItemIndex } from './keeping/item-index.ts';
import type { KeptTurn } from './keeping/kept-turn.ts';
import type { EndpointMatch } from './match-endpoint.ts';
import { respondError } from './respond-error.ts';

/** What is under way for a client and has to end when the client leaves or the process stops. */
export interface Running {
  /** The client is gone: give up at once. */
  abandon(): void;
  /** End now with this error, in the dialect's way for the point that was reached. */
  endEarly(error: ProxyCastError): void;
  /** Called now and then: ends what has waited too long. */
  checkIdle?(nowMs: number): void;
}

export interface ExchangeInput {
  readonly parts: GatewayParts;
  readonly snapshot: GatewaySnapshot;
  readonly request: { readonly headers: IncomingHttpHeaders };
  readonly response: ClientResponse;
  readonly match: EndpointMatch;
  readonly requestId: RequestId;
  readonly clientKey: ClientKey;
  /** The client's query without its key; with `?`, or empty. */
  readonly query: string;
  /** Another output dialect than the client's own, as it asked for. */
  readonly outputChoice: OutputChoice | undefined;
  readonly findProtocol: FindProtocol;
  /** Where earlier answers are found and this one is kept; absent where nothing is. */
  readonly turns?: ResponsesStore | undefined;
  readonly itemIndex?: ItemIndex | undefined;
  /** One of many requests of a socket, which goes on from what was said on it. */
  readonly isSocket?: boolean;
  /** Nothing is to be said yet: only what the next request goes on from is noted. */
  readonly isWarmUp?: boolean;
}

/** One client request from its authentication to the last byte of its answer. */
export class Exchange {
  readonly parts: GatewayParts;
  readonly snapshot: GatewaySnapshot;
  readonly request: { readonly headers: IncomingHttpHeaders };
  readonly response: ClientResponse;
  readonly match: EndpointMatch;
  readonly requestId: RequestId;
  readonly clientKey: ClientKey;
  readonly query: string;
  outputChoice: OutputChoice | undefined;
  readonly findProtocol: FindProtocol;
  readonly turns: ResponsesStore | undefined;
  readonly itemIndex: ItemIndex | undefined;
  readonly isSocket: boolean;
  readonly isWarmUp: boolean;
  /** How this answer is kept; absent where it is not. */
  kept: KeptTurn | undefined;
  /** The answer that was put in front of the request, which no upstream is told of. */
  previousId: string | undefined;
  /** Once the client has its answer. */
  onAnswered: (() => void) | undefined;
  /** The only account that can go on from what the request names. */
  pinnedCredential: CredentialId | undefined;
  /** What answers and errors are written in. */
  outputProtocol: Protocol;
  /** When the whole request had arrived; what ProxyCast adds is counted from here. */
  bodyReadMs: number;
  running: Running | undefined;
  isClientGone = false;
  /** Where `RunningExchanges` keeps it; -1 when it does not. */
  runningPlace = -1;

  constructor(input: ExchangeInput) {
    this.parts = input.parts;
    this.snapshot = input.snapshot;
    this.request = input.request;
    this.response = input.response;
    this.match = input.match;
    this.requestId = input.requestId;
    this.clientKey = input.clientKey;
    this.query = input.query;
    this.outputChoice = input.outputChoice;
    this.findProtocol = input.findProtocol;
    this.turns = input.turns;
    this.itemIndex = input.itemIndex;
    this.isSocket = input.isSocket === true;
    this.isWarmUp = input.isWarmUp === true;
    this.kept = undefined;
    this.previousId = undefined;
    this.pinnedCredential = undefined;
    this.onAnswered = undefined;
    this.outputProtocol = input.outputChoice?.type === 'named' ? input.outputChoice.protocol : input.match.protocol;
    this.bodyReadMs = input.parts.monotonicMs();
  }

  /** The route's wish; the client's own goes before it. */
  chooseOutput(choice: OutputChoice | undefined): void {
    this.outputChoice = choice;
    if (choice?.type === 'named') this.outputProtocol = choice.protocol;
  }

  get protocol(): Protocol {
    return this.match.protocol;
  }

  /** Ends the exchange with an error before anything was sent; anything unexpected becomes a private error. */
  fail(cause: unknown, headers: readonly string[] = []): void {
    const error = asProxyCastError(cause);
    if (error.fault === 'gateway') {
      this.parts.log.error(
        { requestId: this.requestId, code: error.code, err: error.cause ?? error },
        'request failed',
      );
    }
    respondError(this.response, this.outputProtocol, error, this.requestId, headers);
  }

  clientLeft(): void {
    this.isClientGone = true;
    this.running?.abandon();
  }

  endEarly(error: ProxyCastError): void {
    if (this.running === undefined) this.fail(error);
    else this.running.endEarly(error);
  }
}

/** Anything unexpected becomes a private error. */
export function asProxyCastError(cause: unknown): ProxyCastError {
  if (cause instanceof ProxyCastError) return cause;
  return new GatewayError({
    code: 'internal_error',
    kind: 'internal',
    isPublic: false,
    message: 'An unexpected error inside ProxyCast.',
    cause,
  });
}
