import type { PlannedProvider } from '@proxycast/routing';
import type { AnswerKeeping, KeepingWish, KeptResponse, ResponsesStore } from '@proxycast/spec';
import type { Exchange } from '../exchange.ts';
import type { ClientRequest } from '../stages/read-request.ts';
import { keepingIsOff, previousElsewhere, previousExpired, previousNotDone, previousNotFound } from './kept-errors.ts';
import type { KeptTurn } from './kept-turn.ts';
import { readFieldText, spliceInput } from './splice-input.ts';

/** A request with everything it names in it, and the providers that can answer it. */
export interface RecalledRequest {
  readonly request: ClientRequest;
  readonly providers: readonly PlannedProvider[];
}

/** How a turn stands before a later one; a conversation asks for it at each of its turns. */
const replays = new WeakMap<KeptResponse, string>();

/** Items that a request may name by their ids. */
const MAX_REFERENCES = 1_000;

/**
 * Puts what the request goes on from in front of its input, or leaves it to the service that keeps it, and notes on the
 * exchange how its answer is to be kept. Throws or rejects with InvalidRequestError.
 */
export function recall(
  exchange: Exchange,
  request: ClientRequest,
  providers: readonly PlannedProvider[],
): RecalledRequest | Promise<RecalledRequest> {
  const { keeping } = exchange.protocol;
  const store = exchange.turns;
  if (keeping === undefined || store === undefined) return { request, providers };
  const { wish } = request;
  if (wish?.isBackground === true) keeping.checkBackground(wish);
  if (wish !== undefined && (wish.previousId !== undefined || wish.references.length > 0)) {
    return new Recall(exchange, keeping, store, wish).run(request, providers);
  }
  if (wish?.isKept !== false || exchange.isSocket) {
    exchange.kept = keptTurnOf(exchange, keeping, {
      wish,
      isHere: exchange.isSocket,
      input: () => keeping.itemsOfInput(readFieldText(request.body, keeping.fields.input)),
    });
  }
  return { request, providers };
}

class Recall {
  readonly #exchange: Exchange;
  readonly #keeping: AnswerKeeping;
  readonly #store: ResponsesStore;
  readonly #wish: KeepingWish;

  constructor(exchange: Exchange, keeping: AnswerKeeping, store: ResponsesStore, wish: KeepingWish) {
    this.#exchange = exchange;
    this.#keeping = keeping;
    this.#store = store;
    this.#wish = wish;
  }

  async run(request: ClientRequest, providers: readonly PlannedProvider[]): Promise<RecalledRequest> {
    const { previousId } = this.#wish;
    const previous = previousId === undefined ? undefined : await this.#find(previousId);
    return previous !== undefined && previous.content === undefined
      ? this.#leaveToService(previous, request, providers)
      : this.#replay(previous, request, providers);
  }

  async #find(id: string): Promise<KeptResponse> {
    const { clientKey, parts } = this.#exchange;
    const field = this.#keeping.fields.previous;
    const found = await this.#store.find(clientKey.id, id);
    const { keepsResponses } = this.#exchange.snapshot.settings;
    if (!keepsResponses && !this.#exchange.isSocket && found?.content !== undefined) throw keepingIsOff(field);
    if (found === undefined) {
      throw keepsResponses || this.#exchange.isSocket ? previousNotFound(id, field) : keepingIsOff(field);
    }
    if (found.expiresAt <= parts.now()) throw previousExpired(id, field);
    if (found.content !== undefined && found.status !== 'completed' && found.status !== 'incomplete') {
      throw previousNotDone(id, found.status, field);
    }
    return found;
  }

