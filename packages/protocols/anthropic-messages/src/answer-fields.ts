import type { JsonObject } from '@proxycast/wire';
import { fieldsBeside } from './dialect.ts';

/** Fields of a message that are read one by one. */
const READ = ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'];
/** Fields of a message that its end decides: a stream gives them in `message_delta`, some of them in its `delta`. */
const OF_END = ['stop_details', 'container', 'context_management'];

const READ_OR_OF_END = new Set([...READ, ...OF_END]);

/** What of a message only this dialect says and its start can. */
export const startFieldsOf = (message: JsonObject): JsonObject => fieldsBeside(message, READ_OR_OF_END);

/** What of a message only this dialect says and its end decides. */
export function endFieldsOf(message: JsonObject): JsonObject {
  const fields: Record<string, unknown> = {};
  for (const name of OF_END) if (name in message) fields[name] = message[name];
  return fields;
}

const DELTA = new Set(['stop_reason', 'stop_sequence']);
const EVENT = new Set(['type', 'delta', 'usage']);

/** The same of the event `message_delta`. */
export function endFieldsOfDelta(event: JsonObject, delta: JsonObject): JsonObject {
  return { ...fieldsBeside(delta, DELTA), ...fieldsBeside(event, EVENT) };
}

/** Where in `message_delta` a field of the end stands: inside `delta`, or beside it. */
export const isBesideDelta = (name: string): boolean => name === 'context_management';
