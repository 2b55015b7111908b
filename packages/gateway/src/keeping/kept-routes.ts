import type { AnswerKeeping, KeptResponse, Operation, ResponsesStore } from '@proxycast/spec';
import { InvalidRequestError } from '@proxycast/spec';
import type { Exchange } from '../exchange.ts';
import { type BackgroundAnswers, withStatus } from './background-answers.ts';
import { eventsNotKept, notCancellable, responseExpired, responseNotFound } from './kept-errors.ts';

/** What a client may do with an answer it names. */
export const KEPT_OPERATIONS: ReadonlySet<Operation> = new Set([
  'response-retrieve',
  'response-delete',
  'response-input-items',
  'response-cancel',
]);

/**
 * The record a client names. Throws a ProxyCastError for one that is not there, not the client's, or expired, without a
 * difference between the first two.
 */
export async function findKept(exchange: Exchange, store: ResponsesStore): Promise<KeptResponse> {
  const id = exchange.match.parameter ?? '';
  const record = await store.find(exchange.clientKey.id, id);
  if (record === undefined) throw responseNotFound(id);
  if (record.expiresAt <= exchange.parts.now()) throw responseExpired(id);
  return record;
}

export interface KeptRouteParts {
  readonly keeping: AnswerKeeping;
  readonly store: ResponsesStore;
  readonly background: BackgroundAnswers;
}

/** Answers for a record whose content is kept here. Rejects with a ProxyCastError. */
export async function answerKept(exchange: Exchange, record: KeptResponse, parts: KeptRouteParts): Promise<void> {
  const { keeping, store, background } = parts;
  const { content, recordId } = record;
  if (content === undefined) return;
  const query = new URLSearchParams(exchange.query);
  switch (exchange.match.endpoint.operation) {
    case 'response-delete':
      background.cancel(recordId);
      await store.delete(record);
      sendJson(exchange, JSON.stringify(keeping.renderDeleted(record.id)));
      return;
    case 'response-input-items':
      sendJson(exchange, JSON.stringify(keeping.renderItems(await store.chain(record), keeping.readListQuery(query))));
      return;
    case 'response-cancel': {
      if (!record.isBackground) throw notCancellable();
      const isRunning = record.status === 'queued' || record.status === 'in_progress';
      background.cancel(recordId);
      const cancelled = isRunning ? withStatus(record, keeping, 'cancelled') : record;
      if (isRunning) store.save(cancelled);
      sendJson(exchange, keeping.renderAnswer(cancelled.content ?? content));
      return;
    }
    default:
      if (query.get('stream') === 'true') followEvents(exchange, record, query, background);
      else sendJson(exchange, keeping.renderAnswer(content));
  }
}

export function sendJson({ response, requestId }: Exchange, json: string): void {
  if (response.destroyed || response.writableEnded) return;
  const body = Buffer.from(json);
  response.writeHead(200, [
    'x-request-id',
    requestId,
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    String(body.length),
  ]);
  response.end(body);
}

function followEvents(
  exchange: Exchange,
  record: KeptResponse,
  query: URLSearchParams,
  background: BackgroundAnswers,
): void {
  const startingAfter = query.get('starting_after');
  const after = startingAfter === null ? -1 : Number(startingAfter);
  if (!Number.isInteger(after) || after < -1) {
    throw new InvalidRequestError({
      message: "'starting_after' must be the number of an event.",
      field: 'starting_after',
    });
  }
  if (background.logOf(record.recordId) === undefined) throw eventsNotKept();
  readAlong(exchange, record, background, after);
}

/** The events of an answer in the background, for as long as this client wants them. */
export function readAlong(
  { response, requestId }: Exchange,
  record: KeptResponse,
  background: BackgroundAnswers,
  after: number,
): void {
  const log = background.logOf(record.recordId);
  if (log === undefined || response.destroyed) return;
  response.writeHead(200, [
    'x-request-id',
    requestId,
    'content-type',
    'text/event-stream; charset=utf-8',
    'cache-control',
    'no-cache',
  ]);
  response.on('close', () => log.unfollow(response));
  log.follow(response, after);
}
