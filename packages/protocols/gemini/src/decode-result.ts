import type { ChatBlock, JsonObject, MediaBlock, ToolResultBlock } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import type { CallLedger } from './call-id.ts';
import { decodeMedia } from './decode-media.ts';
import { encodeResponse, isObjectText } from './encode-response.ts';
import { extensionOf, fieldsOf, listOf } from './field-names.ts';

/** A result of a call. Its text is what the encoder makes the same object of; where it would not, the object is kept. */
export function decodeResult(functionResponse: JsonObject, name: string, calls: CallLedger): ToolResultBlock {
  const { id, name: _name, response, parts, ...rest } = fieldsOf(functionResponse);
  const callId = calls.result(id, name);
  const { text, isError, isExact } = textOfResponse(response);
  const kept = extensionOf({
    ...rest,
    ...(isExact ? {} : { response }),
    ...(id === undefined || id === callId ? {} : { id }),
  });
  return {
    type: 'tool-result',
    callId,
    name,
    kind: 'function',
    ...(isError ? { isError } : {}),
    blocks: [{ type: 'text', text }, ...decodeResultParts(parts)],
    ...(kept === undefined ? {} : { extensions: { [GEMINI]: { functionResponse: kept } } }),
  };
}

interface ResponseText {
  readonly text: string;
  readonly isError: boolean;
  /** Whether `encodeResponse` makes the same object of the text. */
  readonly isExact: boolean;
}

/** The names under which clients put a text into the object that the dialect wants. */
const WRAPPERS: ReadonlySet<string> = new Set(['result', 'output', 'content', 'return_value']);

function textOfResponse(response: unknown): ResponseText {
  if (!isObject(response)) return { text: '', isError: false, isExact: response === undefined };
  const names = Object.keys(response);
  const [name] = names;
  const value = name === undefined ? undefined : response[name];
  if (names.length === 1 && typeof value === 'string') {
    if (name === 'error') return { text: value, isError: true, isExact: true };
    if (name === 'result')
      return { text: value, isError: false, isExact: encodeResponse(value, false).result === value };
    if (name !== undefined && WRAPPERS.has(name)) return { text: value, isError: false, isExact: false };
  }
  const text = JSON.stringify(response);
  return { text, isError: false, isExact: isObjectText(text) };
}

function decodeResultParts(parts: unknown): readonly ChatBlock[] {
  if (parts === undefined) return [];
  return listOf(parts).flatMap((part): readonly ChatBlock[] => {
    const fields = isObject(part) ? fieldsOf(part) : {};
    const media: MediaBlock | undefined = decodeMedia(fields);
    return media === undefined ? [{ type: 'opaque', protocol: GEMINI, value: isObject(part) ? part : {} }] : [media];
  });
}
