import { bridgeTools, repairToolTurns } from '@proxycast/conversion';
import {
  type ChatRequest,
  type EncodedRequest,
  type EncodeRequestContext,
  InvalidRequestError,
  type ReportChange,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { encodeCacheControl } from './cache-control.ts';
import { DIALECT, fieldsBeside, ownFields, ownObject } from './dialect.ts';
import { isBlank } from './encode-block.ts';
import { encodeOutput } from './encode-output.ts';
import { type EncodedReasoning, encodeReasoning } from './encode-reasoning.ts';
import { encodeSampling } from './encode-sampling.ts';
import { encodeToolChoice, isForced } from './encode-tool-choice.ts';
import { encodeTools, toolsOfHistory } from './encode-tools.ts';
import { encodeTurns } from './encode-turns.ts';
import { endTurns, lacksThinking } from './end-turns.ts';
import { markCache } from './mark-cache.ts';
import { type ModelTraits, modelTraits } from './model-traits.ts';
import { TOOL_RULE } from './tool-rule.ts';

/** Throws InvalidRequestError for what cannot be honoured and would change the meaning. */
export function encodeRequest(original: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  refuseUnknownMeaning(original);
  const { model, report, origin, isStream } = context;
  const isCount = context.isTokenCount === true;
  const isOwn = original.protocol === DIALECT;
  const traits = modelTraits(model, isOwn);
  const { request, bridge } = bridgeTools(original, TOOL_RULE, report);
  const { system, messages } = encodeTurns(repairToolTurns(request.turns, report), { traits, origin, report });
  const { isPrefilled } = endTurns(messages, traits, report);
  const { tools, mcpServers, betas } = encodeTools(request, { traits, isOwn, report });
  let choice = tools.length === 0 ? undefined : encodeToolChoice(request, isOwn);
  if (tools.length === 0 && !isOwn) {
    tools.push(...toolsOfHistory(messages));
    if (tools.length > 0) {
      report('tools', 'added');
      choice = { type: 'none' };
    }
  }
  const reasoning = encodeReasoning(request, {
    traits,
    isOwn,
    // Counting takes both.
    isForced: !isCount && isForced(choice),
    isPrefilled,
    lacksThinking: lacksThinking(messages),
    report,
  });
  const output = encodeOutput(request, reasoning.effort, { traits, isOwn, report });
  if (output.instruction !== undefined) system.push({ type: 'text', text: output.instruction });
  const { automaticCache } = request;
  if (!isCount || isOwn)
    markCache({ tools, system, messages }, { isOwn, isAutomatic: automaticCache !== undefined, report });
  const shared: JsonObject = {
    model,
    ...(system.length === 0 ? {} : { system }),
    messages: messages.map(({ role, content, own }) => ({ role, content, ...own })),
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(mcpServers.length === 0 ? {} : { mcp_servers: mcpServers }),
    ...output.fields,
    ...(automaticCache === undefined ? {} : { cache_control: encodeCacheControl(automaticCache) }),
    ...ownRequestFields(request, isCount),
  };
  const body = isCount
    ? { ...shared, ...(reasoning.thinking === undefined ? {} : { thinking: reasoning.thinking }) }
    : {
        ...shared,
        ...boundOutput(request, reasoning, { traits, isOwn, context }),
        ...encodeSampling(request, { traits, isThinking: isThinking(reasoning), report }),
        ...encodeStop(request, report),
        ...encodeCustomer(request, report),
        ...(isStream ? { stream: true } : {}),
      };
  return {
    body,
    ...(betas.length === 0 ? {} : { headers: { 'anthropic-beta': betas.join(',') } }),
    ...(bridge === undefined ? {} : { bridge }),
  };
}

const isThinking = ({ thinking }: EncodedReasoning): boolean => thinking !== undefined && thinking.type !== 'disabled';

/** What this dialect cannot do, and an answer without it would be a wrong one. */
function refuseUnknownMeaning(request: ChatRequest): void {
  const { choices, previousResponseId, background, modalities, keptByService = [] } = request;
  if (choices !== undefined && choices > 1)
    throw refusal('n', 'this model gives one answer to a request; ask for one.');
  if (previousResponseId !== undefined) {
    throw refusal('previous_response_id', 'this model keeps no answers; send the conversation with the request.');
  }
  const [kept] = keptByService;
  if (kept !== undefined)
    throw refusal(kept, 'this model knows nothing of what another service keeps; send it with the request.');
  if (background === true) throw refusal('background', 'this model answers only while the client waits.');
  const made = modalities?.find((modality) => modality !== 'text');
  if (made !== undefined) throw refusal('modalities', `this model answers with text, not with ${made}.`);
}

const refusal = (field: string, what: string): InvalidRequestError =>
  new InvalidRequestError({ code: 'unsupported_parameter', field, message: `${field}: ${what}` });

/** `max_tokens`, which the API demands, and the budget for thinking, which has to be below it. */
function boundOutput(
  request: ChatRequest,
  { thinking }: EncodedReasoning,
  {
    traits,
    isOwn,
    context,
  }: { readonly traits: ModelTraits; readonly isOwn: boolean; readonly context: EncodeRequestContext },
): JsonObject {
  const { report } = context;
  const { maxOutputTokens: wanted } = request;
  const known = context.maxOutputTokens ?? (traits.isKnown ? traits.maxOutputTokens : undefined);
  const budget = thinking?.budget_tokens;
  let maxTokens = wanted === undefined ? (known ?? traits.maxOutputTokens) : Math.max(1, Math.floor(wanted));
  if (wanted === undefined) report('max_tokens', 'added');
  else if (!isOwn && known !== undefined && maxTokens > known) {
    report('max_tokens', 'changed');
    maxTokens = known;
  }
  if (budget === undefined || budget < maxTokens) {
    return { max_tokens: maxTokens, ...(thinking === undefined ? {} : { thinking }) };
  }
  // Room for both, as far as the model has it; else at least half for the answer.
  const raised = Math.min(known ?? Number.POSITIVE_INFINITY, budget + maxTokens);
  if (wanted !== undefined) report('max_tokens', 'changed');
  if (budget < raised) return { max_tokens: raised, thinking };
  report('reasoning', 'changed');
  return { max_tokens: raised, thinking: { ...thinking, budget_tokens: Math.max(1024, Math.floor(raised / 2)) } };
}

/** The API refuses sequences of white space. */
function encodeStop({ stop = [] }: ChatRequest, report: ReportChange): JsonObject {
  const filled = stop.filter((sequence) => !isBlank(sequence));
  if (filled.length < stop.length) report('stop', 'dropped');
  return filled.length === 0 ? {} : { stop_sequences: filled };
}

/** Who asks, and how urgent it is. */
function encodeCustomer(request: ChatRequest, report: ReportChange): JsonObject {
  const { userId, serviceTier, logprobs, extensions } = request;
  if (logprobs !== undefined) report('logprobs', 'dropped');
  if (serviceTier === 'flex') report('service_tier', 'dropped');
  if (serviceTier === 'priority') report('service_tier', 'changed');
  const metadata = { ...ownObject(extensions, 'metadata'), ...(userId === undefined ? {} : { user_id: userId }) };
  return {
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(serviceTier === 'auto' || serviceTier === 'priority' ? { service_tier: 'auto' } : {}),
    ...(serviceTier === 'default' ? { service_tier: 'standard_only' } : {}),
  };
}

/** What is put together with fields of ours, and so not sent as it came. */
const MERGED = new Set(['metadata', 'thinking', 'output_config', 'tool_choice']);
/** What counting takes of the fields that travel as they came. */
const COUNTED = new Set(['context_management', 'compaction', 'speed', 'cache_control']);

function ownRequestFields(request: ChatRequest, isCount: boolean): JsonObject {
  const { output_format: format, ...fields } = fieldsBeside(ownFields(request.extensions), MERGED);
  // A schema has gone under this name already.
  const others = request.output === undefined && format !== undefined ? { ...fields, output_format: format } : fields;
  if (!isCount) return others;
  return Object.fromEntries(Object.entries(others).filter(([name]) => COUNTED.has(name)));
}
