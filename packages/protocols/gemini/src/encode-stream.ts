import { mergeUsage } from '@proxycast/conversion';
import type { EncodeAnswerContext, JsonObject, StreamEncoder, StreamEvent, TokenUsage } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { AnswerPartEncoder } from './encode-answer-part.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeStopReason } from './map-stop-reason.ts';
import { renderStreamError } from './render-error.ts';
import { showsThinking } from './shows-thinking.ts';

export const createStreamEncoder = (
  context: EncodeAnswerContext & { readonly framing: 'sse' | 'json-array' },
): StreamEncoder => new AnswerStreamEncoder(context);

type EndEvent = Extract<StreamEvent, { readonly type: 'message-end' }>;

/**
 * Writes chunks as the API does: each a whole response whose parts are the new pieces, the last with the reason to stop
 * on an empty text. That one waits for `end()`, because usage may come late. A message that never ended gets none, and
 * its array stays open for the error that follows.
 */
class AnswerStreamEncoder implements StreamEncoder {
  readonly #framing: 'sse' | 'json-array';
  readonly #parts: AnswerPartEncoder;
  #id = '';
  #model: string;
  #usage: TokenUsage | undefined;
  /** What a service of this dialect says of its answer in every chunk. */
  #fields: JsonObject = {};
  #promptFeedback: unknown;
  readonly #ends: EndEvent[] = [];
  #hasBegun = false;
  #hasParts = false;
  #hasFailed = false;
  /** What follows the candidates of a chunk; made again when usage has come. */
  #tail: string | undefined;

  constructor({ framing, request }: EncodeAnswerContext & { readonly framing: 'sse' | 'json-array' }) {
    this.#framing = framing;
    this.#model = request.model;
    this.#parts = new AnswerPartEncoder({ showsThinking: showsThinking(request) });
  }

  push(events: readonly StreamEvent[]): string {
    let text = '';
    for (const event of events) {
      if (this.#hasFailed) break;
      text += this.#encode(event);
    }
    return text;
  }

  end(): string {
    if (this.#hasFailed || this.#ends.length === 0) return '';
    let text = '';
    for (const end of this.#ends) text += this.#finish(end);
    return this.#framing === 'sse' ? text : `${text}]`;
  }

  #encode(event: StreamEvent): string {
    switch (event.type) {
      case 'message-start': {
        const { promptFeedback, ...fields }: JsonObject = event.extensions?.[GEMINI] ?? {};
        this.#id = event.id;
        this.#model = event.model;
        this.#fields = fields;
        this.#promptFeedback = promptFeedback;
        this.#tail = undefined;
        return '';
      }
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        this.#tail = undefined;
        return '';
      case 'message-end':
        this.#ends.push(event);
        return '';
      case 'error':
        this.#hasFailed = true;
        return this.#fail(event);
      case 'ping':
      case 'extension':
        return '';
      case 'text-delta':
        if (event.logprobs === undefined && this.#parts.takesPlainText(event.text)) {
          return this.#chunk(`{"text":${JSON.stringify(event.text)}}`);
        }
        break;
      default:
    }
    const part = this.#parts.encode(event);
    return part === undefined ? '' : this.#chunk(JSON.stringify(part));
  }

  #chunk(part: string): string {
    this.#hasParts = true;
    return this.#write(
      `"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":${this.#parts.choice}}],`,
      this.#chunkTail(),
    );
  }

  #write(candidates: string, tail: string): string {
    if (this.#framing === 'sse') return `data: {${candidates}${tail}}\r\n\r\n`;
    const separator = this.#hasBegun ? ',\r\n' : '[';
    this.#hasBegun = true;
    return `${separator}{${candidates}${tail}}`;
  }

  /** The fields behind the candidates, without the object's braces. */
  #chunkTail(more?: JsonObject): string {
    if (more === undefined && this.#tail !== undefined) return this.#tail;
    const tail = JSON.stringify({
      ...(this.#usage === undefined ? {} : { usageMetadata: encodeUsage(this.#usage) }),
      modelVersion: this.#model,
      ...this.#fields,
      ...more,
      responseId: this.#id,
    }).slice(1, -1);
    if (more === undefined) this.#tail = tail;
    return tail;
  }

  #finish(end: EndEvent): string {
    const { choice: index = 0, reason, upstreamReason, extensions } = end;
    const responseFields = extensions?.[GEMINI]?.responseFields;
    const later: JsonObject = {
      ...(this.#promptFeedback === undefined ? {} : { promptFeedback: this.#promptFeedback }),
      ...(isObject(responseFields) ? responseFields : {}),
    };
    const tail = this.#chunkTail(later);
    // A prompt that was not answered has no answers, not even empty ones.
    if (reason === 'refusal' && !this.#hasParts && 'promptFeedback' in later) return this.#write('', tail);
    const candidate = {
      content: { parts: [{ text: '' }], role: 'model' },
      finishReason: encodeStopReason(reason, upstreamReason),
      ...this.#parts.fieldsOf(end),
      index,
    };
    return this.#write(`"candidates":[${JSON.stringify(candidate)}],`, tail);
  }

  #fail({ error }: Extract<StreamEvent, { readonly type: 'error' }>): string {
    const head = this.#hasBegun ? '[' : '';
    return renderStreamError(error, { framing: this.#framing, head, tail: head, isWhole: true });
  }
}
