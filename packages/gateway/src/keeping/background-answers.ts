import { type AnswerKeeping, type KeptResponse, type KeptStatus, parseProviderId } from '@proxycast/spec';
import { ChunkedBytes, isObject, parseObject, textOf } from '@proxycast/wire';
import { codecOf } from '../conversion/attempt-dialects.ts';
import { Exchange } from '../exchange.ts';
import { patchBody } from '../patch-body.ts';
import type { ClientRequest } from '../stages/read-request.ts';
import { AnswerLog, type AnswerLogEnd } from './answer-log.ts';
import { backgroundFull, keepingIsOff } from './kept-errors.ts';
import type { KeptTurn } from './kept-turn.ts';
import type { RecalledRequest } from './recall.ts';

/** Begins to work on an exchange of which everything is known. */
export type BeginAnswer = (exchange: Exchange, recalled: RecalledRequest) => void;

/** Of answers that are done, whose events somebody may still want to read. */
const MAX_REMEMBERED_LOGS = 50;
const MAX_REMEMBERED_CHARS = 32 * 1024 * 1024;

interface BackgroundRun {
  readonly log: AnswerLog;
  readonly record: KeptResponse;
}

/** Answers that are worked on while their clients are elsewhere. */
export class BackgroundAnswers {
  readonly #running = new Map<string, BackgroundRun>();
  /** The oldest first. */
  readonly #done = new Map<string, AnswerLog>();
  #doneChars = 0;

  /** The events of an answer, as far as they are here. */
  logOf(recordId: string): AnswerLog | undefined {
    const log = this.#running.get(recordId)?.log ?? this.#done.get(recordId);
    return log?.isWhole === true ? log : undefined;
  }

  /** Begins an answer and returns its record at once. Throws InvalidRequestError, and GatewayError when too many run. */
  start(outer: Exchange, turn: KeptTurn, recalled: RecalledRequest, begin: BeginAnswer): BackgroundRun {
    const { keeping } = outer.protocol;
    const { turns, snapshot } = outer;
    if (keeping === undefined || turns === undefined || !snapshot.settings.keepsResponses)
      throw keepingIsOff('background');
    const limit = snapshot.settings.maxBackgroundResponses;
    if (this.#running.size >= limit) throw backgroundFull(limit);
    const record = queuedRecord(outer, keeping, turn, recalled);
    const { recordId } = record;
    let isKept = false;
    const log: AnswerLog = new AnswerLog({
      onStart: () => turns.save(withStatus(record, keeping, 'in_progress')),
      onEnd: (end) => {
        // Cancelled or deleted: it is settled what it is.
        if (!this.#running.delete(recordId)) return;
        if (!isKept) turns.save(withStatus(record, keeping, 'failed', errorIn(end)));
        this.#remember(recordId, log);
      },
    });
    const exchange = new Exchange({
      ...outer,
      query: '',
      outputChoice: undefined,
      response: log,
    });
    exchange.kept = {
      ...turn,
      isHere: true,
      save: (finished) => {
        isKept = true;
        if (this.#running.has(recordId)) turns.save(finished);
      },
    };
    exchange.previousId = outer.previousId;
    turns.save(record);
    const run = { log, record };
    this.#running.set(recordId, run);
    try {
      begin(exchange, { ...recalled, request: withoutBackground(recalled.request, keeping) });
    } catch (cause) {
      exchange.fail(cause);
    }
    return run;
  }

  /** Whether there was something to cancel. */
  cancel(recordId: string): boolean {
    const run = this.#running.get(recordId);
    if (run === undefined) return false;
    this.#running.delete(recordId);
    run.log.destroy();
    return true;
  }

  #remember(recordId: string, log: AnswerLog): void {
    if (!log.isWhole) return;
    this.#done.set(recordId, log);
    this.#doneChars += log.chars;
    for (const [id, oldest] of this.#done) {
      if (this.#done.size <= MAX_REMEMBERED_LOGS && this.#doneChars <= MAX_REMEMBERED_CHARS) return;
      this.#done.delete(id);
      this.#doneChars -= oldest.chars;
    }
  }
}

/** A record in another state; one that is done has no process that works on it. */
export function withStatus(
  record: KeptResponse,
  keeping: AnswerKeeping,
  status: KeptStatus,
  error?: { readonly code: string; readonly message: string },
): KeptResponse {
  const { runner, content, ...rest } = record;
  const isDone = status !== 'queued' && status !== 'in_progress';
  return {
    ...rest,
    status,
    ...(isDone || runner === undefined ? {} : { runner }),
    ...(content === undefined
      ? {}
      : { content: { ...content, response: keeping.changeStatus(content.response, status, error) } }),
  };
}

function queuedRecord(
  exchange: Exchange,
  keeping: AnswerKeeping,
  turn: KeptTurn,
  { request, providers }: RecalledRequest,
): KeptResponse {
  const { parts, clientKey, protocol, snapshot } = exchange;
  const { parent, recordId, id, createdAt } = turn;
  const body: unknown = JSON.parse(request.body.joined().toString('utf8'));
  const decoded = codecOf(protocol).decodeRequest(body, { isStream: request.isStream });
  const [first] = providers;
  const start = keeping.renderStart({
    id,
    request: {
      ...decoded,
      store: true,
      background: true,
      ...(exchange.previousId === undefined ? {} : { previousResponseId: exchange.previousId }),
    },
    status: 'queued',
    nowMs: createdAt,
  });
  return {
    recordId,
    id,
    clientKeyId: clientKey.id,
    ...(parent === undefined ? {} : { parentRecordId: parent.recordId }),
    chainId: parent?.chainId ?? recordId,
    depth: parent === undefined ? 0 : parent.depth + 1,
    createdAt,
    expiresAt: createdAt + snapshot.settings.responsesRetentionMs,
    status: 'queued',
    isBackground: true,
    providerId: first?.provider.id ?? parseProviderId('none'),
    model: first?.model ?? request.model,
    origin: '',
    ...(parts.keeping === undefined ? {} : { runner: parts.keeping.runner }),
    content: { response: JSON.stringify(start), input: turn.input(), output: '' },
  };
}

/** No upstream is told; and it streams, so that whoever reads along sees it grow. */
function withoutBackground(request: ClientRequest, keeping: AnswerKeeping): ClientRequest {
  const body = patchBody(request.body, { remove: [keeping.fields.background], set: { stream: true } });
  return { ...request, body: new ChunkedBytes([body.joined()]), isStream: true };
}

function errorIn({ body }: AnswerLogEnd): { readonly code: string; readonly message: string } {
  const error = parseObject(body)?.['error'];
  const { code, message } = isObject(error) ? error : {};
  return {
    code: textOf(code) ?? 'server_error',
    message: textOf(message) ?? 'ProxyCast ended before the answer was complete. Send the request again.',
  };
}

/** Answers that were not done when this process ended the last time. */
export function failUnfinished(
  records: readonly KeptResponse[],
  keeping: AnswerKeeping,
  save: (record: KeptResponse) => void,
): void {
  for (const record of records) {
    save(
      withStatus(record, keeping, 'failed', {
        code: 'server_error',
        message: 'ProxyCast was restarted before the answer was complete. Send the request again.',
      }),
    );
  }
}
