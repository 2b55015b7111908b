import {
  bridgeTools,
  budgetOfEffort,
  effortOfBudget,
  mergeTurns,
  repairToolTurns,
  textOf,
} from '@proxycast/conversion';
import {
  type ChatRequest,
  type ChatTurn,
  type EncodedRequest,
  type EncodeRequestContext,
  InvalidRequestError,
  type JsonObject,
  type Reasoning,
  type ReportChange,
} from '@proxycast/spec';
import { encodeTools } from './encode-tools.ts';
import { encodeTurns } from './encode-turns.ts';
import { endTurns, lacksThinking } from './end-turns.ts';
import { type ModelTraits, traitsOf } from './model-traits.ts';

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** The least that Claude takes (protocol of Messages, 2026-11). */
const MIN_BUDGET = 1_024;
/** Room for the answer itself where a budget would leave none. */
const ANSWER_TOKENS = 1_024;

/** A request for Converse, or for CountTokens of one. Throws InvalidRequestError for several choices and for media it cannot carry. */
export function encodeRequest(request: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  const { report } = context;
  const [kept] = request.keptByService ?? [];
  if (kept !== undefined) {
    throw new InvalidRequestError({
      code: 'unsupported_parameter',
      message: `${kept}: this service keeps nothing; send the whole conversation.`,
      field: kept,
    });
  }
  if (request.choices !== undefined && request.choices > 1) {
    throw new InvalidRequestError({
      code: 'choices_not_supported',
      message: 'This model gives one answer at a time: send n = 1.',
      field: 'n',
    });
  }
  const traits = traitsOf(context.model);
  const bridged = bridgeTools(request, { pattern: TOOL_NAME, maxLength: 64, takesCustom: false }, report);
  const repaired = repairToolTurns(bridged.request.turns, report);
  const { system, turns } = splitSystem(repaired);
  const messages = encodeTurns(mergeTurns(turns), context, traits);
  const { isPrefilled } = endTurns(messages, traits, report);
  const reasoning = encodeReasoning(request, {
    traits,
    report,
    isPrefilled,
    lacksThinking: lacksThinking(messages),
  });
  const toolConfig = encodeTools(bridged.request, turns, { traits, isThinking: reasoning.isThinking, report });
  const inferenceConfig = encodeInference(request, traits, reasoning, context);
  const additional = { ...reasoning.fields, ...topK(request, traits, reasoning.isThinking, report) };
  reportLosses(request, report);
  const read = {
    messages,
    ...(system.length === 0 ? {} : { system: encodeSystem(system, traits) }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(Object.keys(additional).length === 0 ? {} : { additionalModelRequestFields: additional }),
  };
  return {
    body:
      context.isTokenCount === true
        ? // What is not read by the model is no part of it (ConverseTokensRequest, API reference of CountTokens, 2026-11).
          { input: { converse: read } }
        : { ...read, ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }) },
    ...(bridged.bridge === undefined ? {} : { bridge: bridged.bridge }),
  };
}

/** System text at the front has a field of its own; what is said later stays where it is said. */
function splitSystem(turns: readonly ChatTurn[]): {
  readonly system: readonly ChatTurn[];
  readonly turns: readonly ChatTurn[];
} {
  const first = turns.findIndex(({ role }) => role !== 'system');
  const count = first < 0 ? turns.length : first;
  return { system: turns.slice(0, count), turns: turns.slice(count) };
}

function encodeSystem(system: readonly ChatTurn[], { takesCachePoints }: ModelTraits): readonly JsonObject[] {
  return system.flatMap(({ blocks }) =>
    blocks.flatMap((block): readonly JsonObject[] => {
      const text = textOf([block]);
      if (text === '') return [];
      return block.cache !== undefined && takesCachePoints
        ? [{ text }, { cachePoint: { type: 'default' } }]
        : [{ text }];
    }),
  );
}

interface EncodedReasoning {
  readonly fields: JsonObject;
  readonly isThinking: boolean;
  readonly budget?: number;
}

interface ReasoningSituation {
  readonly traits: ModelTraits;
  readonly report: ReportChange;
  /** The answer begins with words of the client's. */
  readonly isPrefilled: boolean;
  /** The answer goes on after calls whose thinking is gone. */
  readonly lacksThinking: boolean;
}

