import { tagSignature, UNSIGNED } from '@proxycast/conversion';
import {
  type Citation,
  type JsonObject,
  type MediaSource,
  type Signature,
  type StreamEvent,
  type TokenLogprob,
  unreachable,
} from '@proxycast/spec';
import { isObject, parseObject, textOf } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { isMadeUpCallId } from './call-id.ts';
import { type CarriedSignature, packCarried } from './carried-signatures.ts';
import { SERVER_PART_FIELDS } from './decode-server-part.ts';
import { encodeGrounding, type PlacedCitation, type TextRange } from './encode-grounding.ts';
import { encodeLogprobs } from './encode-logprobs.ts';
import { isForeign } from './signature-text.ts';

/** An event that belongs to a block. */
export type BlockEvent = Extract<StreamEvent, { readonly block: number }>;
type EndEvent = Extract<StreamEvent, { readonly type: 'message-end' }>;

/** What is kept of one of the answers for its last chunk. */
interface ChoiceState {
  text: string;
  readonly citations: PlacedCitation[];
  readonly logprobs: TokenLogprob[];
  readonly queries: string[];
  readonly sources: { readonly url: string; readonly title?: string }[];
  hasCalled: boolean;
  hasRefused: boolean;
  /** Signatures of thinking that the next call carries as well. */
  carried: CarriedSignature[];
}

type OpenBlock =
  | { readonly type: 'none' }
  | { readonly type: 'text'; readonly range: TextRange }
  | { readonly type: 'thinking'; part: number | undefined; text: string }
  | { readonly type: 'audio'; readonly mimeType: string }
  | { readonly type: 'call'; readonly callId: string; readonly name: string; json: string }
  | { readonly type: 'server-call'; readonly event: Extract<StreamEvent, { type: 'server-tool-start' }>; json: string };

const NONE: OpenBlock = { type: 'none' };

/** Makes parts of the blocks of an answer, which come one after the other. A call is one part, when it is whole. */
export class AnswerPartEncoder {
  /** The answer that the last event belonged to. */
  choice = 0;

  readonly #showsThinking: boolean;
  readonly #choices: ChoiceState[] = [];
  #open: OpenBlock = NONE;
  /** Of the open block, until a part has it. */
  #signature: Signature | undefined;
  #kept: JsonObject | undefined;

  constructor({ showsThinking }: { readonly showsThinking: boolean }) {
    this.#showsThinking = showsThinking;
  }

  /** Notes text that goes out as a part of nothing else; whether it may. */
  takesPlainText(text: string): boolean {
    if (this.#open.type !== 'text' || this.#signature !== undefined || this.#kept !== undefined || text === '') {
      return false;
    }
    this.#state().text += text;
    return true;
  }

