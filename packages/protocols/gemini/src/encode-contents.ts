import { inputObjectOf, signatureFor, wrapSystemText } from '@proxycast/conversion';
import {
  type ChatBlock,
  type ChatTurn,
  type JsonObject,
  type ReportChange,
  type Signature,
  type ToolCallBlock,
  unreachable,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { SERVER_PART_FIELDS } from './decode-server-part.ts';
import { encodeMedia } from './encode-media.ts';
import { encodeResponse } from './encode-response.ts';
import { encodeCallId, encodeResult } from './encode-result.ts';
import type { ModelTraits } from './model-traits.ts';
import { NO_SIGNATURE } from './signature-text.ts';

export interface ContentsPlace {
  /** Whether a client of this dialect wrote the conversation: then its parts go as they came. */
  readonly isOwn: boolean;
  readonly origin: string;
  readonly traits: ModelTraits;
  readonly report: ReportChange;
}

export interface EncodedContents {
  readonly systemInstruction?: JsonObject;
  readonly contents: readonly JsonObject[];
}

/** `turns` hold each call with its result behind it. Contents alternate, the user's first. */
export function encodeContents(turns: readonly ChatTurn[], place: ContentsPlace): EncodedContents {
  const firstOther = turns.findIndex(({ role }) => role !== 'system');
  const system = firstOther < 0 ? turns : turns.slice(0, firstOther);
  const encoder = new ContentsEncoder(place);
  const systemInstruction = encoder.system(system);
  turns.slice(system.length).forEach((turn, index) => {
    encoder.add(turn, `messages.${index}`);
  });
  return { ...(systemInstruction === undefined ? {} : { systemInstruction }), contents: encoder.finish() };
}

interface OpenContent {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
  readonly fields?: JsonObject;
}

/** Stands where the dialect wants the user to have spoken. */
const PLACEHOLDER_TEXT = '.';
const NO_RESULT = '(no result: the call was cancelled)';

class ContentsEncoder {
  readonly #place: ContentsPlace;
  readonly #contents: OpenContent[] = [];
  /** Names of calls by their ids: results must repeat them. */
  readonly #names = new Map<string, string>();

  constructor(place: ContentsPlace) {
    this.#place = place;
  }

  system(turns: readonly ChatTurn[]): JsonObject | undefined {
    const { isOwn } = this.#place;
    const parts = turns.flatMap(({ blocks }, turn) =>
      blocks.flatMap((block, index) => this.#part(block, `system.${turn}.${index}`)),
    );
    if (parts.length === 0) return undefined;
    const fields = turns[0]?.extensions?.[GEMINI] ?? {};
    if (isOwn) return { parts, ...fields };
    const texts = parts.map(({ text }) => text).filter((text) => typeof text === 'string');
    // A picture has no place among instructions.
    if (texts.length < parts.length) this.#place.report('system', 'dropped');
    return texts.length === 0 ? undefined : { parts: [{ text: texts.join('\n\n') }] };
  }

  add(turn: ChatTurn, field: string): void {
    switch (turn.role) {
      case 'assistant':
        this.#push('model', this.#answer(turn, field), turn);
        break;
      case 'tool':
        this.#push('user', this.#results(turn, field), turn);
        break;
      case 'system': {
        const texts = turn.blocks.flatMap((block) => (block.type === 'text' && block.text !== '' ? [block.text] : []));
        const parts = texts.map((text) => ({ text: wrapSystemText(text) }));
        this.#push('user', parts, turn);
        this.#place.report(field, 'changed');
        break;
      }
      case 'user': {
        const parts = turn.blocks.flatMap((block, index) => this.#part(block, `${field}.content.${index}`));
        this.#push('user', parts, turn);
        break;
      }
      default:
        unreachable(turn.role);
    }
  }

  finish(): readonly JsonObject[] {
    const { report, traits } = this.#place;
    if (this.#contents[0]?.role !== 'user') {
      report('messages', 'added');
      this.#contents.unshift({ role: 'user', parts: [{ text: PLACEHOLDER_TEXT }] });
    }
    this.#answerLastCalls();
    if (traits.needsSignatures) this.#signRunningTurn();
    return this.#contents.map(({ role, parts, fields }) => ({ role, parts, ...fields }));
  }

  #push(role: OpenContent['role'], parts: readonly JsonObject[], { extensions }: ChatTurn): void {
    if (parts.length === 0) return;
    const fields = extensions?.[GEMINI];
    const last = this.#contents[this.#contents.length - 1];
    if (last?.role === role && fields === undefined && last.fields === undefined) last.parts.push(...parts);
    else this.#contents.push({ role, parts: [...parts], ...(fields === undefined ? {} : { fields }) });
  }

  #answer({ blocks }: ChatTurn, field: string): readonly JsonObject[] {
    if (this.#place.isOwn) {
      return blocks.flatMap((block, index) => this.#part(block, `${field}.content.${index}`));
    }
    return this.#signedParts(blocks, field);
  }

  /**
   * An answer as it came back through another dialect. That has a place for signatures in thinking only, so one that stands
   * there signs what comes next; where nothing comes, it stood on a part without text.
   */
  #signedParts(blocks: readonly ChatBlock[], field: string): readonly JsonObject[] {
    const parts: JsonObject[] = [];
    let waiting: string | undefined;
    const setDown = (): void => {
      if (waiting !== undefined) parts.push({ text: '', thoughtSignature: waiting });
      waiting = undefined;
    };
    blocks.forEach((block, index) => {
      if (block.type === 'thinking' || block.type === 'redacted-thinking') {
        const signature = this.#signature(block.signature);
        // Thinking of another service, or of nobody knows which.
        if (signature === undefined) return;
        setDown();
        const text = block.type === 'thinking' ? block.parts.join('\n\n') : '';
        if (text !== '') parts.push({ text, thought: true });
        waiting = signature;
        return;
      }
      const encoded = this.#part(block, `${field}.content.${index}`);
      const [first, ...others] = encoded;
      if (first === undefined) return;
      if (first.thoughtSignature !== undefined && first.thoughtSignature !== waiting) setDown();
      parts.push(waiting === undefined ? first : { ...first, thoughtSignature: waiting }, ...others);
      waiting = undefined;
    });
    setDown();
    return parts;
  }

  #signature(signature: Signature | undefined): string | undefined {
    return signature === undefined
      ? undefined
      : signatureFor(signature, { origin: this.#place.origin, dialect: GEMINI });
  }

  /** None for what is dropped. */
  #part(block: ChatBlock, field: string): readonly JsonObject[] {
    const { isOwn, origin, report } = this.#place;
    const kept: JsonObject = block.extensions?.[GEMINI] ?? {};
    const signature = 'signature' in block ? this.#signature(block.signature) : undefined;
    const signed = signature === undefined ? {} : { thoughtSignature: signature };
    switch (block.type) {
      case 'text':
        return block.text === '' && signature === undefined && !isOwn ? [] : [{ ...kept, text: block.text, ...signed }];
      case 'refusal':
        return block.text === '' ? [] : [{ text: block.text }];
      case 'image':
      case 'document':
      case 'audio':
      case 'video': {
        const { inlineData: _inline, fileData: _file, ...modifiers } = kept;
        // It is said among the other texts.
        if (block.source.type === 'text') report(field, 'changed');
        return [{ ...modifiers, ...encodeMedia(block, { isOwn, origin, field }), ...signed }];
      }
      case 'tool-call':
        return [this.#call(block, kept, signed)];
      case 'thinking': {
        if (!isOwn || (block.signature !== undefined && signature === undefined)) return [];
        const [text] = block.parts;
        return [{ ...kept, ...(text === undefined ? {} : { text }), thought: true, ...signed }];
      }
      case 'redacted-thinking':
        return [];
      case 'server-tool-call':
      case 'server-tool-result':
        if (SERVER_PART_FIELDS.some((name) => kept[name] !== undefined)) return [{ ...kept, ...signed }];
        report(field, 'dropped');
        return [];
      case 'opaque':
        if (block.protocol === GEMINI) return [block.value];
        report(field, 'dropped');
        return [];
      case 'tool-result':
        // Results stand in turns of their own.
        report(field, 'dropped');
        return [];
      default:
        return unreachable(block);
    }
  }

  #call(call: ToolCallBlock, kept: JsonObject, signed: JsonObject): JsonObject {
    const { isOwn, traits } = this.#place;
    const { functionCall, ...modifiers } = kept;
    this.#names.set(call.callId, call.name);
    return {
      ...modifiers,
      functionCall: {
        ...encodeCallId(call.callId, isOwn, traits),
        name: call.name,
        args: inputObjectOf(call),
        ...(isObject(functionCall) ? functionCall : {}),
      },
      ...signed,
    };
  }

  /** All results of one answer, then what they hold that the model takes only behind them. */
  #results({ blocks }: ChatTurn, field: string): readonly JsonObject[] {
    const parts: JsonObject[] = [];
    const files: JsonObject[] = [];
    blocks.forEach((block, index) => {
      if (block.type !== 'tool-result') return;
      const name = this.#names.get(block.callId) ?? block.name ?? 'unknown';
      const result = encodeResult(block, { ...this.#place, name, field: `${field}.content.${index}` });
      parts.push(result.part);
      files.push(...result.files);
    });
    return [...parts, ...files];
  }

  /** A conversation may stop at its calls, but not for this service. */
  #answerLastCalls(): void {
    const last = this.#contents[this.#contents.length - 1];
    if (last?.role !== 'model') return;
    const results = last.parts.flatMap(({ functionCall }): readonly JsonObject[] => {
      if (!isObject(functionCall)) return [];
      const { id, name } = functionCall;
      return [
        { functionResponse: { ...(id === undefined ? {} : { id }), name, response: encodeResponse(NO_RESULT, false) } },
      ];
    });
    if (results.length === 0) return;
    this.#place.report('messages', 'added');
    this.#contents.push({ role: 'user', parts: results });
  }

  /**
   * The first call of each answer since the user last spoke has to be signed. What stands beside results may be a reminder
   * of the client's, so the turn goes on there.
   */
  #signRunningTurn(): void {
    const start = this.#contents.findLastIndex(
      ({ role, parts }) => role === 'user' && parts.every(({ functionResponse }) => functionResponse === undefined),
    );
    for (const { role, parts } of this.#contents.slice(start + 1)) {
      if (role !== 'model') continue;
      const index = parts.findIndex(({ functionCall }) => functionCall !== undefined);
      const call = parts[index];
      if (call !== undefined && call.thoughtSignature === undefined) {
        parts[index] = { ...call, thoughtSignature: NO_SIGNATURE };
      }
    }
  }
}
