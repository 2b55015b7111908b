import type { AnswerExcerpt, AnswerFraming } from './answer-excerpt.ts';
import type { ChatRequest } from './chat-request.ts';
import type { JsonObject } from './extensions.ts';
import type { KeptContent, KeptResponse, KeptStatus } from './kept-response.ts';

/** What a request says of answers that are kept. */
export interface KeepingWish {
  /** The answer it goes on from. */
  readonly previousId?: string;
  /** Items of earlier answers that it names instead of sending them. */
  readonly references: readonly string[];
  /** Whether its own answer is to be kept. */
  readonly isKept: boolean;
  /** The client does not wait for the answer. */
  readonly isBackground: boolean;
}

/** Fields of a request's body by what they mean. */
export interface KeepingFields {
  readonly input: string;
  readonly previous: string;
  readonly store: string;
  readonly background: string;
}

/** A page of a list, as its client asked for it. */
export interface ItemListQuery {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The last item of the page before. */
  readonly after?: string;
}

/** An answer that is about to be worked on. */
export interface AnswerStart {
  readonly id: string;
  readonly request: ChatRequest;
  readonly status: KeptStatus;
  readonly nowMs: number;
}

/** How a dialect speaks of answers that are kept for its clients. Pure functions over JSON text. */
export interface AnswerKeeping {
  readonly fields: KeepingFields;
  /** A body without any of these texts asks for nothing that is kept: a large one need not be looked through. */
  readonly tellingWords: readonly string[];
  /** A body with one of these texts does not want its answer kept. */
  readonly refusingWords: readonly string[];
  /** `body`: the outermost object, or the fields of `fields` out of it. Throws InvalidRequestError. */
  readWish(body: JsonObject): KeepingWish;
  /** Throws InvalidRequestError for a request that asks for its answer in the background, but not to have it kept. */
  checkBackground(wish: KeepingWish): void;
  newId(unique: string): string;
  /** The items of a request's input, as JSON text joined by commas. `input`: the JSON text of the field. */
  itemsOfInput(input: string): string;
  /** The input's items with those of earlier answers in the place of what names them. */
  resolveReferences(items: string, find: (itemId: string) => string | undefined): string;
  /** The id of the answer an item was made for, where the id says so. */
  answerOfItem(itemId: string): string | undefined;
  /** Ids of items that their service gave them: those do not say which answer they are of. */
  serviceItemIds(content: KeptContent): readonly string[];
  /** One item of an answer by its id, as it stands in a later request. */
  findItem(content: KeptContent, itemId: string, origin: string): string | undefined;
  /** A turn as it stands before a later one: its input and its answer, without ids and with signatures bound to `origin`. */
  replay(content: KeptContent, origin: string): string;
  /** The object an answer begins with, without its items. */
  renderStart(start: AnswerStart): JsonObject;
  /** A kept answer's object with another status, and why. */
  changeStatus(
    response: string,
    status: KeptStatus,
    error?: { readonly code: string; readonly message: string },
  ): string;
  renderAnswer(content: KeptContent): string;
  renderDeleted(id: string): JsonObject;
  /** Throws InvalidRequestError for a query that is none. */
  readListQuery(query: URLSearchParams): ItemListQuery;
  /** The items that an answer was made from: those of its chain, the oldest first, its own input last. */
  renderItems(chain: readonly KeptResponse[], query: ItemListQuery): JsonObject;
  /** What passes has one of these in it at its end: a look at all of it is worth while. */
  readonly finalWords: readonly string[];
  /** An answer that passed, all of it, with its id; `undefined` when it is none. */
  readFinished(text: string, framing: AnswerFraming): (FinishedAnswer & { readonly id: string }) | undefined;
  /** The id of an answer that passed, and whether its service keeps it; `undefined` when it does not show. */
  readPassed(excerpt: AnswerExcerpt): { readonly id: string; readonly isKept: boolean } | undefined;
}

/** An answer as it was at its end. */
export interface FinishedAnswer {
  /** The answer's object without its items, as JSON text. */
  readonly response: string;
  readonly status: KeptStatus;
  /** Each as JSON text. */
  readonly items: readonly string[];
}
