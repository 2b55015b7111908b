import type { Extensions, JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { ownFields, restOf } from '../own-fields.ts';
import { decodeOutputFormat } from './decode-output-format.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { decodeLogprobsWish, decodeServiceTier, decodeVerbosity } from './decode-settings.ts';
import { decodeToolChoice } from './decode-tool-choice.ts';

/** Fields that the neutral form takes whole, when they have a value it knows. `user` is not here: it has no place of its own. */
const TAKEN: ReadonlyMap<string, (value: unknown, body: JsonObject) => boolean> = new Map([
  ['model', isAnything],
  ['input', isAnything],
  ['instructions', isAnything],
  ['stream', isAnything],
  ['tools', isAnything],
  [
    'tool_choice',
    (choice: unknown) => {
      const type = decodeToolChoice(choice)?.type;
      return type !== undefined && type !== 'server' && type !== 'allowed';
    },
  ],
  ['parallel_tool_calls', isBoolean],
  ['max_output_tokens', isNumber],
  ['temperature', isNumber],
  ['top_p', isNumber],
  ['top_logprobs', (value: unknown, body: JsonObject) => isNumber(value) && decodeLogprobsWish(body) !== undefined],
  ['prompt_cache_key', isText],
  ['service_tier', (value: unknown) => decodeServiceTier(value) !== undefined],
  ['safety_identifier', isText],
  ['metadata', (value: unknown) => isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')],
  ['store', isBoolean],
  ['background', isBoolean],
  ['previous_response_id', isText],
]);

/**
 * What the neutral form of a request has no place for, as the client wrote it. Of settings that it takes in part, the
 * rest. A `null` says nothing in this dialect.
 */
export function ownRequestFields(body: JsonObject): JsonObject | undefined {
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined) continue;
    if (name === 'reasoning') Object.assign(own, named(name, reasoningRest(value)));
    else if (name === 'text') Object.assign(own, named(name, textRest(value)));
    else if (TAKEN.get(name)?.(value, body) !== true) own[name] = value;
  }
  return Object.keys(own).length === 0 ? undefined : own;
}

/** Those of a request, as its decoder left them. */
export function ownRequestFieldsOf(extensions: Extensions | undefined): JsonObject {
  const fields = ownFields(extensions)?.['fields'];
  return isObject(fields) ? fields : {};
}

const named = (name: string, rest: unknown): JsonObject => (rest === undefined ? {} : { [name]: rest });

const EFFORT = new Set(['effort']);
const EFFORT_AND_SUMMARY = new Set(['effort', 'summary']);

function reasoningRest(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { effort, summary } = value;
  const isEffortTaken = typeof effort === 'string' && decodeReasoning({ effort }) !== undefined;
  const isSummaryTaken = summary === 'auto' || summary === 'detailed';
  if (isEffortTaken) return restOf(value, isSummaryTaken ? EFFORT_AND_SUMMARY : EFFORT);
  return isSummaryTaken ? restOf(value, new Set(['summary'])) : restOf(value, new Set());
}

function textRest(value: unknown): unknown {
  if (!isObject(value)) return value;
  const taken = new Set<string>();
  if (decodeOutputFormat(value['format']) !== undefined) taken.add('format');
  if (decodeVerbosity(value['verbosity']) !== undefined) taken.add('verbosity');
  return restOf(value, taken);
}

function isAnything(): boolean {
  return true;
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
