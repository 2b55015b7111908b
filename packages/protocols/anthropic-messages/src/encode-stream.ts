import { mergeUsage, tagSignature, UNSIGNED } from '@proxycast/conversion';
import {
  type BlockId,
  type ChatChoice,
  type Citation,
  type EncodeAnswerContext,
  type Extensions,
  type JsonObject,
  type Signature,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  UpstreamError,
  unreachable,
} from '@proxycast/spec';
import {
  carrierContent,
  frontCarrierContent,
  hasServerForm,
  isOwnServerBlock,
  redactedContent,
  SEPARATOR,
  serverCallContent,
  serverInputOf,
  serverResultContent,
  signedContent,
  thinkingContent,
  toolUseContent,
} from './answer-content.ts';
import { isBesideDelta } from './answer-fields.ts';
import { DIALECT, ownFields } from './dialect.ts';
import { encodeEnd } from './encode-answer.ts';
import { encodeCitation } from './encode-citation.ts';
import { encodeUsage } from './encode-usage.ts';
import { messageId } from './message-id.ts';
import { renderStreamError } from './render-error.ts';
import { sseFrame } from './sse-frame.ts';

/**
 * Writes the events the API sends, in its order. The last two wait for `end()`: they carry the final usage, which may
 * come after the reason to stop. Blocks must not overlap.
 */
export function createStreamEncoder(context: EncodeAnswerContext): StreamEncoder {
  return new MessageEncoder(context);
}

const PING = sseFrame('ping', {});
const DELTA_END = '}}\n\n';
const NO_INPUT: JsonObject = {};
const NO_TEXT: JsonObject = { type: 'text', text: '' };

type BlockKind = 'none' | 'text' | 'thinking' | 'call' | 'server-call' | 'foreign-tool' | 'whole';

/** `undecided`: nothing has come yet. `json`: the pieces are written as they are. `text`: they are put into a JSON string. */
type InputForm = 'undecided' | 'json' | 'text';

class MessageEncoder implements StreamEncoder {
  readonly #context: EncodeAnswerContext;
  #usage: TokenUsage = {};
  #end: Omit<ChatChoice, 'blocks'> | undefined;
  #hasStarted = false;
  #hasPinged = false;
  #hasRefused = false;
  #isOver = false;
  /** The index of the next content block that is written. */
  #nextIndex = 0;

  /** The block whose pieces come now. */
  #block: BlockId = -1;
  #kind: BlockKind = 'none';
  /** Its start has been written: blocks that turn out to be empty have none. */
  #isWritten = false;
  /** What its deltas begin with, up to their text. */
  #delta = '';
  #extensions: Extensions | undefined;
  #signature: Signature | undefined;
  #part = 0;
  #inputForm: InputForm = 'undecided';
  /** The call of another service's tool, and its input so far. */
  #foreign: Extract<StreamEvent, { readonly type: 'server-tool-start' }> | undefined;
  #foreignInput = '';
  /** The signature of the text that has just ended. It is written when something follows: see `restoreSignatures`. */
  #trailing: Signature | undefined;

  constructor(context: EncodeAnswerContext) {
    this.#context = context;
  }

