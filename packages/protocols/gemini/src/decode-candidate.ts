import { settleStopReason, standardBase64 } from '@proxycast/conversion';
import type { JsonObject, Signature, StreamEvent, TokenLogprob } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { makeCallId } from './call-id.ts';
import { decodeCitations, decodeSources } from './decode-grounding.ts';
import { decodeLogprobs } from './decode-logprobs.ts';
import { decodeMedia } from './decode-media.ts';
import { ServerPartDecoder } from './decode-server-part.ts';
import { extensionOf, fieldsOf } from './field-names.ts';
import { decodeStopReason, finishReasonName } from './map-stop-reason.ts';
import { mergeCandidateFields } from './merge-candidate-fields.ts';
import { PartialArgs } from './partial-args.ts';
import { utf8Length } from './utf8-offset.ts';

/** What all candidates of one answer share. */
export interface AnswerState {
  /** What has not been taken yet. */
  events: StreamEvent[];
  readonly origin: string;
  /** Tells ids made here from those of other answers. */
  place: string;
  nextBlock: number;
}

type OpenType = 'none' | 'text' | 'thinking' | 'audio' | 'call';

/** One of the answers of a stream, while its pieces come. */
export class CandidateDecoder {
  /** The reason it ended, in the service's word. */
  finishReason: string | undefined;

  readonly #state: AnswerState;
  #hasCall = false;
  readonly #index: number;
  /** As events name it: the first one is not named. */
  readonly #choice: { readonly choice?: number };
  readonly #serverParts: ServerPartDecoder;
  #open: OpenType = 'none';
  #block = 0;
  /** The text of the open block, and how many bytes of text came before it. */
  #text = '';
  #startByte = 0;
  #audioType = '';
  #callCount = 0;
  #args: PartialArgs | undefined;
  /** What the service says of the answer beside its parts. */
  #fields: Record<string, unknown> | undefined;
  #hasSearched = false;
  /** The open text is one part, signed: what follows it is another. It stays open for its sources. */
  #isSealed = false;
  /** A signed part without text behind the open text, whose sources may still come. */
  #waiting: { readonly data: JsonObject; readonly signature: Signature | undefined } | undefined;
  /** Sources that came with the frame that is being read. */
  #uncited: JsonObject | undefined;

  constructor(index: number, state: AnswerState) {
    this.#index = index;
    this.#choice = index === 0 ? {} : { choice: index };
    this.#state = state;
    this.#serverParts = new ServerPartDecoder(`${state.place}\n${index}`);
  }

  read(candidate: JsonObject): void {
    const { content } = candidate;
    let logprobs: readonly TokenLogprob[] | undefined;
    for (const name in candidate) {
      if (name === 'content' || name === 'index') continue;
      if (name === 'finishReason') this.finishReason = finishReasonName(candidate.finishReason) ?? this.finishReason;
      else {
        this.#fields = mergeCandidateFields(this.#fields, name, candidate[name]);
        if (name === 'groundingMetadata' || name === 'citationMetadata') this.#uncited = candidate;
        if (name === 'logprobsResult' && isObject(candidate[name])) logprobs = decodeLogprobs(candidate[name]);
      }
    }
    const parts: unknown = isObject(content) ? content.parts : undefined;
    if (Array.isArray(parts)) {
      for (const part of parts) {
        if (!isObject(part)) continue;
        this.#part(part, logprobs);
        if (logprobs !== undefined && this.#open === 'text') logprobs = undefined;
      }
    } else if (isObject(parts)) this.#part(parts, logprobs);
    this.#cite();
  }

  /** Ends what is open. A call whose arguments have not all come has none in an answer that failed. */
  close(hasFailed: boolean): void {
    if (this.#args !== undefined && !hasFailed) this.#endCall();
    this.#close();
  }

  /** The answer is complete; `more` is what else only this dialect says of it. */
  end(more: JsonObject): void {
    this.#searched();
    const { finishReason = 'OTHER' } = this;
    const reason = decodeStopReason(finishReason);
    const kept = extensionOf({ ...this.#fields, ...more });
    this.#state.events.push({
      type: 'message-end',
      ...this.#choice,
      reason: settleStopReason(reason, this.#hasCall),
      upstreamReason: finishReason,
      ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }),
    });
  }

  #part(part: JsonObject, logprobs: readonly TokenLogprob[] | undefined): void {
    const { text } = part;
    if (typeof text === 'string' && isPlainText(part)) {
      if (part.thought === true) this.#thought(text);
      else this.#plainText(text, logprobs);
      return;
    }
    this.#richPart(fieldsOf(part), logprobs);
  }

  #plainText(text: string, logprobs: readonly TokenLogprob[] | undefined): void {
    if (text === '' && logprobs === undefined) return;
    if (this.#open !== 'text' || this.#isSealed || this.#waiting !== undefined) {
      this.#close();
      this.#begin('text');
      this.#state.events.push({ type: 'text-start', block: this.#block, ...this.#choice });
    }
    this.#text += text;
    this.#state.events.push(
      logprobs === undefined
        ? { type: 'text-delta', block: this.#block, text }
        : { type: 'text-delta', block: this.#block, text, logprobs },
    );
  }

