import { bridgeTools, repairToolTurns } from '@proxycast/conversion';
import type { ChatRequest, EncodedRequest, EncodeRequestContext, ReportChange } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { boundOutput } from './bound-output.ts';
import { encodeCacheControl } from './cache-control.ts';
import { DIALECT, fieldsBeside, ownFields, ownObject } from './dialect.ts';
import { isBlank } from './encode-block.ts';
import { encodeOutput } from './encode-output.ts';
import { type EncodedReasoning, encodeReasoning } from './encode-reasoning.ts';
import { encodeSampling } from './encode-sampling.ts';
import { encodeToolChoice, isForced } from './encode-tool-choice.ts';
import { encodeTools, type ToolEncoding, toolsOfHistory } from './encode-tools.ts';
import { encodeTurns } from './encode-turns.ts';
import { endTurns, lacksThinking } from './end-turns.ts';
import { markCache } from './mark-cache.ts';
import { modelTraits } from './model-traits.ts';
import { refuseRequest } from './refuse-request.ts';
import { TOOL_RULE } from './tool-rule.ts';

/** Throws InvalidRequestError for what cannot be honoured and would change the meaning. */
export function encodeRequest(original: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  refuseRequest(original);
  const { model, report, origin } = context;
  const isCount = context.isTokenCount === true;
  const isOwn = original.protocol === DIALECT;
  const traits = modelTraits(model, isOwn);
  const { request, bridge } = bridgeTools(original, TOOL_RULE, report);
  const { system, messages } = encodeTurns(repairToolTurns(request.turns, report), { traits, origin, report });
  const { isPrefilled } = endTurns(messages, traits, report);
  const { tools, mcpServers, betas } = encodeTools(request, { traits, isOwn, report });
  let choice = tools.length === 0 ? undefined : encodeToolChoice(request, isOwn, report);
  const needed = tools.length === 0 && !isOwn ? toolsOfHistory(messages) : [];
  if (needed.length > 0) {
    report('tools', 'added');
    tools.push(...needed);
    choice = { type: 'none' };
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
  const isMarked = isOwn || isCount;
  markCache({ tools, system, messages }, { isMarked, isAutomatic: automaticCache !== undefined, report });
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
    ? { ...shared, ...thinkingOf(reasoning) }
    : { ...shared, ...answerFields(request, reasoning, { ...context, traits, isOwn }) };
  return {
    body,
    ...(betas.length === 0 ? {} : { headers: { 'anthropic-beta': betas.join(',') } }),
    ...(bridge === undefined ? {} : { bridge }),
  };
}

const thinkingOf = ({ thinking }: EncodedReasoning): JsonObject => (thinking === undefined ? {} : { thinking });

/** What only a request for an answer has. */
function answerFields(
  request: ChatRequest,
  reasoning: EncodedReasoning,
  encoding: EncodeRequestContext & ToolEncoding,
): JsonObject {
  const { traits, report, isStream } = encoding;
  if (request.logprobs !== undefined) report('logprobs', 'dropped');
  const bound = boundOutput(request, reasoning, encoding);
  const isThinking = bound.thinking !== undefined && bound.thinking.type !== 'disabled';
  return {
    ...bound,
    ...encodeSampling(request, { traits, isThinking, report }),
    ...encodeStop(request, report),
    ...encodeCustomer(request, report),
    ...(isStream ? { stream: true } : {}),
  };
}

/** The API refuses sequences of white space. */
function encodeStop({ stop = [] }: ChatRequest, report: ReportChange): JsonObject {
  const filled = stop.filter((sequence) => !isBlank(sequence));
  if (filled.length < stop.length) report('stop', 'dropped');
  return filled.length === 0 ? {} : { stop_sequences: filled };
}

/** Who asks, and how urgent it is. */
function encodeCustomer(request: ChatRequest, report: ReportChange): JsonObject {
  const { userId, serviceTier, extensions } = request;
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
