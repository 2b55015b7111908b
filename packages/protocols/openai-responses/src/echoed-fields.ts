import type { ChatRequest } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';

/** Fields of the request that the answer repeats, with what it says when the client left them out. */
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

export function pickEchoedFields(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.keys(DEFAULTS).flatMap((name) =>
      body[name] === undefined || body[name] === null ? [] : [[name, body[name]]],
    ),
  );
}

export function echoedFieldsOf({ extensions = {} }: ChatRequest): JsonObject {
  return { ...DEFAULTS, ...pickEchoedFields(extensions) };
}