function encodeReasoning({ reasoning, toolChoice }: ChatRequest, situation: ReasoningSituation): EncodedReasoning {
  const none: EncodedReasoning = { fields: {}, isThinking: false };
  if (reasoning === undefined || reasoning.mode === 'off') return none;
  const { traits, report, isPrefilled } = situation;
  // A call that is forced and an answer that is begun are refused together with thinking.
  const isForced =
    toolChoice?.type === 'required' ||
    toolChoice?.type === 'named' ||
    (toolChoice?.type === 'allowed' && toolChoice.mode === 'required');
  const isLost = traits.thinking === 'budget' && situation.lacksThinking;
  if (traits.thinking === 'none' || isForced || isPrefilled || isLost) {
    report('reasoning', 'dropped');
    return none;
  }
  const display = displayOf(reasoning, traits);
  if (traits.thinking === 'adaptive') {
    const effort = reasoning.effort ?? (reasoning.budget === undefined ? undefined : effortOfBudget(reasoning.budget));
    if (reasoning.budget !== undefined) report('reasoning', 'changed');
    return {
      fields: {
        thinking: { type: 'adaptive', ...display },
        ...(effort === undefined ? {} : { output_config: { effort: effort === 'minimal' ? 'low' : effort } }),
      },
      isThinking: true,
    };
  }
  const budget = Math.max(MIN_BUDGET, reasoning.budget ?? budgetOfEffort(reasoning.effort ?? 'medium'));
  return {
    fields: { thinking: { type: 'enabled', budget_tokens: budget, ...display } },
    isThinking: true,
    budget,
  };
}

/** No client of Converse asks for the thinking to be shown, and those of other dialects show what there is. */
function displayOf({ display }: Reasoning, { hidesThinking }: ModelTraits): JsonObject {
  if (display === 'omitted') return { display };
  return hidesThinking ? { display: 'summarized' } : {};
}

function encodeInference(
  request: ChatRequest,
  traits: ModelTraits,
  { isThinking, budget }: EncodedReasoning,
  { report, maxOutputTokens }: EncodeRequestContext,
): JsonObject {
  const { sampling, stop } = request;
  const fields: Record<string, unknown> = {};
  const limit = request.maxOutputTokens;
  if (limit !== undefined || budget !== undefined) {
    const least = budget === undefined ? 1 : budget + ANSWER_TOKENS;
    const wanted = Math.max(limit ?? 0, least);
    fields['maxTokens'] = maxOutputTokens === undefined ? wanted : Math.min(wanted, Math.max(maxOutputTokens, least));
    if (limit !== fields['maxTokens']) report('max_tokens', limit === undefined ? 'added' : 'changed');
  }
  if (sampling?.temperature !== undefined) {
    if (traits.refusesSampling || isThinking) report('temperature', 'dropped');
    else {
      fields['temperature'] = Math.min(sampling.temperature, 1);
      if (sampling.temperature > 1) report('temperature', 'changed');
    }
  }
  if (sampling?.topP !== undefined) {
    // Several Claude models refuse both at once.
    if (traits.refusesSampling || isThinking || (traits.isClaude && fields['temperature'] !== undefined)) {
      report('top_p', 'dropped');
    } else fields['topP'] = sampling.topP;
  }
  const sequences = stop?.filter((sequence) => sequence.trim() !== '') ?? [];
  if (sequences.length > 0) fields['stopSequences'] = sequences;
  return fields;
}

function topK(
  { sampling }: ChatRequest,
  { isClaude, refusesSampling }: ModelTraits,
  isThinking: boolean,
  report: EncodeRequestContext['report'],
): JsonObject {
  if (sampling?.topK === undefined) return {};
  if (isClaude && !refusesSampling && !isThinking) return { top_k: sampling.topK };
  report('top_k', 'dropped');
  return {};
}

/** What Converse has no word for. */
function reportLosses(request: ChatRequest, report: EncodeRequestContext['report']): void {
  if (request.logprobs !== undefined) report('logprobs', 'dropped');
  if (request.sampling?.logitBias !== undefined) report('logit_bias', 'dropped');
  if (request.output !== undefined && request.output.type !== 'text') report('response_format', 'dropped');
  if (request.allowsParallelTools === false) report('parallel_tool_calls', 'dropped');
  if (request.modalities?.some((modality) => modality !== 'text') === true) {
    throw new InvalidRequestError({
      code: 'modality_not_supported',
      message: 'This model answers with text only.',
      field: 'modalities',
    });
  }
}
