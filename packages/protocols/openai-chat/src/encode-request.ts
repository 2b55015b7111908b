import { bridgeTools, hashText } from '@proxycast/conversion';
import type { ChatRequest, EncodedRequest, EncodeRequestContext, JsonObject, ReportChange } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { type ArrangedTurn, arrangeTurns } from './arrange-turns.ts';
import type { ChatQuirks, RefusableParameter } from './chat-variant.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { encodeOutputFormat } from './encode-output-format.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { encodeSampling } from './encode-sampling.ts';
import { encodeToolChoice } from './encode-tool-choice.ts';
import { encodeTools } from './encode-tools.ts';
import { encodeTurns } from './encode-turns.ts';
import { invalidField } from './invalid-field.ts';
import { type ModelTraits, traitsOf } from './model-traits.ts';
import { isReasoningField } from './reasoning-fields.ts';

/** Throws InvalidRequestError for what the service cannot do and the answer would be wrong without. */
export function encodeRequest(request: ChatRequest, context: EncodeRequestContext, quirks: ChatQuirks): EncodedRequest {
  refuseImpossible(request, quirks);
  const rule = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, maxLength: 64, takesCustom: quirks.customTools };
  const bridged = bridgeTools(request, rule, context.report);
  const body = new RequestEncoder(bridged.request, context, quirks).encode();
  return bridged.bridge === undefined ? { body } : { body, bridge: bridged.bridge };
}

function refuseImpossible(
  { protocol, previousResponseId, keptByService = [], background, choices = 1, modalities }: ChatRequest,
  quirks: ChatQuirks,
) {
  if (previousResponseId !== undefined) {
    throw invalidField('previous_response_id', 'This upstream keeps no answers: send the whole conversation.');
  }
  const [kept] = protocol === DIALECT ? [] : keptByService;
  if (kept !== undefined) throw invalidField(kept, 'This upstream keeps nothing: send the whole conversation.');
  if (background === true) throw invalidField('background', 'This upstream does not answer in the background.');
  if (choices > 1 && quirks.unsupported.includes('n')) {
    throw invalidField('n', 'This upstream gives one answer only: ask for it several times.');
  }
  if (modalities?.includes('image') === true && !quirks.imageAnswers) {
    throw invalidField('modalities', 'This upstream does not answer with images in this dialect.');
  }
}

/** Fields of a client of the dialect that say in another way what has a field of its own. */
const FORMS: ReadonlySet<string> = new Set([
  'max_tokens',
  'safety_identifier',
  'functions',
  'function_call',
  'tool_choice',
  'response_format',
  'stream_options',
  'audio',
  'modalities',
]);

class RequestEncoder {
  readonly #request: ChatRequest;
  readonly #context: EncodeRequestContext;
  readonly #quirks: ChatQuirks;
  readonly #own: JsonObject;
  readonly #traits: ModelTraits;
  readonly #isOwn: boolean;
  readonly #report: ReportChange;

  constructor(request: ChatRequest, context: EncodeRequestContext, quirks: ChatQuirks) {
    this.#request = request;
    this.#context = context;
    this.#quirks = quirks;
    this.#own = ownFieldsOf(request);
    this.#traits = traitsOf(context.model);
    this.#isOwn = request.protocol === DIALECT;
    this.#report = context.report;
  }

  encode(): JsonObject {
    const { model } = this.#context;
    const quirks = this.#quirks;
    const report = this.#report;
    const target = { quirks, traits: this.#traits, report };
    const format = encodeOutputFormat(this.#request, this.#own, target);
    const reasoning = encodeReasoning(this.#request, this.#own, {
      model,
      rule: quirks.reasoningRequest,
      traits: this.#traits,
      report,
    });
    return {
      model,
      messages: encodeTurns(this.#turns(format.instruction, format.fields), {
        quirks,
        origin: this.#context.origin,
        isOwn: this.#isOwn,
        report,
      }),
      ...this.#tools(target),
      ...this.#bound(),
      ...encodeSampling(this.#request, { ...target, effort: reasoning.reasoning_effort }),
      ...reasoning,
      ...format.fields,
      ...this.#answerForm(),
      ...this.#hints(),
      ...this.#stream(),
      ...this.#rest(),
    };
  }

  /** The conversation, with what the model is told in words about the form of its answer. */
  #turns(instruction: string | undefined, format: JsonObject): readonly ArrangedTurn[] {
    const turns = arrangeTurns(this.#request.turns, this.#quirks, this.#report);
    const told = instruction ?? this.#jsonInstruction(format);
    if (told === undefined) return turns;
    const behind = turns.findIndex(({ turn }) => turn.role !== 'system');
    const front = behind < 0 ? turns.length : behind;
    return turns.toSpliced(front, 0, {
      turn: { role: 'system', blocks: [{ type: 'text', text: told }] },
      place: front,
    });
  }

  /** The API refuses JSON mode when the word does not occur in the conversation; other dialects do not ask for it. */
  #jsonInstruction({ response_format: format }: JsonObject): string | undefined {
    if (this.#isOwn || !isObject(format) || format.type !== 'json_object') return undefined;
    const isSaid = this.#request.turns.some(({ blocks }) =>
      blocks.some((block) => block.type === 'text' && /json/i.test(block.text)),
    );
    if (isSaid) return undefined;
    this.#report('messages', 'added');
    return 'Answer in JSON.';
  }