  /** `undefined` where the event makes no part. */
  encode(event: BlockEvent): JsonObject | undefined {
    switch (event.type) {
      case 'text-start':
      case 'refusal-start': {
        const state = this.#begin(event);
        const { length } = state.text;
        if (event.type === 'refusal-start') state.hasRefused = true;
        this.#open = { type: 'text', range: { start: length, end: length } };
        this.#signature = 'signature' in event ? event.signature : undefined;
        return undefined;
      }
      case 'text-delta':
        if (event.logprobs !== undefined) this.#state().logprobs.push(...event.logprobs);
        return this.#text(event.text);
      case 'refusal-delta':
        return this.#text(event.text);
      case 'citation':
        this.#cite(event.citation);
        return undefined;
      case 'thinking-start':
        this.#begin(event);
        this.#open = { type: 'thinking', part: undefined, text: '' };
        return undefined;
      case 'thinking-delta':
        return this.#thought(event.text, event.part ?? 0);
      case 'redacted-thinking':
        this.#begin(event);
        this.#kept = undefined;
        return this.#signThinking({ signs: 'redacted', signature: event.signature });
      case 'signature':
        return this.#sign(event.signature);
      case 'tool-call-start':
        this.#begin(event);
        this.#open = { type: 'call', callId: event.callId, name: event.name, json: '' };
        this.#signature = event.signature;
        return undefined;
      case 'tool-input-delta':
        if (this.#open.type === 'call') this.#open.json += event.json;
        return undefined;
      case 'server-tool-start':
        this.#begin(event);
        this.#open = { type: 'server-call', event, json: '' };
        this.#signature = event.signature;
        return undefined;
      case 'server-tool-input-delta':
        if (this.#open.type === 'server-call') this.#open.json += event.json;
        return undefined;
      case 'server-tool-result':
        return this.#serverResult(event);
      case 'image':
        this.#begin(event);
        return this.#part(mediaOf(event.source), event.signature);
      case 'audio-start':
        this.#begin(event);
        this.#open = { type: 'audio', mimeType: mimeTypeOf(event.format) };
        return undefined;
      case 'audio-delta':
        return this.#audio(event.data, event.transcript);
      case 'opaque':
        this.#begin(event);
        this.#kept = undefined;
        return event.protocol === GEMINI ? event.value : undefined;
      case 'block-end':
        return this.#end(event.extensions?.[GEMINI]);
      default:
        return unreachable(event);
    }
  }

  /** What the last chunk says of an answer beside its reason. */
  fieldsOf({ choice = 0, reason, extensions }: EndEvent): JsonObject {
    const { responseFields: _, ...kept }: JsonObject = extensions?.[GEMINI] ?? {};
    const state = this.#choices[choice];
    if (state === undefined) return kept;
    const grounding = kept.groundingMetadata === undefined ? encodeGrounding(state) : undefined;
    const hasLogprobs = kept.logprobsResult === undefined && state.logprobs.length > 0;
    // A refusal in words of its own is a text here, so that the reason has to say it.
    const isRefusal = state.hasRefused && (reason === 'end' || reason === 'other');
    return {
      ...(isRefusal ? { finishReason: 'SAFETY' } : {}),
      ...kept,
      ...(grounding === undefined ? {} : { groundingMetadata: grounding }),
      ...(hasLogprobs ? { logprobsResult: encodeLogprobs(state.logprobs) } : {}),
    };
  }

  #state(): ChoiceState {
    let state = this.#choices[this.choice];
    if (state === undefined) {
      state = {
        text: '',
        citations: [],
        logprobs: [],
        queries: [],
        sources: [],
        hasCalled: false,
        hasRefused: false,
        carried: [],
      };
      this.#choices[this.choice] = state;
    }
    return state;
  }

  #begin(event: { readonly choice?: number; readonly extensions?: Readonly<Record<string, JsonObject>> }): ChoiceState {
    this.choice = event.choice ?? 0;
    this.#open = NONE;
    this.#signature = undefined;
    this.#kept = event.extensions?.[GEMINI];
    return this.#state();
  }

