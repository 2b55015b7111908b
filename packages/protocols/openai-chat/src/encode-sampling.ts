import type { ChatRequest, JsonObject, ReportChange } from '@proxycast/spec';
import type { ChatQuirks, RefusableParameter } from './chat-variant.ts';
import type { ModelTraits } from './model-traits.ts';

/** The API takes no more stop sequences. */
const MAX_STOPS = 4;

export interface SamplingTarget {
  readonly quirks: ChatQuirks;
  readonly traits: ModelTraits;
  /** The word of `reasoning_effort` that is sent: some models can be told how to choose only when they do not think. */
  readonly effort: unknown;
  readonly report: ReportChange;
}

/** How tokens are chosen, as far as the model and the service let themselves be told. */
export function encodeSampling(request: ChatRequest, target: SamplingTarget): JsonObject {
  const { sampling = {}, logprobs } = request;
  const fields: Record<string, unknown> = {};
  const write = (field: RefusableParameter, value: unknown, isDefault = false) => {
    if (value === undefined) return;
    if (isTaken(field, target)) fields[field] = value;
    else if (!isDefault) target.report(field, 'dropped');
  };
  write('temperature', temperatureOf(sampling.temperature, target), sampling.temperature === 1);
  write('top_p', sampling.topP, sampling.topP === 1);
  if (sampling.topK !== undefined && target.quirks.topK) fields.top_k = sampling.topK;
  write('presence_penalty', sampling.presencePenalty, sampling.presencePenalty === 0);
  write('frequency_penalty', sampling.frequencyPenalty, sampling.frequencyPenalty === 0);
  write('seed', sampling.seed);
  write('logit_bias', sampling.logitBias);
  write('stop', stopsOf(request, target));
  if (logprobs !== undefined) {
    write('logprobs', true);
    if (fields.logprobs === true && logprobs.top !== undefined) fields.top_logprobs = logprobs.top;
  }
  return fields;
}

function isTaken(field: RefusableParameter, { quirks, traits, effort }: SamplingTarget): boolean {
  if (quirks.unsupported.includes(field)) return false;
  if (field === 'stop') return traits.takesStop;
  if (field === 'seed') return true;
  return traits.sampling === 'taken' || (traits.sampling === 'without-effort' && effort === 'none');
}

function temperatureOf(temperature: number | undefined, { quirks, report }: SamplingTarget): number | undefined {
  const { maxTemperature } = quirks;
  if (temperature === undefined || maxTemperature === undefined || temperature <= maxTemperature) return temperature;
  report('temperature', 'changed');
  return maxTemperature;
}

function stopsOf({ stop }: ChatRequest, { report }: SamplingTarget): readonly string[] | undefined {
  const stops = stop?.filter((text) => text !== '') ?? [];
  if (stops.length === 0) return undefined;
  if (stops.length <= MAX_STOPS) return stops;
  report('stop', 'changed');
  return stops.slice(0, MAX_STOPS);
}
