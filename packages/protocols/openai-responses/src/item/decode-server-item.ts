import type { ChatBlock, JsonObject, ServerToolCallBlock, ServerToolResultBlock } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { callIdOf } from './item-fields.ts';
import { placed } from './item-place.ts';
import { mapServerCall, mapServerOutput } from './map-server-tool.ts';

/** A call of one of the service's own tools, with its result where the item holds that too, or the item of a result. */
export function decodeServerItem(item: JsonObject, index: number): readonly ChatBlock[] {
  const call = decodeServerCall(item, index);
  const result = decodeServerResult(item, index);
  return [...(call === undefined ? [] : [call]), ...(result === undefined ? [] : [result])];
}

export function decodeServerCall(item: JsonObject, index: number): ServerToolCallBlock | undefined {
  const tool = mapServerCall(item['type']);
  if (tool === undefined) return undefined;
  return {
    type: 'server-tool-call',
    callId: callIdOf(item, index),
    tool,
    name: serverToolNameOf(item),
    input: serverInputOf(item),
    extensions: placed({ index, item }),
  };
}

export const serverToolNameOf = (item: JsonObject): string =>
  textOf(item['name']) ?? String(item['type']).replace(/_call$/, '');

/** As JSON text. Each tool has a field of its own for what it was asked. */
export function serverInputOf(item: JsonObject): string {
  const { arguments: input, action, operation, code, queries } = item;
  if (typeof input === 'string') return input;
  if (isObject(action)) return JSON.stringify(withoutSources(action));
  if (isObject(input)) return JSON.stringify(input);
  if (isObject(operation)) return JSON.stringify(operation);
  if (typeof code === 'string') return JSON.stringify({ code });
  return Array.isArray(queries) ? JSON.stringify({ queries }) : '';
}

function withoutSources({ sources: _, ...action }: JsonObject): JsonObject {
  return action;
}

/** `undefined` where the item says nothing of a result. */
export function decodeServerResult(item: JsonObject, index: number): ServerToolResultBlock | undefined {
  const { type, status } = item;
  const tool = mapServerOutput(type) ?? mapServerCall(type);
  if (tool === undefined) return undefined;
  const sources = sourcesOf(item);
  const text = resultTextOf(item);
  const isError = status === 'failed' || (item['error'] !== undefined && item['error'] !== null);
  const isDone = status === undefined || status === 'completed' || status === 'failed' || status === 'incomplete';
  const isResult = mapServerOutput(type) !== undefined || (tool === 'web-search' && isDone);
  if (!isResult && text === undefined && sources.length === 0) return undefined;
  return {
    type: 'server-tool-result',
    callId: callIdOf(item, index),
    tool,
    ...(isError ? { isError } : {}),
    ...(sources.length === 0 && tool !== 'web-search' ? {} : { sources }),
    ...(text === undefined ? {} : { text }),
    extensions: placed({ index, item }),
  };
}

interface Source {
  readonly url: string;
  readonly title?: string;
}

function sourcesOf({ action }: JsonObject): readonly Source[] {
  const sources = isObject(action) ? action['sources'] : undefined;
  if (!Array.isArray(sources)) return [];
  return sources.flatMap((source: unknown): readonly Source[] => {
    if (!isObject(source)) return [];
    const url = textOf(source['url']);
    const title = textOf(source['title']);
    if (url === undefined) return [];
    return [title === undefined ? { url } : { url, title }];
  });
}

function resultTextOf(item: JsonObject): string | undefined {
  const { output, outputs, results, result, error } = item;
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return joinTexts(output.map(printedBy));
  if (Array.isArray(outputs)) return joinTexts(outputs.map(printedBy));
  if (Array.isArray(results)) return joinTexts(results.map(printedBy));
  if (typeof result === 'string') return result;
  if (isObject(error)) return textOf(error['message']);
  return textOf(error);
}

const joinTexts = (texts: readonly (string | undefined)[]): string | undefined => {
  const said = texts.filter((text) => text !== undefined);
  return said.length === 0 ? undefined : said.join('\n');
};

function printedBy(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { logs, text, stdout, stderr } = value;
  return textOf(logs) ?? textOf(text) ?? joinTexts([textOf(stdout), textOf(stderr)]);
}