  push(events: readonly StreamEvent[]): string {
    if (this.#isOver) return '';
    // Clients show the size of the context from the first event, so usage that is already known goes into it.
    if (!this.#hasStarted) {
      for (const event of events) if (event.type === 'usage') this.#usage = mergeUsage(this.#usage, event.usage);
    }
    let text = '';
    for (const event of events) {
      text += this.#encode(event);
      if (this.#isOver) break;
    }
    return text;
  }

  end(): string {
    if (this.#isOver) return '';
    if (this.#end === undefined) return this.#fail(cutError());
    let text = this.#endBlock();
    this.#isOver = true;
    const delta: Record<string, unknown> = {};
    const beside: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(encodeEnd(this.#end, this.#hasRefused))) {
      (isBesideDelta(name) ? beside : delta)[name] = value;
    }
    const usage = encodeUsage(this.#usage, this.#context.estimatedInputTokens);
    text += sseFrame('message_delta', { delta, usage, ...beside });
    return text + sseFrame('message_stop', {});
  }

  #encode(event: StreamEvent): string {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return event.block === this.#block && this.#kind === 'text' ? this.#writeText(event.text) : '';
      case 'thinking-delta':
        return event.block === this.#block && this.#kind === 'thinking'
          ? this.#writeThinking(event.text, event.part ?? 0)
          : '';
      case 'tool-input-delta':
        return event.block === this.#block && this.#kind === 'call' ? this.#writeInput(event.json) : '';
      case 'server-tool-input-delta':
        return event.block === this.#block ? this.#writeServerInput(event.json) : '';
      case 'citation':
        return event.block === this.#block && this.#kind === 'text' ? this.#writeCitation(event.citation) : '';
      case 'signature':
        if (event.block === this.#block) this.#signature = event.signature;
        return '';
      case 'block-end':
        return event.block === this.#block ? this.#endBlock() : '';
      case 'message-start':
        return this.#start(event.id, event.model, event.extensions);
      case 'message-end':
        if (event.choice === undefined || event.choice === 0) this.#end ??= event;
        return '';
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'ping':
        return PING;
      case 'extension':
        return event.protocol === DIALECT && typeof event.value.type === 'string'
          ? sseFrame(event.value.type, event.value)
          : '';
      case 'error':
        return this.#fail(event.error);
      case 'audio-delta':
        return '';
      default:
        return this.#beginBlock(event);
    }
  }

  #start(id: string, model: string, extensions: Extensions | undefined): string {
    if (this.#hasStarted) return '';
    this.#hasStarted = true;
    return sseFrame('message_start', {
      message: {
        ...ownFields(extensions),
        id: messageId(id),
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: encodeUsage(this.#usage, this.#context.estimatedInputTokens),
      },
    });
  }

  #beginBlock(event: StartEvent): string {
    let text = this.#endBlock();
    if (event.choice !== undefined && event.choice > 0) {
      this.#context.report?.('n', 'dropped');
      return text;
    }
    if (this.#trailing !== undefined) {
      text += this.#writeSigned(carrierContent(this.#trailing));
      this.#trailing = undefined;
      if (event.type === 'tool-call-start' && event.signature === undefined) {
        text += this.#open(SEPARATOR) + this.#close();
      }
    }
    this.#block = event.block;
    this.#extensions = event.extensions;
    this.#signature = 'signature' in event ? event.signature : undefined;
    switch (event.type) {
      case 'refusal-start':
        this.#hasRefused = true;
        this.#kind = 'text';
        return text;
      case 'text-start':
        this.#kind = 'text';
        return text;
      case 'thinking-start':
        this.#kind = 'thinking';
        this.#part = 0;
        return text;
      case 'redacted-thinking':
        return text + this.#writeWhole(redactedContent(tagSignature(event.signature, DIALECT)));
      case 'tool-call-start':
        return text + this.#beginCall(event);
      case 'server-tool-start':
        return text + this.#beginServerCall(event);
      case 'server-tool-result':
        return hasServerForm(event) ? text + this.#writeWhole(serverResultContent(event)) : text;
      case 'opaque':
        return event.protocol === DIALECT ? text + this.#writeOpaque(event.value) : text;
      case 'image':
        this.#context.report?.('image', 'dropped');
        return text;
      case 'audio-start':
        this.#context.report?.('audio', 'dropped');
        return text;
      default:
        return unreachable(event);
    }
  }

  #writeText(text: string): string {
    if (text === '') return '';
    const piece = JSON.stringify(text);
    if (this.#isWritten) return this.#delta + piece + DELTA_END;
    return this.#openText() + this.#delta + piece + DELTA_END;
  }

  #openText(): string {
    const carried = this.#signature === undefined ? '' : this.#writeSigned(frontCarrierContent(this.#signature));
    this.#signature = undefined;
    const start = this.#open({ ...ownFields(this.#extensions), ...NO_TEXT });
    this.#delta = deltaStart(this.#nextIndex, 'text_delta', 'text');
    return carried + start;
  }

  #writeCitation(citation: Citation): string {
    const encoded = encodeCitation(citation);
    if (encoded === undefined) return '';
    const start = this.#isWritten ? '' : this.#openText();
    return start + this.#frameDelta({ type: 'citations_delta', citation: encoded });
  }

  #writeThinking(text: string, part: number): string {
    if (text === '') return '';
    if (!this.#isWritten) {
      const start = this.#open({ ...ownFields(this.#extensions), ...thinkingContent('', '') });
      this.#delta = deltaStart(this.#nextIndex, 'thinking_delta', 'thinking');
      this.#part = part;
      return start + this.#delta + JSON.stringify(text) + DELTA_END;
    }
    const separator = part === this.#part ? '' : '\n\n';
    this.#part = part;
    return this.#delta + JSON.stringify(separator + text) + DELTA_END;
  }

  #beginCall(event: Extract<StreamEvent, { readonly type: 'tool-call-start' }>): string {
    let text = '';
    if (event.signature !== undefined) {
      text = this.#writeSigned(carrierContent(event.signature));
      this.#signature = undefined;
    }
    this.#kind = 'call';
    this.#inputForm = 'undecided';
    text += this.#open(toolUseContent(event, NO_INPUT));
    this.#delta = deltaStart(this.#nextIndex, 'input_json_delta', 'partial_json');
    if (event.kind !== 'custom') return text + this.#writeJson('');
    this.#inputForm = 'text';
    return text + this.#writeJson('{"input":"');
  }

  /**
   * The dialect's input is an object. Free text of a custom tool, and what a model writes in place of an object, are put
   * into one.
   */
  #writeInput(json: string): string {
    if (this.#inputForm === 'json') return json === '' ? '' : this.#writeJson(json);
    if (this.#inputForm === 'undecided') {
      const first = json.trimStart();
      if (first === '') return '';
      if (first.startsWith('{')) {
        this.#inputForm = 'json';
        return this.#writeJson(json);
      }
      this.#inputForm = 'text';
      return this.#writeJson(`{"_raw":"${insideString(json)}`);
    }
    return json === '' ? '' : this.#writeJson(insideString(json));
  }

  #writeJson(json: string): string {
    return this.#delta + JSON.stringify(json) + DELTA_END;
  }

