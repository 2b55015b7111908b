import { mergeUsage } from '@proxycast/conversion';
import {
  type EncodeAnswerContext,
  type JsonObject,
  type ProxyCastError,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  UpstreamError,
} from '@proxycast/spec';
import { countOf, isObject, textOf } from '@proxycast/wire';
import { AnswerItems } from './answer/answer-items.ts';
import { keepingFieldsOf } from './answer/echoed-fields.ts';
import { encodeResponseEnd, encodeResponseFailure, encodeResponseStart } from './answer/encode-response.ts';
import { FrameWriter } from './answer/frame-writer.ts';
import { keptStatusOf } from './answer/kept-status-of.ts';
import { isCut } from './answer/map-stop-reason.ts';
import { responseRestOf } from './answer/response-rest.ts';
import { responseIdOf } from './item/item-id.ts';
import { DIALECT } from './own-fields.ts';
import { errorCodeOf, errorFieldOf, errorMessageOf } from './render-error.ts';

export function createStreamEncoder(context: EncodeAnswerContext): StreamEncoder {
  return new ResponsesEncoder(context);
}

type MessageEnd = Extract<StreamEvent, { readonly type: 'message-end' }>;

/**
 * Neutral events → the events of the API: every item is added, filled and done, and the final event, which waits for
 * `end()` because usage may come late, repeats them all. Of several choices the first is written.
 */
class ResponsesEncoder implements StreamEncoder {
  readonly #context: EncodeAnswerContext;
  readonly #frames = new FrameWriter();
  readonly #items = new AnswerItems(this.#frames);
  /** The response before its items; `undefined` until the message has started. */
  #response: JsonObject | undefined;
  /** The upstream speaks this dialect, and its first events are passed on. */
  #isOwn = false;
  #usage: TokenUsage | undefined;
  #end: MessageEnd | undefined;
  #hasEnded = false;

  /** What the answer says of being kept, where it is. */
  readonly #keeping: JsonObject | undefined;

  constructor(context: EncodeAnswerContext) {
    this.#context = context;
    this.#keeping = context.kept === undefined ? undefined : keepingFieldsOf(context.request);
  }

  push(events: readonly StreamEvent[]): string {
    if (this.#hasEnded) return '';
    this.#items.isFailing = events[events.length - 1]?.type === 'error';
    for (let index = 0; index < events.length; index++) {
      const event = events[index];
      if (event !== undefined) this.#encode(event, events[index + 1]);
    }
    return this.#frames.take();
  }

  end(): string {
    if (this.#hasEnded) return '';
    if (this.#end === undefined) {
      this.#items.isFailing = true;
      this.#fail(
        new UpstreamError({ code: 'upstream_cut', message: 'The answer ended before it was complete. Try again.' }),
      );
    } else this.#finish(this.#end);
    return this.#frames.take();
  }

  #encode(event: StreamEvent, next: StreamEvent | undefined): void {
    switch (event.type) {
      case 'text-delta':
      case 'thinking-delta':
      case 'tool-input-delta':
        this.#items.apply(event);
        return;
      case 'message-start':
        this.#start(event, next);
        return;
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return;
      case 'message-end':
        if ((event.choice ?? 0) !== 0) return;
        this.#end = event;
        this.#items.close(isCut(event.reason));
        return;
      case 'error':
        this.#fail(event.error);
        return;
      case 'ping':
        this.#frames.comment();
        return;
      case 'extension':
        if (event.protocol === DIALECT) this.#pass(event.value);
        return;
      default:
        if ('choice' in event && event.choice !== undefined && event.choice !== 0) return;
        this.#items.apply(event);
    }
  }

  #start(event: Extract<StreamEvent, { readonly type: 'message-start' }>, next: StreamEvent | undefined): void {
    const { request, nowMs, kept } = this.#context;
    const own = createdBy(next);
    const id = kept?.id ?? textOf(own?.['id']) ?? responseIdOf(event.id);
    this.#isOwn = own !== undefined;
    this.#items.responseId = id;
    const createdAtSeconds = event.createdAtSeconds ?? Math.floor(nowMs / 1000);
    this.#response =
      own === undefined
        ? encodeResponseStart({ id, model: event.model, createdAtSeconds, request })
        : { ...own, id, model: event.model, ...this.#keeping };
    // Of this dialect the events themselves follow.
    if (this.#isOwn) return;
    const json = JSON.stringify(this.#response);
    this.#frames.response('response.created', json);
    this.#frames.response('response.in_progress', json);
  }

  /** An event of this dialect that no block says, with the names this answer has. */
  #pass(value: JsonObject): void {
    const { type, response, item } = value;
    if (isObject(response)) {
      const { id, model } = this.#response ?? {};
      if (this.#isOwn)
        this.#frames.own({ ...value, response: { ...response, id, model, ...this.#keeping } }, undefined);
      return;
    }
    const source = countOf(value['output_index']);
    if (source === undefined) {
      this.#frames.own(value, undefined);
      return;
    }
    if (type === 'response.output_item.added' && isObject(item)) {
      this.#items.addSource(source, item);
      return;
    }
    // A client that is told of an item it does not have gives up.
    const known = this.#items.bySource(source);
    if (known !== undefined && !known.isDone) this.#frames.own(value, known.outputIndex);
  }

  #finish({ reason, extensions }: MessageEnd): void {
    this.#hasEnded = true;
    const response = encodeResponseEnd(this.#response ?? this.#emptyResponse(), {
      reason,
      hasRefusal: this.#items.hasRefusal,
      usage: this.#usage,
      nowMs: this.#context.nowMs,
      own: responseRestOf(extensions),
      keeping: this.#keeping,
    });
    const type = response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed';
    this.#writeFinal(type, response);
  }

  #writeFinal(type: string, response: JsonObject): void {
    const json = this.#frames.finalResponse(type, response);
    this.#context.kept?.finished({
      response: json,
      status: keptStatusOf(response['status']),
      items: this.#frames.doneItems,
    });
  }

  /** Never what looks complete. A response that had begun fails, so that clients which keep it by its id see it. */
  #fail(error: ProxyCastError): void {
    this.#items.isFailing = true;
    this.#items.close(true);
    this.#hasEnded = true;
    const failure = { code: errorCodeOf(error), message: errorMessageOf(error) };
    if (this.#response === undefined) {
      this.#frames.error({ ...failure, param: errorFieldOf(error) });
      return;
    }
    this.#writeFinal('response.failed', encodeResponseFailure(this.#response, failure, this.#usage));
  }

  #emptyResponse(): JsonObject {
    const { request, nowMs, kept } = this.#context;
    const createdAtSeconds = Math.floor(nowMs / 1000);
    return encodeResponseStart({ id: kept?.id ?? responseIdOf(''), model: request.model, createdAtSeconds, request });
  }
}

/** The response of the event that begins a stream of this dialect, when that is what follows. */
function createdBy(event: StreamEvent | undefined): JsonObject | undefined {
  if (event?.type !== 'extension' || event.protocol !== DIALECT) return undefined;
  const { type, response } = event.value;
  return type === 'response.created' && isObject(response) ? response : undefined;
}
