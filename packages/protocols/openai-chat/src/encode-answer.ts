import { fitCallId, inputTextOf, tagSignature } from '@proxycast/conversion';
import type {
  ChatChoice,
  ChatResponse,
  EncodeAnswerContext,
  JsonObject,
  MediaBlock,
  RefusalBlock,
  TextBlock,
  ThinkingBlock,
  TokenLogprob,
  ToolCallBlock,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { encodeAnnotation } from './annotations.ts';
import { heldAudioId } from './audio-format.ts';
import { encodeCarried } from './carried-signature.ts';
import { asksInOldForm, splitFields } from './completion-fields.ts';
import { completionId } from './completion-id.ts';
import { addressOf } from './data-uri.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { encodeUsage } from './encode-usage.ts';
import { GIVEN_ID_RULE } from './given-id-rule.ts';
import { encodeLogprobs } from './logprobs.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { carriedOf, type MessageUnit } from './message-units.ts';
import { withThoughtSignature } from './thought-signature.ts';

/** The answer as one JSON value: what an SDK puts together from the stream of the same answer. */
export function encodeAnswer(response: ChatResponse, context: EncodeAnswerContext): JsonObject {
  const { request, nowMs } = context;
  const { everywhere, once } = splitFields(response);
  const isOldForm = asksInOldForm(request);
  return {
    id: completionId(response.id),
    object: 'chat.completion',
    created: response.createdAtSeconds ?? Math.floor(nowMs / 1000),
    model: response.model,
    ...everywhere,
    choices: response.choices.map((choice, index) => encodeChoice(choice, index, { ...context, isOldForm })),
    usage: encodeUsage(response.usage ?? {}),
    ...once,
  };
}

interface ChoiceContext extends EncodeAnswerContext {
  readonly isOldForm: boolean;
}

function encodeChoice(choice: ChatChoice, index: number, context: ChoiceContext): JsonObject {
  const { message: ofMessage, ...fields } = ownFieldsOf(choice);
  const message = new MessageWriter(context);
  for (const block of choice.blocks) message.add(block);
  const isOldCall = context.isOldForm && choice.reason === 'tool-use';
  return {
    index,
    message: { ...message.finish(), ...(isObject(ofMessage) ? ofMessage : {}) },
    logprobs: message.logprobs,
    finish_reason: isOldCall ? 'function_call' : mapStopReason(choice.reason),
    ...fields,
  };
}

class MessageWriter {
  readonly #context: ChoiceContext;
  readonly #units: MessageUnit[] = [];
  readonly #calls: ToolCallBlock[] = [];
  readonly #annotations: JsonObject[] = [];
  readonly #images: JsonObject[] = [];
  readonly #tokens: TokenLogprob[] = [];
  #text: string | undefined;
  #thinking = '';
  #refusal: string | undefined;
  #refusalTokens: unknown;
  #audio: JsonObject | undefined;

  constructor(context: ChoiceContext) {
    this.#context = context;
  }

  /** `null` unless the client asked for them and the upstream gave some. */
  get logprobs(): JsonObject | null {
    const refusal = Array.isArray(this.#refusalTokens) ? encodeLogprobs(this.#refusalTokens) : null;
    if (this.#tokens.length === 0 && refusal === null) return null;
    return { content: this.#tokens.length === 0 ? null : encodeLogprobs(this.#tokens), refusal };
  }

  add(block: ChatChoice['blocks'][number]): void {
    switch (block.type) {
      case 'text':
        this.#addText(block);
        break;
      case 'thinking':
        this.#addThinking(block);
        break;
      case 'redacted-thinking':
        this.#units.push({ kind: 'redacted', start: 0, end: 0, signature: block.signature });
        break;
      case 'refusal':
        this.#addRefusal(block);
        break;
      case 'tool-call':
        this.#units.push({ kind: 'other', start: 0, end: 0 });
        this.#calls.push(block);
        break;
      case 'image':
      case 'document':
      case 'audio':
      case 'video':
        this.#addMedia(block);
        break;
      // Tools of the service, and what only another dialect knows, have no place in an answer of this one.
      case 'server-tool-call':
      case 'server-tool-result':
      case 'opaque':
      case 'tool-result':
        break;
    }
  }

  finish(): JsonObject {
    const carried = carriedOf(this.#units);
    const isSilent = this.#calls.length > 0 || this.#refusal !== undefined || this.#audio !== undefined;
    return {
      role: 'assistant',
      content: this.#text || (isSilent ? null : ''),
      refusal: this.#refusal ?? null,
      ...(this.#thinking === '' ? {} : { reasoning_content: this.#thinking }),
      ...(carried.length === 0 ? {} : { reasoning_details: carried.map(encodeCarried) }),
      ...this.#encodeCalls(),
      ...(this.#annotations.length === 0 ? {} : { annotations: this.#annotations }),
      ...(this.#images.length === 0 ? {} : { images: this.#images }),
      ...(this.#audio === undefined ? {} : { audio: this.#audio }),
    };
  }

  #addText({ text, citations = [], logprobs = [], signature }: TextBlock): void {
    const start = this.#text?.length ?? 0;
    this.#text = (this.#text ?? '') + text;
    const range = { start, end: this.#text.length };
    this.#units.push({ kind: 'text', ...range, ...(signature === undefined ? {} : { signature }) });
    for (const token of logprobs) this.#tokens.push(token);
    for (const citation of citations) {
      const annotation = encodeAnnotation(citation, range);
      if (annotation === undefined) this.#context.report?.('citations', 'dropped');
      else this.#annotations.push(annotation);
    }
  }

  #addThinking({ parts, kind, signature }: ThinkingBlock): void {
    const text = parts.filter((part) => part !== '').join('\n\n');
    if (this.#thinking !== '' && text !== '') this.#thinking += '\n\n';
    const start = this.#thinking.length;
    this.#thinking += text;
    this.#units.push({
      kind: kind === 'summary' ? 'summary' : 'thinking',
      start,
      end: this.#thinking.length,
      ...(signature === undefined ? {} : { signature }),
    });
  }

  #addRefusal(block: RefusalBlock): void {
    this.#units.push({ kind: 'other', start: 0, end: 0 });
    this.#refusal = (this.#refusal ?? '') + block.text;
    this.#refusalTokens = ownFieldsOf(block).logprobs;
  }

  #addMedia(block: MediaBlock): void {
    const { type, source, transcript } = block;
    this.#units.push({ kind: 'other', start: 0, end: 0 });
    if (type === 'audio') {
      const [data, id] = source.type === 'base64' ? [source.data, heldAudioId(source.mediaType)] : ['', ''];
      this.#audio = { id, data, transcript: transcript ?? '', expires_at: 0, ...ownFieldsOf(block) };
      return;
    }
    const url = addressOf(source);
    if (url !== undefined) {
      this.#images.push({ type: 'image_url', image_url: { url }, index: this.#images.length });
    }
  }

  #encodeCalls(): JsonObject {
    const [first] = this.#calls;
    if (first === undefined) return {};
    if (this.#context.isOldForm) return { function_call: { name: first.name, arguments: inputTextOf(first) } };
    return { tool_calls: this.#calls.map(encodeCall) };
  }
}

function encodeCall(call: ToolCallBlock): JsonObject {
  const { callId, name, kind, signature } = call;
  const input = inputTextOf(call);
  return {
    id: fitCallId(callId, GIVEN_ID_RULE),
    type: kind,
    [kind]: kind === 'custom' ? { name, input } : { name, arguments: input },
    ...(signature === undefined ? {} : withThoughtSignature(tagSignature(signature, DIALECT))),
  };
}
