import type { ChatRequest, ChatTurn, DecodeRequestContext, Extensions, JsonObject, Sampling } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { DIALECT } from './own-fields.ts';
import { decodeOutputFormat } from './request/decode-output-format.ts';
import { decodeReasoning } from './request/decode-reasoning.ts';
import { decodeLogprobsWish, decodeServiceTier, decodeVerbosity } from './request/decode-settings.ts';
import { decodeToolChoice } from './request/decode-tool-choice.ts';
import { decodeAddedTools, decodeTools } from './request/decode-tools.ts';
import { decodeInstructions, decodeTurns } from './request/decode-turns.ts';
import { invalidField } from './request/invalid-field.ts';
import { ownRequestFields } from './request/own-request-fields.ts';

/** Throws InvalidRequestError, naming the field as the API itself does: `input[0].role`. */
export function decodeRequest(body: unknown, context: DecodeRequestContext): ChatRequest {
  if (!isObject(body)) throw invalidField('', 'The request body must be a JSON object.');
  const { instructions } = body;
  if (instructions !== undefined && instructions !== null && typeof instructions !== 'string') {
    throw invalidField('instructions', "'instructions' must be a text.");
  }
  const turns = [...decodeInstructions(instructions), ...decodeInput(body)];
  const tools = decodeTools(body['tools']);
  const toolChoice = decodeToolChoice(body['tool_choice']);
  const keptByService = keptFieldsOf(body);
  return {
    protocol: DIALECT,
    model: decodeModel(body['model'], context),
    stream: context.isStream,
    turns,
    tools: [...tools, ...decodeAddedTools(body['input'], tools)],
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...decodeSettings(body),
    ...decodeNames(body),
    ...(keptByService.length === 0 ? {} : { keptByService }),
    ...decodeExtensions(body),
  };
}

/** A count of tokens needs no model. */
function decodeModel(model: unknown, { isTokenCount, pathModel }: DecodeRequestContext): string {
  if (typeof model === 'string' && model !== '') return model;
  if (pathModel !== undefined) return pathModel;
  if (isTokenCount === true && (model === undefined || model === null)) return '';
  throw invalidField('model', "'model' must be the name of a model.");
}

const STANDS_FOR_INPUT = ['previous_response_id', 'conversation', 'prompt'];

function decodeInput(body: JsonObject): readonly ChatTurn[] {
  const { input } = body;
  const isAbsent = input === undefined || input === null;
  return isAbsent && STANDS_FOR_INPUT.some((name) => isGiven(body[name])) ? [] : decodeTurns(input);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function keptFieldsOf(body: JsonObject): readonly string[] {
  const fields = ['conversation', 'prompt'].filter((name) => isGiven(body[name]));
  if (!Array.isArray(body['input'])) return fields;
  body['input'].forEach((item: unknown, index) => {
    if (isObject(item) && item['type'] === 'item_reference') fields.push(`input[${index}]`);
  });
  return fields;
}

function decodeSettings(body: JsonObject): Partial<ChatRequest> {
  const text = isObject(body['text']) ? body['text'] : {};
  const maxOutputTokens = numberOf(body['max_output_tokens']);
  const sampling = decodeSampling(body);
  const reasoning = decodeReasoning(body['reasoning']);
  const output = decodeOutputFormat(text['format']);
  const verbosity = decodeVerbosity(text['verbosity']);
  const logprobs = decodeLogprobsWish(body);
  const parallel = body['parallel_tool_calls'];
  return {
    ...(typeof parallel === 'boolean' ? { allowsParallelTools: parallel } : {}),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(output === undefined ? {} : { output }),
    ...(verbosity === undefined ? {} : { verbosity }),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}

function decodeSampling(body: JsonObject): Sampling | undefined {
  const temperature = numberOf(body['temperature']);
  const topP = numberOf(body['top_p']);
  if (temperature === undefined && topP === undefined) return undefined;
  return { ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { topP }) };
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function decodeNames(body: JsonObject): Partial<ChatRequest> {
  const cacheKey = textOf(body['prompt_cache_key']);
  const serviceTier = decodeServiceTier(body['service_tier']);
  const userId = textOf(body['safety_identifier']) ?? textOf(body['user']);
  const metadata = decodeMetadata(body['metadata']);
  const previousResponseId = textOf(body['previous_response_id']);
  const { store, background } = body;
  return {
    ...(cacheKey === undefined ? {} : { cacheKey }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(userId === undefined ? {} : { userId }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(typeof store === 'boolean' ? { store } : {}),
    ...(previousResponseId === undefined ? {} : { previousResponseId }),
    ...(typeof background === 'boolean' ? { background } : {}),
  };
}

function decodeMetadata(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') return undefined;
    texts[name] = text;
  }
  return texts;
}

/** The instructions are there again because answers repeat them, and are made without the conversation. */
function decodeExtensions(body: JsonObject): { readonly extensions?: Extensions } {
  const fields = ownRequestFields(body);
  const { instructions } = body;
  const own = {
    ...(fields === undefined ? {} : { fields }),
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
  return Object.keys(own).length === 0 ? {} : { extensions: { [DIALECT]: own } };
}
