import type { ChatRequest, JsonObject, OutputFormat, Sampling } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { decodeSchema } from './decode-schema.ts';
import { decodeThinkingConfig } from './decode-thinking-config.ts';
import { extensionOf, fieldsOf, listOf } from './field-names.ts';

export interface DecodedGenerationConfig {
  readonly fields: Partial<ChatRequest>;
  /** What of it only this dialect knows, or says in a way that the encoder would not find again. */
  readonly kept?: JsonObject;
}

export function decodeGenerationConfig(config: unknown): DecodedGenerationConfig {
  if (!isObject(config)) return { fields: {} };
  const {
    temperature,
    topP,
    topK,
    seed,
    presencePenalty,
    frequencyPenalty,
    candidateCount,
    maxOutputTokens,
    stopSequences,
    responseLogprobs,
    logprobs,
    ...rest
  } = fieldsOf(config);
  const sampling = samplingOf({ temperature, topP, topK, seed, presencePenalty, frequencyPenalty });
  const stop = (stopSequences === undefined ? [] : listOf(stopSequences)).filter((text) => typeof text === 'string');
  const reasoning = decodeThinkingConfig(rest.thinkingConfig);
  const output = outputOf(rest);
  const modalities = modalitiesOf(rest.responseModalities);
  const voice = voiceOf(rest.speechConfig);
  const fields: Partial<ChatRequest> = {
    ...(sampling === undefined ? {} : { sampling }),
    ...(typeof candidateCount === 'number' ? { choices: candidateCount } : {}),
    ...(typeof maxOutputTokens === 'number' ? { maxOutputTokens } : {}),
    ...(stop.length === 0 ? {} : { stop }),
    ...(responseLogprobs === true ? { logprobs: typeof logprobs === 'number' ? { top: logprobs } : {} } : {}),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(output === undefined ? {} : { output }),
    ...(modalities === undefined ? {} : { modalities }),
    ...(voice === undefined ? {} : { voice: { name: voice } }),
  };
  const kept = extensionOf(rest);
  return { fields, ...(kept === undefined ? {} : { kept }) };
}

function samplingOf(values: JsonObject): Sampling | undefined {
  const sampling = Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'number'));
  return extensionOf(sampling);
}

function outputOf({ responseMimeType, responseSchema, responseJsonSchema }: JsonObject): OutputFormat | undefined {
  const schema = isObject(responseJsonSchema)
    ? responseJsonSchema
    : isObject(responseSchema)
      ? decodeSchema(responseSchema)
      : undefined;
  if (schema !== undefined) return { type: 'schema', schema };
  return responseMimeType === 'application/json' ? { type: 'json' } : undefined;
}

function modalitiesOf(value: unknown): ChatRequest['modalities'] {
  if (value === undefined) return undefined;
  const modalities = listOf(value).flatMap((name): readonly ('text' | 'image' | 'audio')[] => {
    const modality = typeof name === 'string' ? name.toLowerCase() : '';
    return modality === 'text' || modality === 'image' || modality === 'audio' ? [modality] : [];
  });
  // Text is what an answer holds anyway.
  return modalities.some((modality) => modality !== 'text') ? modalities : undefined;
}

function voiceOf(speechConfig: unknown): string | undefined {
  const inner = (value: unknown, name: string): unknown => (isObject(value) ? fieldsOf(value)[name] : undefined);
  return textOf(inner(inner(inner(speechConfig, 'voiceConfig'), 'prebuiltVoiceConfig'), 'voiceName'));
}