  #thought(text: string): void {
    if (text === '') return;
    if (this.#open !== 'thinking') {
      this.#close();
      this.#begin('thinking');
      this.#state.events.push({ type: 'thinking-start', kind: 'full', block: this.#block, ...this.#choice });
    }
    this.#state.events.push({ type: 'thinking-delta', block: this.#block, text });
  }

  #begin(type: OpenType): void {
    this.#open = type;
    this.#isSealed = false;
    this.#block = this.#state.nextBlock++;
  }

  #close(): void {
    if (this.#open === 'none') return;
    if (this.#open === 'text') {
      this.#cite();
      this.#startByte += utf8Length(this.#text);
      this.#text = '';
    }
    this.#open = 'none';
    this.#state.events.push({ type: 'block-end', block: this.#block });
    if (this.#waiting === undefined) return;
    const { data, signature } = this.#waiting;
    this.#waiting = undefined;
    this.#signedText(data, signature, undefined);
    this.#close();
  }

  /** A part that is signed, or is something else than text: a block of its own, so that it comes back as it is. */
  #richPart(part: JsonObject, logprobs: readonly TokenLogprob[] | undefined): void {
    const { thoughtSignature, ...data } = part;
    const { functionCall } = data;
    const signature =
      typeof thoughtSignature === 'string' && thoughtSignature !== ''
        ? { origin: this.#state.origin, value: thoughtSignature }
        : undefined;
    if (isObject(functionCall)) {
      this.#call(fieldsOf(functionCall), data, signature);
      return;
    }
    if (this.#args !== undefined) this.#endCall();
    if (this.#serverPart(data, signature) || this.#media(data, signature)) return;
    if (typeof data.text !== 'string' && (signature === undefined || extensionOf(data) !== undefined)) {
      if (extensionOf(data) !== undefined) this.#whole({ type: 'opaque', protocol: GEMINI, value: part });
      return;
    }
    this.#signedText(data, signature, logprobs);
  }

  #signedText(
    { text, thought, ...more }: JsonObject,
    signature: Signature | undefined,
    logprobs: readonly TokenLogprob[] | undefined,
  ): void {
    const words = typeof text === 'string' ? text : '';
    const kept = extensionOf(more);
    const extensions = kept === undefined ? {} : { extensions: { [GEMINI]: kept } };
    const { events } = this.#state;
    if (words === '' && thought !== true && this.#open === 'text' && this.#waiting === undefined) {
      this.#waiting = { data: { text, ...more }, signature };
      return;
    }
    this.#close();
    if (thought === true) {
      this.#begin('thinking');
      events.push({ type: 'thinking-start', kind: 'full', block: this.#block, ...this.#choice, ...extensions });
      if (words !== '') events.push({ type: 'thinking-delta', block: this.#block, text: words });
      if (signature !== undefined) events.push({ type: 'signature', block: this.#block, signature });
      this.#close();
    } else {
      this.#begin('text');
      const signed = signature === undefined ? {} : { signature };
      events.push({ type: 'text-start', block: this.#block, ...this.#choice, ...signed, ...extensions });
      this.#plainText(words, logprobs);
      this.#isSealed = true;
    }
  }

  #serverPart(part: JsonObject, signature: Signature | undefined): boolean {
    const block = this.#serverParts.decode(part);
    if (block === undefined) return false;
    const extensions = { [GEMINI]: part };
    const signed = signature === undefined ? {} : { signature };
    if (block.tool === 'web-search') this.#hasSearched = true;
    if (block.type === 'server-tool-result') {
      const { text, isError } = block;
      this.#whole({
        type: 'server-tool-result',
        callId: block.callId,
        tool: block.tool,
        ...(isError === undefined ? {} : { isError }),
        ...(text === undefined ? {} : { text }),
        ...signed,
        extensions,
      });
      return true;
    }
    this.#serverCall(block.callId, block.tool, block.name, JSON.stringify(block.input), { ...signed, extensions });
    return true;
  }

  #serverCall(
    callId: string,
    tool: Extract<StreamEvent, { type: 'server-tool-start' }>['tool'],
    name: string,
    json: string,
    more: Pick<Extract<StreamEvent, { type: 'server-tool-start' }>, 'signature' | 'extensions'>,
  ): void {
    this.#close();
    const block = this.#state.nextBlock++;
    this.#state.events.push(
      { type: 'server-tool-start', block, ...this.#choice, callId, tool, name, ...more },
      { type: 'server-tool-input-delta', block, json },
      { type: 'block-end', block },
    );
  }

  #media(part: JsonObject, signature: Signature | undefined): boolean {
    const media = decodeMedia(part);
    if (media === undefined) return false;
    const { inlineData, fileData: _, ...modifiers } = part;
    const kept = extensionOf({ ...media.extensions?.[GEMINI], ...modifiers });
    const extensions = kept === undefined ? {} : { extensions: { [GEMINI]: kept } };
    const { source } = media;
    if (media.type !== 'audio' || source.type !== 'base64' || !isObject(inlineData) || !isAudio(source.mediaType)) {
      this.#whole({
        type: 'image',
        source,
        ...(signature === undefined ? {} : { signature }),
        ...extensions,
      });
      return true;
    }
    this.#audio(source.mediaType, standardBase64(source.data), signature, extensions);
    return true;
  }

  /** Sound comes in pieces too; one whose bytes do not fill the last group cannot be followed in the same block. */
  #audio(mediaType: string, data: string, signature: Signature | undefined, extensions: JsonObject): void {
    const { events } = this.#state;
    if (this.#open !== 'audio' || this.#audioType !== mediaType || signature !== undefined) {
      this.#close();
      this.#begin('audio');
      this.#audioType = mediaType;
      events.push({
        type: 'audio-start',
        block: this.#block,
        ...this.#choice,
        format: mediaType.slice(AUDIO.length),
        ...extensions,
      });
    }
    events.push({ type: 'audio-delta', block: this.#block, data });
    if (signature !== undefined) events.push({ type: 'signature', block: this.#block, signature });
    if (data.endsWith('=') || signature !== undefined) this.#close();
  }

  #call(
    { id, name, args, partialArgs, willContinue, ...rest }: JsonObject,
    part: JsonObject,
    signature: Signature | undefined,
  ): void {
    const pieces: readonly unknown[] = Array.isArray(partialArgs) ? partialArgs : [];
    if (typeof name === 'string' && name !== '') {
      if (this.#args !== undefined) this.#endCall();
      this.#beginCall(id, name, rest, part, signature);
    } else if (this.#args === undefined) return;
    else if (signature !== undefined) this.#state.events.push({ type: 'signature', block: this.#block, signature });
    if (isObject(args)) this.#args?.assign(args);
    for (const piece of pieces) this.#args?.add(piece);
    if (willContinue !== true) this.#endCall();
  }

  #beginCall(id: unknown, name: string, rest: JsonObject, part: JsonObject, signature: Signature | undefined): void {
    const { functionCall: _, ...modifiers } = part;
    const callRest = extensionOf(rest);
    const kept = extensionOf({ ...modifiers, ...(callRest === undefined ? {} : { functionCall: callRest }) });
    this.#close();
    this.#begin('call');
    this.#hasCall = true;
    this.#args = new PartialArgs();
    this.#state.events.push({
      type: 'tool-call-start',
      block: this.#block,
      ...this.#choice,
      callId: textOf(id) ?? makeCallId(`${this.#state.place}\n${this.#index}\n${this.#callCount}`, name),
      name,
      kind: 'function',
      ...(signature === undefined ? {} : { signature }),
      ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }),
    });
    this.#callCount++;
  }

  #endCall(): void {
    if (this.#args !== undefined) {
      this.#state.events.push({ type: 'tool-input-delta', block: this.#block, json: this.#args.json() });
    }
    this.#args = undefined;
    this.#close();
  }

  #whole(
    event: DistributiveOmit<
      Extract<StreamEvent, { type: 'opaque' | 'image' | 'server-tool-result' }>,
      'block' | 'choice'
    >,
  ): void {
    this.#close();
    const block = this.#state.nextBlock++;
    this.#state.events.push({ ...event, block, ...this.#choice }, { type: 'block-end', block });
  }

  /** Sources belong to the text before them; the block they are in may end with the same frame. */
  #cite(): void {
    const candidate = this.#uncited;
    if (candidate === undefined || this.#open !== 'text' || this.#text === '') return;
    this.#uncited = undefined;
    const { groundingMetadata, citationMetadata } = candidate;
    const citations = decodeCitations(
      isObject(groundingMetadata) ? groundingMetadata : undefined,
      isObject(citationMetadata) ? citationMetadata : undefined,
      { text: this.#text, startByte: this.#startByte },
    );
    for (const citation of citations) this.#state.events.push({ type: 'citation', block: this.#block, citation });
  }

  /** A search of which only its sources are told. */
  #searched(): void {
    const grounding = this.#fields?.groundingMetadata;
    if (this.#hasSearched || !isObject(grounding)) return;
    const { webSearchQueries } = grounding;
    const sources = decodeSources(grounding);
    const queries: readonly unknown[] = Array.isArray(webSearchQueries) ? webSearchQueries : [];
    if (queries.length === 0 && sources.length === 0) return;
    const callId = makeCallId(`${this.#state.place}\n${this.#index}\nsearch`, 'googleSearch');
    const extensions = { [GEMINI]: { isGrounding: true } };
    this.#serverCall(callId, 'web-search', 'googleSearch', JSON.stringify({ queries }), { extensions });
    this.#whole({ type: 'server-tool-result', callId, tool: 'web-search', sources, extensions });
  }
}

type DistributiveOmit<Type, Name extends PropertyKey> = Type extends unknown ? Omit<Type, Name> : never;

const AUDIO = 'audio/';
const isAudio = (mediaType: string): boolean => mediaType.startsWith(AUDIO);

/** Text and nothing beside it, as nearly all parts are. */
function isPlainText(part: JsonObject): boolean {
  for (const name in part) if (name !== 'text' && name !== 'thought') return false;
  return true;
}
