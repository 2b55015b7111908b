import { bridgeTools, hashText, refuseUnmetChoice, repairToolTurns } from '@proxycast/conversion';
import {
  type ChatRequest,
  type ChatTool,
  type EncodedRequest,
  type EncodeRequestContext,
  InvalidRequestError,
  type JsonObject,
  type ReportChange,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { DIALECT } from './own-fields.ts';
import { LOGPROBS_INCLUDED } from './request/decode-settings.ts';
import { type EncodedFormat, encodeOutputFormat } from './request/encode-output-format.ts';
import { encodeOwnReasoning, encodeReasoning } from './request/encode-reasoning.ts';
import { encodeToolChoice } from './request/encode-tool-choice.ts';
import { encodeTools } from './request/encode-tools.ts';
import { type EncodedTurns, encodeTurns } from './request/encode-turns.ts';
import { mentionsJson } from './request/mentions-json.ts';
import { type ModelTraits, modelTraitsOf } from './request/model-traits.ts';
import { FOREIGN_TOOL_RULE, OWN_TOOL_RULE } from './request/name-rules.ts';
import { ownRequestFieldsOf } from './request/own-request-fields.ts';

/**
 * A request the API takes. Of a client of this dialect all comes out as it went in; of another nothing is kept by the
 * service, and the reasoning comes back encrypted.
 */
export function encodeRequest(asked: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  const isOwn = asked.protocol === DIALECT;
  const { origin, report } = context;
  if (!isOwn) refuseKept(asked);
  refuseImpossible(asked);
  const { request, bridge } = bridgeTools(asked, isOwn ? OWN_TOOL_RULE : FOREIGN_TOOL_RULE, report);
  const isPartOfLonger = request.previousResponseId !== undefined || request.keptByService !== undefined;
  const turns = encodeTurns(isPartOfLonger ? request.turns : repairToolTurns(request.turns, report), {
    origin,
    report,
    isOwn,
    isStateless: !isOwn || request.store === false,
    isPartOfLonger,
  });
  const traits = modelTraitsOf(context.model);
  const format = encodeOutputFormat(request.output, isOwn, report);
  const body = {
    model: context.model,
    ...encodeConversation(turns, format, request, context),
    ...encodeToolFields(request, context),
    ...encodeText(request, format, traits, isOwn),
    ...(isOwn ? encodeOwnThinking(request, context) : encodeThinking(request, traits, context)),
    ...(context.isTokenCount === true ? countedFields(request) : encodeAnswering(request, context, isOwn)),
  };
  return bridge === undefined ? { body } : { body, bridge };
}

/** What another service keeps is not here. */
function refuseKept({ previousResponseId, background, keptByService }: ChatRequest): void {
  const field =
    keptByService?.[0] ??
    (previousResponseId === undefined ? undefined : 'previous_response_id') ??
    (background === true ? 'background' : undefined);
  if (field === undefined) return;
  throw new InvalidRequestError({
    message: `This model knows nothing of what another service keeps, so ${field} cannot be honoured. Send the whole conversation in the request.`,
    field,
  });
}

function refuseImpossible({ choices, modalities, voice }: ChatRequest): void {
  if (choices !== undefined && choices > 1) {
    throw new InvalidRequestError({
      message: 'This model gives one answer to a request. Ask once for each answer, or leave `n` at 1.',
      field: 'n',
    });
  }
  if (modalities?.includes('audio') === true || voice !== undefined) {
    throw new InvalidRequestError({
      message: 'This model does not answer with sound. Leave audio out of `modalities`.',
      field: 'modalities',
    });
  }
}

const JSON_INSTRUCTION = 'Answer in JSON.';
const FIRST_WORD: JsonObject = { type: 'message', role: 'user', content: 'Continue.' };

function encodeConversation(
  { instructions, items }: EncodedTurns,
  { format, instruction }: EncodedFormat,
  request: ChatRequest,
  { report }: EncodeRequestContext,
): JsonObject {
  const needsWord = format?.['type'] === 'json_object' && request.protocol !== DIALECT && !mentionsJson(request.turns);
  if (needsWord) report('output_format', 'added');
  const said = instruction ?? (needsWord ? JSON_INSTRUCTION : undefined);
  // The word has to stand in the input, not in the instructions.
  const input = said === undefined ? items : [{ type: 'message', role: 'developer', content: said }, ...items];
  const { previousResponseId, keptByService } = request;
  const isPartOfLonger = previousResponseId !== undefined || keptByService !== undefined;
  // A conversation of nothing is refused.
  const needsInput = input.length === 0 && !isPartOfLonger;
  if (needsInput) report('messages', 'added');
  return {
    ...(instructions === undefined ? {} : { instructions }),
    ...(input.length > 0 || needsInput ? { input: needsInput ? [FIRST_WORD] : input } : {}),
    ...(previousResponseId === undefined ? {} : { previous_response_id: previousResponseId }),
  };
}

function encodeToolFields(request: ChatRequest, { report }: EncodeRequestContext): JsonObject {
  const isOwn = request.protocol === DIALECT;
  const own = ownRequestFieldsOf(request.extensions);
  const wanted = withPictures(request);
  const dropped = new Set<number>();
  const { toolChoice } = request;
  const tools = encodeTools(wanted, {
    isOwn,
    ...(toolChoice === undefined ? {} : { choice: toolChoice }),
    report: (field, action) => {
      if (action === 'dropped' && field.split('.').length === 2) dropped.add(Number(field.slice('tools.'.length)));
      report(field, action);
    },
  });
  const sent = wanted.filter((_, index) => !dropped.has(index));
  refuseUnmetChoice(request, tools.length);
  const choice = own['tool_choice'] ?? encodeToolChoice(toolChoice, sent);
  const parallel = request.allowsParallelTools;
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(parallel === undefined || (tools.length === 0 && !isOwn) ? {} : { parallel_tool_calls: parallel }),
  };
}

