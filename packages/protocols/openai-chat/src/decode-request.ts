import type { ChatRequest, DecodeRequestContext, Sampling } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { decodeOutputFormat } from './decode-output-format.ts';
import { decodeToolChoice } from './decode-tool-choice.ts';
import { decodeTools } from './decode-tools.ts';
import { decodeTurns } from './decode-turns.ts';
import { defined } from './defined.ts';
import { DIALECT, ownExtensions } from './dialect.ts';
import { invalidField } from './invalid-field.ts';
import { decodeReasoning } from './reasoning-fields.ts';
import { withoutNulls } from './without-nulls.ts';

/** Throws InvalidRequestError, naming the field as the API itself does: `messages[0].role`. */
export function decodeRequest(body: unknown, context: DecodeRequestContext): ChatRequest {
  if (!isObject(body)) throw invalidField('', 'The request body must be a JSON object.');
  const { model, messages } = body;
  if (typeof model !== 'string' || model === '') throw invalidField('model', "'model' must be the name of a model.");
  if (!Array.isArray(messages)) throw invalidField('messages', "'messages' must be a list of messages.");
  if (messages.length === 0) throw invalidField('messages', "'messages' must hold at least one message.");
  const tools = decodeTools(body);
  const request: ChatRequest = {
    protocol: DIALECT,
    model,
    stream: context.isStream,
    turns: decodeTurns(messages),
    tools,
    ...defined({
      toolChoice: decodeToolChoice(body, tools),
      allowsParallelTools: flagOf(body, 'parallel_tool_calls'),
      maxOutputTokens: numberOf(body, 'max_completion_tokens') ?? numberOf(body, 'max_tokens'),
      sampling: decodeSampling(body),
      stop: decodeStop(body.stop),
      reasoning: decodeReasoning(body),
      output: decodeOutputFormat(body.response_format),
      verbosity: wordOf(body.verbosity, ['low', 'medium', 'high']),
      choices: numberOf(body, 'n'),
      logprobs: decodeLogprobs(body),
      modalities: decodeModalities(body.modalities),
      voice: decodeVoice(body.audio),
      includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true ? true : undefined,
      cacheKey: stringOf(body, 'prompt_cache_key'),
      serviceTier: wordOf(body.service_tier, ['auto', 'default', 'flex', 'priority']),
      userId: textOf(body.user) ?? textOf(body.safety_identifier),
      metadata: decodeMetadata(body.metadata),
      store: flagOf(body, 'store'),
    }),
  };
  return { ...request, ...ownExtensions(remainingFields(body, request)) };
}

function numberOf(body: JsonObject, field: string): number | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined || typeof value === 'number') return value;
  throw invalidField(field, `'${field}' must be a number.`);
}

function flagOf(body: JsonObject, field: string): boolean | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidField(field, `'${field}' must be true or false.`);
}

function stringOf(body: JsonObject, field: string): string | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalidField(field, `'${field}' must be a text.`);
}

/** `undefined` for a word that only some services know. */
const wordOf = <const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined =>
  words.find((word) => word === value);

function decodeSampling(body: JsonObject): Sampling | undefined {
  const sampling: Sampling = defined({
    temperature: numberOf(body, 'temperature'),
    topP: numberOf(body, 'top_p'),
    topK: numberOf(body, 'top_k'),
    presencePenalty: numberOf(body, 'presence_penalty'),
    frequencyPenalty: numberOf(body, 'frequency_penalty'),
    seed: numberOf(body, 'seed'),
    logitBias: decodeLogitBias(body.logit_bias),
  });
  return Object.keys(sampling).length === 0 ? undefined : sampling;
}

function decodeLogitBias(bias: unknown): Readonly<Record<string, number>> | undefined {
  if (bias === undefined || bias === null) return undefined;
  const numbers: Record<string, number> = {};
  for (const [token, value] of isObject(bias) ? Object.entries(bias) : [['', bias] as const]) {
    if (typeof value !== 'number') throw invalidField('logit_bias', "'logit_bias' must map tokens to numbers.");
    numbers[token] = value;
  }
  return numbers;
}

function decodeStop(stop: unknown): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  const texts = list.filter((text) => typeof text === 'string');
  if (texts.length !== list.length) throw invalidField('stop', "'stop' must be a text or a list of texts.");
  return texts;
}

function decodeLogprobs(body: JsonObject): ChatRequest['logprobs'] | undefined {
  const top = numberOf(body, 'top_logprobs');
  if (flagOf(body, 'logprobs') !== true) return undefined;
  return top === undefined ? {} : { top };
}

const MODALITIES = ['text', 'image', 'audio'] as const;

function decodeModalities(modalities: unknown): readonly ('text' | 'image' | 'audio')[] | undefined {
  if (!Array.isArray(modalities)) return undefined;
  const known = modalities.flatMap((word: unknown) => MODALITIES.find((modality) => modality === word) ?? []);
  return known.length === 0 ? undefined : known;
}

/** A voice of the client's own is named by an object with its id. */
function decodeVoice(audio: unknown): ChatRequest['voice'] | undefined {
  if (!isObject(audio)) return undefined;
  const { voice } = audio;
  return defined({
    name: textOf(voice) ?? (isObject(voice) ? textOf(voice.id) : undefined),
    format: textOf(audio.format),
  });
}

function decodeMetadata(metadata: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(metadata)) return undefined;
  const pairs: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw invalidField('metadata', "'metadata' must hold texts only.");
    pairs[key] = value;
  }
  return pairs;
}

/** Fields whose neutral form says all of it, whenever they have one. */
const NEUTRAL_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'tools',
  'web_search_options',
  'parallel_tool_calls',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'presence_penalty',
  'frequency_penalty',
  'seed',
  'logit_bias',
  'stop',
  'n',
  'logprobs',
  'top_logprobs',
  'prompt_cache_key',
  'user',
  'metadata',
  'store',
]);

/** What the neutral form does not say, as it came; and of several ways to say a thing the one the client chose. */
function remainingFields(body: JsonObject, request: ChatRequest): JsonObject {
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(withoutNulls(body))) {
    if (!NEUTRAL_FIELDS.has(name) && !isSaid(name, value, request)) rest[name] = value;
  }
  const { stream_options: options } = body;
  if (isObject(options)) {
    const { include_usage: _, ...others } = options;
    if (Object.keys(others).length > 0) rest.stream_options = others;
    else delete rest.stream_options;
  }
  return rest;
}

function isSaid(name: string, value: unknown, request: ChatRequest): boolean {
  switch (name) {
    case 'tool_choice':
      return request.toolChoice !== undefined && value !== 'any';
    case 'response_format':
      return request.output !== undefined && isPlainFormat(value);
    case 'reasoning_effort':
      return request.reasoning?.effort === value || value === 'none';
    case 'verbosity':
      return request.verbosity !== undefined;
    case 'service_tier':
      return request.serviceTier !== undefined;
    case 'modalities':
      return Array.isArray(value) && request.modalities?.length === value.length;
    case 'audio':
      return (
        isObject(value) &&
        Object.keys(value).every((key) => key === 'voice' || key === 'format') &&
        !isObject(value.voice)
      );
    default:
      return false;
  }
}

/** Whether the neutral form has all of it. */
function isPlainFormat(format: unknown): boolean {
  return isObject(format) && !(format.type === 'json_object' && Object.keys(format).length > 1);
}