  #beginServerCall(event: Extract<StreamEvent, { readonly type: 'server-tool-start' }>): string {
    if (!hasServerForm(event)) return '';
    if (!isOwnServerBlock(event.extensions)) {
      this.#kind = 'foreign-tool';
      this.#foreign = event;
      this.#foreignInput = '';
      return '';
    }
    this.#kind = 'server-call';
    const text = this.#open(serverCallContent(event, NO_INPUT, this.#context.request));
    this.#delta = deltaStart(this.#nextIndex, 'input_json_delta', 'partial_json');
    return text + this.#writeJson('');
  }

  #writeServerInput(json: string): string {
    if (this.#kind === 'server-call') return json === '' ? '' : this.#writeJson(json);
    if (this.#kind === 'foreign-tool') this.#foreignInput += json;
    return '';
  }

  /** A query or a program stands in other places elsewhere, so it is known when the input is whole. */
  #writeForeign(): string {
    const call = this.#foreign;
    this.#foreign = undefined;
    if (call === undefined) return '';
    const { input, ...content } = serverCallContent(call, serverInputOf(this.#foreignInput), this.#context.request);
    const text = this.#open({ ...content, input: NO_INPUT });
    this.#delta = deltaStart(this.#nextIndex, 'input_json_delta', 'partial_json');
    return text + this.#writeJson('') + this.#writeJson(JSON.stringify(input));
  }

  #writeOpaque(value: JsonObject): string {
    // The one block of this kind that the API itself sends in pieces.
    if (value.type !== 'compaction' || typeof value.content !== 'string') return this.#writeWhole(value);
    const text = this.#writeWhole({ ...value, content: null });
    return text + this.#frameDelta({ type: 'compaction_delta', content: value.content });
  }

  #writeWhole(content: JsonObject): string {
    this.#kind = 'whole';
    return this.#open(content);
  }

  /** A thinking block without text. */
  #writeSigned({ signature, ...content }: JsonObject): string {
    const text = this.#open({ ...content, signature: '' }) + this.#frameDelta({ type: 'signature_delta', signature });
    return text + this.#close();
  }

  /** The API pings once, after the first block has begun. */
  #open(content: JsonObject): string {
    this.#isWritten = true;
    const start = sseFrame('content_block_start', { index: this.#nextIndex, content_block: content });
    if (this.#hasPinged) return start;
    this.#hasPinged = true;
    return start + PING;
  }

  #frameDelta(delta: JsonObject): string {
    return sseFrame('content_block_delta', { index: this.#nextIndex, delta });
  }

  #close(): string {
    this.#isWritten = false;
    return sseFrame('content_block_stop', { index: this.#nextIndex++ });
  }

  #endBlock(): string {
    const kind = this.#kind;
    const signature = this.#signature;
    this.#kind = 'none';
    this.#block = -1;
    this.#signature = undefined;
    switch (kind) {
      case 'none':
        return '';
      case 'text': {
        this.#trailing = signature;
        return this.#isWritten ? this.#close() : '';
      }
      case 'thinking':
        return this.#endThinking(signature);
      case 'call': {
        const text = (this.#inputForm === 'text' ? this.#writeJson('"}') : '') + this.#close();
        return signature === undefined ? text : text + this.#writeSigned(carrierContent(signature));
      }
      case 'foreign-tool':
        return this.#writeForeign() + this.#close();
      case 'server-call':
      case 'whole':
        return this.#close();
      default:
        return unreachable(kind);
    }
  }

  #endThinking(signature: Signature | undefined): string {
    if (this.#isWritten) {
      const signed = signature === undefined ? UNSIGNED : tagSignature(signature, DIALECT);
      return this.#frameDelta({ type: 'signature_delta', signature: signed }) + this.#close();
    }
    if (signature === undefined) return '';
    const content = { ...ownFields(this.#extensions), ...signedContent(signature) };
    return content.type === 'thinking' ? this.#writeSigned(content) : this.#open(content) + this.#close();
  }

  #fail(error: Parameters<typeof renderStreamError>[0]): string {
    const text = this.#isWritten ? this.#close() : '';
    this.#isOver = true;
    return text + renderStreamError(error);
  }
}

type StartEvent =
  Extract<StreamEvent, { readonly block: BlockId }> extends infer Event
    ? Event extends { readonly type: `${string}-delta` | 'citation' | 'signature' | 'block-end' }
      ? never
      : Event
    : never;

/** A delta up to its text; it ends with DELTA_END. */
const deltaStart = (index: number, type: string, field: string): string =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":`;

/** A text as it stands between the quotes of a JSON string. */
const insideString = (text: string): string => JSON.stringify(text).slice(1, -1);

function cutError(): UpstreamError {
  return new UpstreamError({
    code: 'upstream_cut',
    message: 'The upstream ended its answer without a reason. Send the request again.',
  });
}