/** A client of another dialect asks for pictures in the answer; here a tool makes them. */
function withPictures({ tools, modalities }: ChatRequest): readonly ChatTool[] {
  const has = tools.some((tool) => tool.type === 'server' && tool.tool === 'image-generation');
  if (modalities?.includes('image') !== true || has) return tools;
  return [...tools, { type: 'server', tool: 'image-generation', name: 'image_generation' }];
}

function encodeText(
  { verbosity, extensions }: ChatRequest,
  { format }: EncodedFormat,
  { isReasoning }: ModelTraits,
  isOwn: boolean,
): JsonObject {
  const rest = ownRequestFieldsOf(extensions)['text'];
  // Models that do not think know one verbosity, and refuse the others.
  const isTaken = isOwn || isReasoning !== false;
  const text = {
    ...(format === undefined ? {} : { format }),
    ...(verbosity === undefined || !isTaken ? {} : { verbosity }),
    ...(isObject(rest) ? rest : {}),
  };
  return Object.keys(text).length === 0 ? {} : { text };
}

function encodeOwnThinking(
  { reasoning, extensions, sampling, logprobs }: ChatRequest,
  { isTokenCount }: EncodeRequestContext,
): JsonObject {
  const rest = ownRequestFieldsOf(extensions)['reasoning'];
  const encoded = encodeOwnReasoning(reasoning, isObject(rest) ? rest : {});
  const thinking = Object.keys(encoded).length === 0 ? {} : { reasoning: encoded };
  if (isTokenCount === true) return thinking;
  return {
    ...thinking,
    ...(sampling?.temperature === undefined ? {} : { temperature: sampling.temperature }),
    ...(sampling?.topP === undefined ? {} : { top_p: sampling.topP }),
    ...(logprobs?.top === undefined ? {} : { top_logprobs: logprobs.top }),
  };
}

/** Thinking, and what cannot be had together with it. */
function encodeThinking(request: ChatRequest, traits: ModelTraits, context: EncodeRequestContext): JsonObject {
  const { report, isTokenCount } = context;
  const reasoning = encodeReasoning(request, traits, report);
  const thinking = Object.keys(reasoning).length === 0 ? {} : { reasoning };
  if (isTokenCount === true) return thinking;
  const isThinking = traits.isReasoning === true && (reasoning['effort'] ?? traits.defaultEffort) !== 'none';
  const { temperature, topP } = request.sampling ?? {};
  if (!isThinking) {
    return {
      ...thinking,
      ...(temperature === undefined ? {} : { temperature: clamp('temperature', temperature, 2, report) }),
      ...(topP === undefined ? {} : { top_p: clamp('top_p', topP, 1, report) }),
      ...(request.logprobs?.top === undefined ? {} : { top_logprobs: request.logprobs.top }),
      ...includeFields(traits, request.logprobs !== undefined),
    };
  }
  if (temperature !== undefined) report('temperature', 'dropped');
  if (topP !== undefined) report('top_p', 'dropped');
  if (request.logprobs !== undefined) report('logprobs', 'dropped');
  return { ...thinking, ...includeFields(traits, false) };
}