  /** A part with what belongs to it, once. */
  #part(data: JsonObject, signature: Signature | undefined): JsonObject {
    const kept = this.#kept ?? {};
    this.#kept = undefined;
    const { functionCall, inlineData, fileData, ...modifiers } = kept;
    const part: Record<string, unknown> = { ...modifiers, ...data };
    for (const [name, more] of Object.entries({ functionCall, inlineData, fileData })) {
      const own = part[name];
      if (isObject(own) && isObject(more)) part[name] = { ...own, ...more };
    }
    if (signature !== undefined) part.thoughtSignature = tagSignature(signature, GEMINI);
    return part;
  }

  #text(text: string): JsonObject | undefined {
    if (text === '') return undefined;
    const signature = this.#signature;
    this.#signature = undefined;
    this.#state().text += text;
    return this.#part({ text }, signature);
  }

  #cite(citation: Citation): void {
    if (this.#open.type === 'text') this.#state().citations.push({ citation, block: this.#open.range });
  }

  #thought(text: string, part: number): JsonObject | undefined {
    if (this.#open.type !== 'thinking') return undefined;
    const isNext = this.#open.part !== undefined && this.#open.part !== part;
    this.#open.part = part;
    const shown = isNext ? `\n\n${text}` : text;
    this.#open.text += shown;
    return shown === '' || !this.#showsThinking ? undefined : this.#part({ text: shown, thought: true }, undefined);
  }

  #sign(signature: Signature): JsonObject | undefined {
    switch (this.#open.type) {
      case 'thinking':
        return this.#signThinking({
          signs: 'thinking',
          signature,
          ...(this.#open.text === '' ? {} : { text: this.#open.text }),
        });
      case 'call':
      case 'server-call':
        this.#signature = signature;
        return undefined;
      default:
        this.#signature = undefined;
        return this.#part({ text: '' }, signature);
    }
  }

  #signThinking(item: CarriedSignature): JsonObject {
    if (isForeign(item.signature)) this.#state().carried.push(item);
    const { text: _, ...shown } = item;
    const said = this.#showsThinking || !isForeign(item.signature) ? shown : item;
    return this.#signed({ text: '', thought: true }, packCarried([said], 'thinking'));
  }

  #signed(data: JsonObject, thoughtSignature: string | undefined): JsonObject {
    const part = this.#part(data, undefined);
    return thoughtSignature === undefined ? part : { ...part, thoughtSignature };
  }

  #audio(data: string | undefined, transcript: string | undefined): JsonObject | undefined {
    if (this.#open.type !== 'audio') return undefined;
    // What is said is no part of this dialect's sound; as text it is not lost.
    if (data === undefined) return transcript === undefined || transcript === '' ? undefined : { text: transcript };
    return this.#part({ inlineData: { mimeType: this.#open.mimeType, data } }, undefined);
  }

  #end(later: JsonObject | undefined): JsonObject | undefined {
    const open = this.#open;
    this.#open = NONE;
    if (later !== undefined) this.#kept = { ...this.#kept, ...later };
    switch (open.type) {
      case 'text':
        return this.#endText(open.range);
      case 'call':
        return this.#call(open.callId, open.name, open.json);
      case 'server-call':
        return this.#serverCall(open.event, open.json);
      default:
        this.#kept = undefined;
        return undefined;
    }
  }

  #endText(range: TextRange): JsonObject | undefined {
    range.end = this.#state().text.length;
    const signature = this.#signature;
    this.#signature = undefined;
    const isEmpty = range.end === range.start;
    if (signature === undefined && (this.#kept === undefined || !isEmpty)) return undefined;
    return this.#part({ text: '' }, signature);
  }

  #call(callId: string, name: string, json: string): JsonObject {
    const state = this.#state();
    const carried = state.carried;
    state.carried = [];
    const args = json === '' ? {} : (parseObject(json) ?? { _raw: json });
    const functionCall = { ...(isMadeUpCallId(callId) ? {} : { id: callId }), name, args };
    const signature = this.#signature;
    if (signature !== undefined && !isForeign(signature)) {
      state.hasCalled = true;
      return this.#part({ functionCall }, signature);
    }
    const own: readonly CarriedSignature[] = signature === undefined ? [] : [{ signs: 'part', signature }];
    const packed = packCarried([...carried, ...own], 'part');
    // The service wants the first call of a step signed, but for models of its own that sign none.
    const isMissed = !state.hasCalled && !isMadeUpCallId(callId);
    state.hasCalled = true;
    return this.#signed({ functionCall }, packed ?? (isMissed ? UNSIGNED : undefined));
  }

  #serverCall({ tool }: Extract<StreamEvent, { type: 'server-tool-start' }>, json: string): JsonObject | undefined {
    const input = parseObject(json) ?? {};
    if (this.#isOfDialect()) return this.#part({}, this.#signature);
    const isGrounding = this.#kept?.isGrounding === true;
    this.#kept = undefined;
    if (isGrounding) return undefined;
    if (tool === 'web-search') {
      const queries: readonly unknown[] = Array.isArray(input.queries) ? input.queries : [input.query];
      for (const query of queries) if (typeof query === 'string') this.#state().queries.push(query);
    }
    if (tool !== 'code-execution') return undefined;
    const code = textOf(input.code);
    if (code !== undefined) return { executableCode: { language: 'PYTHON', code } };
    // A command of a shell, or an edit.
    const isCommand = Object.keys(input).length === 1 && typeof input.command === 'string';
    const command = isCommand ? String(input.command) : JSON.stringify(input);
    return { executableCode: { language: 'LANGUAGE_UNSPECIFIED', code: command } };
  }

  #serverResult(event: Extract<StreamEvent, { type: 'server-tool-result' }>): JsonObject | undefined {
    const state = this.#begin(event);
    if (this.#isOfDialect()) return this.#part({}, event.signature);
    const isGrounding = this.#kept?.isGrounding === true;
    this.#kept = undefined;
    if (isGrounding) return undefined;
    const { tool, isError, sources, text } = event;
    if (sources !== undefined) state.sources.push(...sources);
    if (tool !== 'code-execution' || text === undefined) return undefined;
    return { codeExecutionResult: { outcome: isError === true ? 'OUTCOME_FAILED' : 'OUTCOME_OK', output: text } };
  }

  /** Whether the block is a part of this dialect, whole. */
  #isOfDialect(): boolean {
    return SERVER_PART_FIELDS.some((name) => this.#kept?.[name] !== undefined);
  }
}

function mediaOf(source: MediaSource): JsonObject {
  switch (source.type) {
    case 'base64':
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case 'url':
      return { fileData: { ...typed(source.mediaType), fileUri: source.url } };
    case 'file-id':
      return { fileData: { ...typed(source.mediaType), fileUri: source.fileId } };
    case 'text':
      return { text: source.text };
    default:
      return unreachable(source);
  }
}

const typed = (mimeType: string | undefined) => (mimeType === undefined ? {} : { mimeType });

/** Raw samples have no type of their own: those of other services are 16 bits at 24 kHz, as this one's are. */
function mimeTypeOf(format: string | undefined): string {
  if (format === undefined) return 'application/octet-stream';
  return format === 'pcm16' ? 'audio/L16;codec=pcm;rate=24000' : `audio/${format}`;
}
