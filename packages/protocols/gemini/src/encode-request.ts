import { bridgeTools, repairToolTurns } from '@proxycast/conversion';
import type {
  ChatRequest,
  ChatTurn,
  EncodedRequest,
  EncodeRequestContext,
  JsonObject,
  ReportChange,
} from '@proxycast/spec';
import { GEMINI } from './base-id.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeGenerationConfig } from './encode-generation-config.ts';
import { encodeServiceTier } from './encode-service-tier.ts';
import { encodeToolConfig } from './encode-tool-config.ts';
import { type EncodedTools, encodeTools } from './encode-tools.ts';
import { type ModelTraits, modelTraits } from './model-traits.ts';
import { refuseStored } from './refuse-stored.ts';

/** 64 is what every model of the dialect takes; clients of the dialect may know one that takes more. */
const NAME_RULE = { pattern: /^[A-Za-z_][A-Za-z0-9_.:-]*$/, maxLength: 64, takesCustom: false };
const OWN_NAME_RULE = { ...NAME_RULE, maxLength: 128 };

export function encodeRequest(original: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  const { report } = context;
  const isOwn = original.protocol === GEMINI;
  const traits = modelTraits(context.model);
  refuseStored(original);
  const { request, bridge } = bridgeTools(original, isOwn ? OWN_NAME_RULE : NAME_RULE, report);
  const tools = encodeTools(request, traits, report);
  const takesFormat = isOwn || traits.mixesTools || tools.tools.length === 0;
  const turns = repairToolTurns(takesFormat ? request.turns : withFormatInWords(request, report), report);
  const { systemInstruction, contents } = encodeContents(turns, { isOwn, origin: context.origin, traits, report });
  const kept: JsonObject = original.extensions?.[GEMINI] ?? {};
  const { toolConfig: _config, generationConfig: _generation, isFlatCount, ...fields } = kept;
  const toolConfig = encodeChoice(request, tools, { isOwn, traits, report });
  // How an answer is made has no part in what the request counts; some of it is refused there.
  const isCounted = isOwn || context.isTokenCount !== true;
  const generationConfig = encodeGenerationConfig(request, {
    traits,
    report,
    isOwn,
    takesFormat,
    ...(context.maxOutputTokens === undefined ? {} : { maxOutputTokens: context.maxOutputTokens }),
  });
  if (request.allowsParallelTools === false && tools.names.size > 0) report('parallel_tool_calls', 'dropped');
  const body: JsonObject = {
    contents,
    ...(systemInstruction === undefined ? {} : { systemInstruction }),
    ...(tools.tools.length === 0 ? {} : { tools: tools.tools }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(generationConfig === undefined || !isCounted ? {} : { generationConfig }),
    ...encodeServiceTier(request.serviceTier, isOwn, report),
    ...fields,
  };
  return {
    body: context.isTokenCount === true ? countBody(body, context.model, isFlatCount === true) : body,
    ...(bridge === undefined ? {} : { bridge }),
  };
}

/** Older models take no output format beside tools, so the format is asked for in words. */
function withFormatInWords({ turns, output }: ChatRequest, report: ReportChange): readonly ChatTurn[] {
  if (output === undefined || output.type === 'text') return turns;
  report('response_format', 'changed');
  const text =
    output.type === 'json'
      ? 'Give your final answer as JSON, without any text around it.'
      : `Give your final answer as JSON that matches this JSON Schema, without any text around it:\n${JSON.stringify(output.schema)}`;
  const firstOther = turns.findIndex(({ role }) => role !== 'system');
  const place = firstOther < 0 ? turns.length : firstOther;
  return [...turns.slice(0, place), { role: 'system', blocks: [{ type: 'text', text }] }, ...turns.slice(place)];
}

function encodeChoice(
  { toolChoice, extensions }: ChatRequest,
  { names, isMixed }: EncodedTools,
  { isOwn, traits, report }: { readonly isOwn: boolean; readonly traits: ModelTraits; readonly report: ReportChange },
): JsonObject | undefined {
  if (toolChoice?.type === 'server') report('tool_choice', 'dropped');
  const kept = extensions?.[GEMINI]?.toolConfig;
  const config = encodeToolConfig(toolChoice, names, kept);
  // Functions beside tools of the service are taken only by those who say that they take the latter's parts.
  const isAsked = isMixed && !isOwn && traits.mixesTools;
  return isAsked ? { ...config, includeServerSideToolInvocations: true } : config;
}

/** Counting takes contents alone, or a whole request, which then names its model; one service takes its fields as they are. */
function countBody(body: JsonObject, model: string, isFlat: boolean): JsonObject {
  if (isFlat || Object.keys(body).length === 1) return body;
  const name = model.includes('/') ? model : `models/${model}`;
  return { generateContentRequest: { model: name, ...body } };
}