function clamp(field: string, value: number, most: number, report: ReportChange): number {
  const clamped = Math.min(Math.max(value, 0), most);
  if (clamped !== value) report(field, 'changed');
  return clamped;
}

function includeFields({ isReasoning }: ModelTraits, wantsLogprobs: boolean): JsonObject {
  const include = [
    // Models that do not think refuse to be asked for it.
    ...(isReasoning === false ? [] : ['reasoning.encrypted_content']),
    ...(wantsLogprobs ? [LOGPROBS_INCLUDED] : []),
  ];
  return include.length === 0 ? {} : { include };
}

/** What the client wrote that counts as well. */
function countedFields({ extensions }: ChatRequest): JsonObject {
  const { conversation, truncation } = ownRequestFieldsOf(extensions);
  return {
    ...(conversation === undefined ? {} : { conversation }),
    ...(truncation === undefined ? {} : { truncation }),
  };
}

/** What does not count when tokens are counted. */
function encodeAnswering(request: ChatRequest, context: EncodeRequestContext, isOwn: boolean): JsonObject {
  const { serviceTier, metadata, background } = request;
  const common = {
    ...encodeBound(request, context, isOwn),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(context.isStream ? { stream: true } : {}),
  };
  reportUnknown(request, context);
  if (!isOwn) {
    return { ...common, ...encodeForeignNames(request, context), store: false };
  }
  const { text: _, reasoning: __, tool_choice: ___, ...fields } = ownRequestFieldsOf(request.extensions);
  const { user } = fields;
  return {
    ...fields,
    ...common,
    ...(request.cacheKey === undefined ? {} : { prompt_cache_key: request.cacheKey }),
    ...(request.userId === undefined || request.userId === user ? {} : { safety_identifier: request.userId }),
    ...(request.store === undefined ? {} : { store: request.store }),
    ...(background === undefined ? {} : { background }),
  };
}

const LEAST_OUTPUT_TOKENS = 16;

function encodeBound(
  { maxOutputTokens: wanted }: ChatRequest,
  { maxOutputTokens: most, report }: EncodeRequestContext,
  isOwn: boolean,
): JsonObject {
  if (wanted === undefined) return {};
  if (isOwn) return { max_output_tokens: wanted };
  const bound = Math.max(LEAST_OUTPUT_TOKENS, Math.min(wanted, most ?? wanted));
  if (bound !== wanted) report('max_tokens', 'changed');
  return { max_output_tokens: bound };
}

function reportUnknown({ stop, sampling = {} }: ChatRequest, { report }: EncodeRequestContext): void {
  if (stop !== undefined && stop.length > 0) report('stop', 'dropped');
  if (sampling.presencePenalty !== undefined) report('presence_penalty', 'dropped');
  if (sampling.frequencyPenalty !== undefined) report('frequency_penalty', 'dropped');
  if (sampling.seed !== undefined) report('seed', 'dropped');
  if (sampling.logitBias !== undefined) report('logit_bias', 'dropped');
}

const MAX_NAME_CHARACTERS = 64;

/** The user names the cache as well: requests of one user begin alike. */
function encodeForeignNames({ userId, cacheKey }: ChatRequest, { report }: EncodeRequestContext): JsonObject {
  const user = userId === undefined ? undefined : fitName(userId);
  if (user !== userId) report('user', 'changed');
  const key = cacheKey === undefined ? user : fitName(cacheKey);
  return {
    ...(user === undefined ? {} : { safety_identifier: user }),
    ...(key === undefined ? {} : { prompt_cache_key: key }),
  };
}

const fitName = (name: string): string =>
  name.length > MAX_NAME_CHARACTERS ? hashText(name, MAX_NAME_CHARACTERS) : name;
