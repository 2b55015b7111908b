import type { ChatRequest, ReportChange } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import type { ModelTraits } from './model-traits.ts';

/** Below it the API refuses `top_p` with thinking on. */
const MIN_TOP_P_WITH_THINKING = 0.95;

/** `temperature`, `top_p` and `top_k` as far as the model takes them, alone or together, and with thinking on or off. */
export function encodeSampling(
  { sampling = {} }: ChatRequest,
  situation: { readonly traits: ModelTraits; readonly isThinking: boolean; readonly report: ReportChange },
): JsonObject {
  const { traits, isThinking, report } = situation;
  for (const [field, value] of [
    ['presence_penalty', sampling.presencePenalty],
    ['frequency_penalty', sampling.frequencyPenalty],
    ['seed', sampling.seed],
    ['logit_bias', sampling.logitBias],
  ] as const) {
    if (value !== undefined) report(field, 'dropped');
  }
  const drop = (field: string): undefined => {
    report(field, 'dropped');
  };
  let temperature = clamp(sampling.temperature, 'temperature', report);
  let topP = clamp(sampling.topP, 'top_p', report);
  let topK = sampling.topK;
  if (traits.sampling === 'none') {
    // What they do without it says the same as 1.
    temperature = temperature === undefined || temperature === 1 ? undefined : drop('temperature');
    topP = topP === undefined || topP === 1 ? undefined : drop('top_p');
    topK = topK === undefined ? undefined : drop('top_k');
  } else if (isThinking) {
    if (temperature !== undefined && temperature !== 1) temperature = drop('temperature');
    if (topP !== undefined && topP < MIN_TOP_P_WITH_THINKING) topP = drop('top_p');
    if (topK !== undefined) topK = drop('top_k');
  }
  if (traits.sampling === 'single' && temperature !== undefined && topP !== undefined) topP = drop('top_p');
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: Math.max(0, Math.floor(topK)) }),
  };
}

function clamp(value: number | undefined, field: string, report: ReportChange): number | undefined {
  if (value === undefined || (value >= 0 && value <= 1)) return value;
  report(field, 'changed');
  return value > 1 ? 1 : 0;
}