  #tools(target: Parameters<typeof encodeTools>[1]): JsonObject {
    const encoded = encodeTools(this.#request, target);
    const { fields, functions } = encoded;
    if (encoded.tools.length === 0 && functions.length === 0) return fields;
    const choice = encodeToolChoice(this.#request, this.#own, target);
    const tools = choice.keeps === undefined ? encoded.tools : encoded.tools.filter(choice.keeps);
    if (tools.length === 0 && functions.length === 0) return fields;
    return {
      ...fields,
      ...(tools.length === 0 ? {} : { tools }),
      ...(functions.length === 0 ? {} : { functions }),
      ...choice.fields,
      ...(tools.length === 0 ? {} : this.#parallel()),
    };
  }

  #parallel(): JsonObject {
    const { allowsParallelTools: allowed } = this.#request;
    if (allowed === undefined) return {};
    if (this.#traits.takesParallelChoice && !this.#refuses('parallel_tool_calls')) {
      return { parallel_tool_calls: allowed };
    }
    if (!allowed) this.#report('parallel_tool_calls', 'dropped');
    return {};
  }

  #bound(): JsonObject {
    const { maxOutputTokens } = this.#request;
    if (maxOutputTokens === undefined) return {};
    const { outputBound } = this.#quirks;
    if (outputBound !== 'by-model') return { [outputBound]: maxOutputTokens };
    // Every service of the dialect knows the older name; OpenAI's reasoning models refuse it.
    const isNewer = this.#traits.isReasoning || (this.#isOwn && this.#own.max_tokens === undefined);
    return { [isNewer ? 'max_completion_tokens' : 'max_tokens']: maxOutputTokens };
  }

  /** How many answers, and in what form beside text. */
  #answerForm(): JsonObject {
    const { choices, modalities, voice } = this.#request;
    const isPlain = modalities === undefined || modalities.every((modality) => modality === 'text');
    const speaks = modalities?.includes('audio') === true;
    const { audio } = this.#own;
    return {
      ...(choices === undefined || (choices === 1 && !this.#isOwn) ? {} : { n: choices }),
      ...(isPlain && !this.#isOwn ? {} : this.#modalities()),
      ...(speaks || isObject(audio)
        ? {
            audio: {
              voice: voice?.name ?? 'alloy',
              format: voice?.format ?? this.#soundFormat(),
              ...(isObject(audio) ? audio : {}),
            },
          }
        : {}),
    };
  }

  #modalities(): JsonObject {
    const modalities = this.#own.modalities ?? this.#request.modalities;
    return modalities === undefined ? {} : { modalities };
  }

  /** A stream carries one format only. */
  #soundFormat(): string {
    return this.#context.isStream ? 'pcm16' : 'wav';
  }

  #hints(): JsonObject {
    const { verbosity, serviceTier, userId, metadata, store, cacheKey } = this.#request;
    return {
      ...this.#hint('verbosity', verbosity),
      ...this.#hint('prompt_cache_key', cacheKey),
      ...this.#tier(serviceTier),
      ...this.#user(userId),
      ...this.#hint('metadata', metadata),
      ...this.#hint('store', store),
    };
  }

  #hint(field: RefusableParameter, value: unknown): JsonObject {
    return value === undefined || this.#refuses(field) ? {} : { [field]: value };
  }

  #tier(tier: ChatRequest['serviceTier']): JsonObject {
    if (tier === undefined) return {};
    if (!this.#refuses('service_tier')) return { service_tier: tier };
    if (tier !== 'auto' && tier !== 'default') this.#report('service_tier', 'dropped');
    return {};
  }

  #user(userId: string | undefined): JsonObject {
    const { safety_identifier: safety } = this.#own;
    const isSafety = safety === userId;
    const own = safety === undefined || this.#refuses('safety_identifier') ? {} : { safety_identifier: safety };
    if (userId === undefined || isSafety || this.#refuses('user')) return own;
    const isLong = !this.#isOwn && userId.length > MAX_USER_CHARACTERS;
    return { user: isLong ? hashText(userId, HASHED_USER_CHARACTERS) : userId, ...own };
  }

  #stream(): JsonObject {
    if (!this.#context.isStream) return {};
    const { stream_options: options } = this.#own;
    if (!this.#quirks.streamOptions) return { stream: true };
    return { stream: true, stream_options: { ...(isObject(options) ? options : {}), include_usage: true } };
  }

  /** What a client of the dialect said and the neutral form does not know. */
  #rest(): JsonObject {
    const rest: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(this.#own)) {
      if (!FORMS.has(name) && !isReasoningField(name)) rest[name] = value;
    }
    return rest;
  }

  #refuses(parameter: RefusableParameter): boolean {
    return this.#quirks.unsupported.includes(parameter);
  }
}

/** OpenAI refuses longer ones; clients of other dialects put whole sessions into it. */
const MAX_USER_CHARACTERS = 64;
const HASHED_USER_CHARACTERS = 32;
