import { type ChatRequest, type DecodeRequestContext, InvalidRequestError, type Sampling } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { readCacheControl } from './cache-control.ts';
import { decodeOutput } from './decode-output.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { decodeToolChoice } from './decode-tool-choice.ts';
import { decodeTools } from './decode-tools.ts';
import { decodeSystem, decodeTurns } from './decode-turns.ts';
import { asExtensions, DIALECT, fieldsBeside } from './dialect.ts';
import { invalidField } from './invalid-field.ts';

/** Throws InvalidRequestError, naming the field as the API itself does: `messages.0.role`. */
export function decodeRequest(body: unknown, { isStream, isTokenCount }: DecodeRequestContext): ChatRequest {
  if (!isObject(body)) throw new InvalidRequestError({ message: 'The request body must be a JSON object.' });
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw invalidField('model', 'a model name is required.');
  const maxOutputTokens = readMaxTokens(body.max_tokens, isTokenCount === true);
  const turns = [...decodeSystem(body.system), ...decodeTurns(body.messages)];
  const tools = decodeTools(body.tools, body.mcp_servers);
  const choice = decodeToolChoice(body.tool_choice, tools);
  const { effort } = isObject(body.output_config) ? body.output_config : { effort: undefined };
  const { reasoning, thinking } = decodeReasoning(body.thinking, effort);
  const { output, config, format } = decodeOutput(body.output_config, body.output_format);
  const sampling = decodeSampling(body);
  const stop = readStop(body.stop_sequences);
  const automaticCache = readCacheControl(body.cache_control);
  const serviceTier = readServiceTier(body.service_tier);
  const { userId, metadata } = readMetadata(body.metadata);
  const fields: JsonObject = {
    ...fieldsBeside(body, KNOWN),
    ...(format === undefined && body.output_format !== undefined ? { output_format: body.output_format } : {}),
    ...(automaticCache === undefined && body.cache_control !== undefined ? { cache_control: body.cache_control } : {}),
    ...(serviceTier === undefined && body.service_tier !== undefined ? { service_tier: body.service_tier } : {}),
    ...(metadata === undefined ? {} : { metadata }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(config === undefined ? {} : { output_config: config }),
    ...(format === undefined ? {} : { output_format: format }),
    ...(choice.fields === undefined ? {} : { tool_choice: choice.fields }),
  };
  return {
    protocol: DIALECT,
    model,
    stream: isStream,
    turns,
    tools,
    ...(choice.toolChoice === undefined ? {} : { toolChoice: choice.toolChoice }),
    ...(choice.allowsParallelTools === undefined ? {} : { allowsParallelTools: choice.allowsParallelTools }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(stop === undefined ? {} : { stop }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(output === undefined ? {} : { output }),
    ...(automaticCache === undefined ? {} : { automaticCache }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(userId === undefined ? {} : { userId }),
    // A thread holds the conversation on the service's side: what follows its first request is not in the next.
    ...(isObject(body.thread) ? { keptByService: [THREAD] } : {}),
    ...asExtensions(fields),
  };
}

/** The field of a conversation that the service keeps, with the beta `message-threads-2026-08-12`. */
export const THREAD = 'thread';

/** Every field that is read below; the others go on as they are. */
const KNOWN = new Set([
  'model',
  'max_tokens',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'mcp_servers',
  'thinking',
  'output_config',
  'output_format',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'cache_control',
  'service_tier',
  'metadata',
]);

/** Counting tokens takes the same body without a bound on the answer. */
function readMaxTokens(value: unknown, isOptional: boolean): number | undefined {
  if (isOptional && (value === undefined || value === null)) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw invalidField('max_tokens', 'a whole number of at least 1 is required.');
}

function decodeSampling(body: JsonObject): Sampling | undefined {
  const temperature = readNumber(body, 'temperature');
  const topP = readNumber(body, 'top_p');
  const topK = readNumber(body, 'top_k');
  if (temperature === undefined && topP === undefined && topK === undefined) return undefined;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
  };
}

function readNumber(body: JsonObject, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  throw invalidField(field, 'must be a number.');
}

function readStop(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalidField('stop_sequences', 'must be a list of texts.');
  return value.map((item: unknown, index) => {
    if (typeof item === 'string') return item;
    throw invalidField(`stop_sequences.${index}`, 'must be a text.');
  });
}

/** `standard_only` asks for the ordinary tier where a better one was bought. */
function readServiceTier(value: unknown): ChatRequest['serviceTier'] {
  return value === 'auto' ? 'auto' : value === 'standard_only' ? 'default' : undefined;
}

const USER = new Set(['user_id']);

function readMetadata(value: unknown): { readonly userId?: string; readonly metadata?: JsonObject } {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidField('metadata', 'must be an object.');
  const { user_id: userId } = value;
  if (typeof userId !== 'string') return { metadata: value };
  const metadata = fieldsBeside(value, USER);
  return Object.keys(metadata).length === 0 ? { userId } : { userId, metadata };
}
