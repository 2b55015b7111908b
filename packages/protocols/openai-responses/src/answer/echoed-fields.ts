import type { ChatRequest, JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { DIALECT, ownFields } from '../own-fields.ts';
import { encodeOutputFormat } from '../request/encode-output-format.ts';
import { encodeOwnReasoning } from '../request/encode-reasoning.ts';
import { encodeToolChoice } from '../request/encode-tool-choice.ts';
import { encodeTools } from '../request/encode-tools.ts';
import { ownRequestFieldsOf } from '../request/own-request-fields.ts';

/** What an answer says of a request that left all of this out. */
const DEFAULTS: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  // Nothing is kept of an answer made here unless something says so.
  store: false,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
};

/** Fields of its own that an answer repeats where the client sent them. */
const OWN_FIELDS = ['max_tool_calls', 'truncation', 'user', 'prompt_cache_retention'];

/** Fields of the request that the answer repeats, whatever dialect it was asked in. */
export function echoedFieldsOf(request: ChatRequest): JsonObject {
  const own = ownRequestFieldsOf(request.extensions);
  const { sampling, serviceTier, userId, metadata, logprobs, store, background, previousResponseId } = request;
  const { maxOutputTokens, allowsParallelTools, cacheKey } = request;
  const instructions = ownFields(request.extensions)?.['instructions'];
  const toolChoice = own['tool_choice'] ?? toolChoiceOf(request);
  return {
    ...DEFAULTS,
    ...Object.fromEntries(OWN_FIELDS.filter((name) => own[name] !== undefined).map((name) => [name, own[name]])),
    ...(typeof instructions === 'string' ? { instructions } : {}),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
    ...(allowsParallelTools === undefined ? {} : { parallel_tool_calls: allowsParallelTools }),
    ...(previousResponseId === undefined ? {} : { previous_response_id: previousResponseId }),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    reasoning: reasoningOf(request, own['reasoning']),
    ...(userId === undefined || userId === own['user'] ? {} : { safety_identifier: userId }),
    ...(serviceTier === undefined || serviceTier === 'auto' ? {} : { service_tier: serviceTier }),
    ...(store === undefined ? {} : { store }),
    ...(background === undefined ? {} : { background }),
    ...(sampling?.temperature === undefined ? {} : { temperature: sampling.temperature }),
    ...(sampling?.topP === undefined ? {} : { top_p: sampling.topP }),
    text: textOf(request, own['text']),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    tools: encodeTools(request.tools, { isOwn: request.protocol === DIALECT, report: ignore }),
    ...(logprobs?.top === undefined ? {} : { top_logprobs: logprobs.top }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** What an answer says of being kept, over what an upstream that was not told of it says. */
export const keepingFieldsOf = ({ store, background, previousResponseId }: ChatRequest): JsonObject => ({
  store: store === true,
  background: background === true,
  previous_response_id: previousResponseId ?? null,
});

const ignore = (): void => {};

/** A choice that was refused has no answer, but an answer that another model gave all the same. */
function toolChoiceOf({ toolChoice, tools }: ChatRequest): unknown {
  try {
    return encodeToolChoice(toolChoice, tools);
  } catch {
    return undefined;
  }
}

function reasoningOf({ reasoning }: ChatRequest, rest: unknown): JsonObject {
  return { effort: null, summary: null, ...encodeOwnReasoning(reasoning, isObject(rest) ? rest : {}) };
}

function textOf({ output, verbosity }: ChatRequest, rest: unknown): JsonObject {
  const { format = { type: 'text' } } = encodeOutputFormat(output, true, ignore);
  return { format, ...(verbosity === undefined ? {} : { verbosity }), ...(isObject(rest) ? rest : {}) };
}
