import { type ChatRequest, InvalidRequestError, type JsonObject, type ReportChange } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { cleanSchema } from './clean-schema.ts';
import { decodeSchema } from './decode-schema.ts';
import { encodeThinkingConfig } from './encode-thinking-config.ts';
import { isSameJson } from './is-same-json.ts';
import type { ModelTraits } from './model-traits.ts';

export interface GenerationPlace {
  readonly traits: ModelTraits;
  readonly report: ReportChange;
  /** The model's own bound on its output, where it is known. */
  readonly maxOutputTokens?: number;
  /** Whether a client of this dialect wrote it: then its numbers are for the service to judge. */
  readonly isOwn: boolean;
  /** Whether the model takes an output format beside its tools. */
  readonly takesFormat: boolean;
}

const MAX_TEMPERATURE = 2;
const MAX_STOP_SEQUENCES = 5;
const MAX_CHOICES = 8;
const MAX_TOP_LOGPROBS = 20;

/** `generationConfig`; what a client of this dialect said in its own way goes over the rest. */
export function encodeGenerationConfig(request: ChatRequest, place: GenerationPlace): JsonObject | undefined {
  const kept = request.extensions?.[GEMINI]?.generationConfig;
  const config: JsonObject = {
    ...encodeSampling(request, place),
    ...encodeBounds(request, place),
    ...encodeLogprobs(request, place),
    ...(place.takesFormat ? encodeOutput(request, place.report) : {}),
    ...encodeModalities(request, place.report),
    ...encodeThinking(request, place),
    ...(isObject(kept) ? kept : {}),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function encodeSampling({ sampling }: ChatRequest, place: GenerationPlace): JsonObject {
  if (sampling === undefined) return {};
  const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty, logitBias } = sampling;
  if (logitBias !== undefined) place.report('logit_bias', 'dropped');
  return {
    ...(temperature === undefined ? {} : { temperature: clamp(temperature, 0, MAX_TEMPERATURE, 'temperature', place) }),
    ...(topP === undefined ? {} : { topP: clamp(topP, 0, 1, 'top_p', place) }),
    ...(topK === undefined ? {} : { topK }),
    ...(seed === undefined ? {} : { seed: encodeSeed(seed, place) }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
  };
}

function clamp(value: number, min: number, max: number, field: string, { isOwn, report }: GenerationPlace): number {
  if (isOwn) return value;
  const clamped = Math.min(max, Math.max(min, value));
  if (clamped !== value) report(field, 'changed');
  return clamped;
}

/** A signed 32-bit number here; a larger one keeps its low bits, so that the same seed stays the same. */
function encodeSeed(seed: number, { isOwn, report }: GenerationPlace): number {
  if (isOwn) return seed;
  const given = Number.isInteger(seed) ? Number(BigInt.asIntN(32, BigInt(seed))) : Math.trunc(seed) | 0;
  if (given !== seed) report('seed', 'changed');
  return given;
}

function encodeBounds({ maxOutputTokens, stop, choices }: ChatRequest, place: GenerationPlace): JsonObject {
  const { report } = place;
  const stops = stop?.filter((text) => text !== '') ?? [];
  const isCut = stops.length > MAX_STOP_SEQUENCES;
  if (isCut) report('stop', 'changed');
  if (choices !== undefined && choices > MAX_CHOICES) {
    throw new InvalidRequestError({
      code: 'too_many_choices',
      message: `This model gives at most ${MAX_CHOICES} answers to one request, not ${choices}.`,
      field: 'n',
    });
  }
  const bound = place.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return {
    ...(maxOutputTokens === undefined
      ? {}
      : { maxOutputTokens: clamp(maxOutputTokens, 1, bound, 'max_tokens', place) }),
    ...(stops.length === 0 ? {} : { stopSequences: isCut ? stops.slice(0, MAX_STOP_SEQUENCES) : stops }),
    ...(choices === undefined ? {} : { candidateCount: choices }),
  };
}

function encodeLogprobs({ logprobs }: ChatRequest, place: GenerationPlace): JsonObject {
  if (logprobs === undefined) return {};
  const { top } = logprobs;
  if (top === undefined || top === 0) return { responseLogprobs: true };
  return { responseLogprobs: true, logprobs: clamp(top, 0, MAX_TOP_LOGPROBS, 'top_logprobs', place) };
}

function encodeOutput({ output, extensions }: ChatRequest, report: ReportChange): JsonObject {
  if (output === undefined || output.type === 'text') return {};
  const config = { responseMimeType: 'application/json' };
  const kept = extensions?.[GEMINI]?.generationConfig;
  if (output.type === 'json' || kept !== undefined) return config;
  const schema = cleanSchema(describe(output));
  if (!isSameJson(decodeSchema(schema), output.schema)) report('response_format', 'changed');
  return { ...config, responseSchema: schema };
}

function describe({ schema, description }: Extract<ChatRequest['output'], { type: 'schema' }>): JsonObject {
  return description === undefined || schema.description !== undefined ? schema : { ...schema, description };
}

/** Voices of other services, of which this one knows none: its own default speaks instead. */
const FOREIGN_VOICES: ReadonlySet<string> = new Set([
  'alloy',
  'ash',
  'ballad',
  'cedar',
  'coral',
  'echo',
  'fable',
  'marin',
  'nova',
  'onyx',
  'sage',
  'shimmer',
  'verse',
]);

function encodeModalities({ modalities, voice }: ChatRequest, report: ReportChange): JsonObject {
  if (modalities === undefined || !modalities.some((modality) => modality !== 'text')) return {};
  const isSpoken = modalities.includes('audio');
  // Models that speak do nothing else.
  const responseModalities = isSpoken ? ['AUDIO'] : modalities.map((modality) => modality.toUpperCase());
  const name = voice?.name;
  if (name === undefined || !isSpoken) return { responseModalities };
  if (FOREIGN_VOICES.has(name.toLowerCase())) {
    report('audio.voice', 'dropped');
    return { responseModalities };
  }
  return { responseModalities, speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: name } } } };
}

function encodeThinking({ reasoning, extensions }: ChatRequest, { traits, report }: GenerationPlace): JsonObject {
  const kept = extensions?.[GEMINI]?.generationConfig;
  if (isObject(kept) && kept.thinkingConfig !== undefined) return {};
  const thinkingConfig = encodeThinkingConfig(reasoning, traits.thinking, report);
  return thinkingConfig === undefined ? {} : { thinkingConfig };
}