  /** Only who keeps the answer can go on from it, and only under the same account. */
  #leaveToService(
    previous: KeptResponse,
    request: ClientRequest,
    providers: readonly PlannedProvider[],
  ): RecalledRequest {
    const exchange = this.#exchange;
    const own = providers.filter(
      ({ provider, protocol }) =>
        provider.id === previous.providerId && exchange.findProtocol(protocol)?.base === exchange.protocol.base,
    );
    if (own.length === 0) throw previousElsewhere(previous.id, previous.providerId, this.#keeping.fields.previous);
    exchange.pinnedCredential = previous.credentialId;
    if (this.#wish.isKept || exchange.isSocket) {
      exchange.kept = keptTurnOf(exchange, this.#keeping, {
        wish: this.#wish,
        parent: previous,
        isHere: false,
        input: () => '',
      });
    }
    return { request, providers: own };
  }

  async #replay(
    previous: KeptResponse | undefined,
    request: ClientRequest,
    providers: readonly PlannedProvider[],
  ): Promise<RecalledRequest> {
    const exchange = this.#exchange;
    const keeping = this.#keeping;
    const sent = keeping.itemsOfInput(readFieldText(request.body, keeping.fields.input));
    const input = await this.#resolve(sent);
    const isHere = previous !== undefined || input !== sent || exchange.isSocket;
    exchange.previousId = previous?.id;
    if (this.#wish.isKept || exchange.isSocket) {
      exchange.kept = keptTurnOf(exchange, keeping, {
        wish: this.#wish,
        ...(previous === undefined ? {} : { parent: previous }),
        isHere,
        input: () => input,
      });
    }
    if (previous === undefined && input === sent) return { request, providers };
    const chain = previous === undefined ? [] : await this.#store.chain(previous);
    const elsewhere = chain.find(({ content }) => content === undefined);
    if (elsewhere !== undefined) throw previousElsewhere(elsewhere.id, elsewhere.providerId, keeping.fields.previous);
    const body = spliceInput(request.body, {
      field: keeping.fields.input,
      items: [...chain.map((turn) => replayOf(keeping, turn)), input],
      remove: [keeping.fields.previous],
    });
    return { request: { ...request, body }, providers };
  }

  /** Items of answers that are kept here; those of services stay for them to find. */
  async #resolve(items: string): Promise<string> {
    const { clientKey } = this.#exchange;
    const found = new Map<string, string>();
    for (const itemId of this.#wish.references.slice(0, MAX_REFERENCES)) {
      const id = this.#keeping.answerOfItem(itemId) ?? this.#exchange.itemIndex?.find(clientKey.id, itemId);
      const record = id === undefined ? undefined : await this.#store.find(clientKey.id, id);
      const item =
        record?.content === undefined ? undefined : this.#keeping.findItem(record.content, itemId, record.origin);
      if (item !== undefined) found.set(itemId, item);
    }
    return found.size === 0 ? items : this.#keeping.resolveReferences(items, (itemId) => found.get(itemId));
  }
}

export function replayOf(keeping: AnswerKeeping, turn: KeptResponse): string {
  if (turn.content === undefined) return '';
  let replay = replays.get(turn);
  if (replay === undefined) {
    replay = keeping.replay(turn.content, turn.origin);
    replays.set(turn, replay);
  }
  return replay;
}

export function keptTurnOf(
  exchange: Exchange,
  keeping: AnswerKeeping,
  turn: {
    readonly wish: KeepingWish | undefined;
    readonly parent?: KeptResponse;
    readonly isHere: boolean;
    readonly input: () => string;
  },
): KeptTurn {
  const { wish, parent, isHere, input } = turn;
  const recordId = exchange.parts.keeping?.newId() ?? exchange.requestId;
  return {
    recordId,
    id: keeping.newId(recordId),
    ...(parent === undefined ? {} : { parent }),
    isHere,
    isBackground: wish?.isBackground === true,
    isSure: wish !== undefined,
    isAsked: wish?.isKept !== false,
    createdAt: exchange.parts.now(),
    input,
    save: (record) => {
      exchange.turns?.save(record);
      // Only who speaks the dialect itself names items in it.
      if (record.content === undefined || !record.origin.startsWith(`${exchange.protocol.base}:`)) return;
      exchange.itemIndex?.note(record.clientKeyId, keeping.serviceItemIds(record.content), record.id);
    },
  };
}
