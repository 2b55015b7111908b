import type { JsonObject } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { restOf } from '../own-fields.ts';

const MESSAGE_FIELDS = new Set(['type', 'role', 'content']);

/**
 * What a message says beside its parts. Of its status only what is odd: a message begins in progress and ends completed,
 * and its parts would differ by it.
 */
export function messageRest(item: JsonObject): JsonObject {
  const { status, ...rest } = restOf(item, MESSAGE_FIELDS) ?? {};
  return status === undefined || status === 'in_progress' || status === 'completed' ? rest : { ...rest, status };
}

const REASONING_FIELDS = new Set(['type', 'summary', 'content', 'encrypted_content']);

/** What a reasoning item says beside its texts and its signature; empty lists and nulls are said too. */
export function reasoningRest(item: JsonObject): JsonObject {
  const { content, encrypted_content: encrypted } = item;
  const isEmpty = content === null || (Array.isArray(content) && content.length === 0);
  return {
    ...restOf(item, REASONING_FIELDS),
    ...(isEmpty ? { content } : {}),
    ...(encrypted === null ? { encrypted_content: encrypted } : {}),
  };
}

/** The texts of a list of parts that have one. */
export function partTexts(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((part: unknown): readonly string[] => {
    const text = isObject(part) ? textOf(part['text']) : undefined;
    return text === undefined ? [] : [text];
  });
}

const CALL_FIELDS = new Set(['type', 'call_id', 'name', 'arguments', 'namespace']);
const CUSTOM_CALL_FIELDS = new Set(['type', 'call_id', 'name', 'input', 'namespace']);

export const isCustomCall = (item: JsonObject): boolean => item['type'] === 'custom_tool_call';

export const callRest = (item: JsonObject): JsonObject =>
  restOf(item, isCustomCall(item) ? CUSTOM_CALL_FIELDS : CALL_FIELDS) ?? {};

/** The id that links the result; some services give none, and then the item's own has to do. */
export const callIdOf = (item: JsonObject, index: number): string =>
  textOf(item['call_id']) ?? textOf(item['id']) ?? `call_${index}`;

/** A call's input as text; compatible servers send an object as well. */
export function inputOf(item: JsonObject): string {
  const input = isCustomCall(item) ? item['input'] : item['arguments'];
  if (typeof input === 'string') return input;
  return input === undefined || input === null ? '' : JSON.stringify(input);
}
