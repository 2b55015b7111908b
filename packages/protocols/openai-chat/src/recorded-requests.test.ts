import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ChatCodec, JsonObject } from '@proxycast/spec';
import { loadRecordings, type Recording, requestOf } from '@proxycast/testkit';
import { isObject, parseJson, textOf } from '@proxycast/wire';
import { expect, test } from 'vitest';
import { type ChatVariant, PLAIN_VARIANT } from './chat-variant.ts';
import { createCodec } from './codec.ts';
import { parseChatVariant } from './parse-chat-variant.ts';

const PRESETS = resolve(import.meta.dirname, '../../../../presets/protocols');
/** Who answered, by the name in the recordings, and the variant that is for it. */
const VARIANTS: Readonly<Record<string, string>> = {
  azure: 'azure',
  cerebras: 'cerebras',
  deepseek: 'deepseek',
  groq: 'groq',
  huggingface: 'huggingface',
  mistral: 'mistral',
  moonshot: 'moonshot',
  ollama: 'ollama',
  openrouter: 'openrouter',
  perplexity: 'perplexity',
  qwen: 'qwen',
  snowflake: 'snowflake',
  together: 'together',
  xai: 'xai',
  zai: 'zhipu',
};

function variantOf({ vendor }: Recording): ChatVariant {
  const id = VARIANTS[vendor];
  return id === undefined
    ? PLAIN_VARIANT
    : parseChatVariant(parseJson(readFileSync(resolve(PRESETS, `${id}.json`), 'utf8')));
}

const recordings = loadRecordings({ protocol: 'openai-chat', hasRequest: true, status: 200 });
const objectsOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

function send(codec: ChatCodec, body: JsonObject): JsonObject {
  const isStream = body.stream === true;
  const request = codec.decodeRequest(body, { isStream });
  const encoded = codec.encodeRequest(request, {
    model: request.model,
    isStream,
    origin: 'openai:here',
    report: () => {},
  });
  const sent: unknown = JSON.parse(JSON.stringify(encoded.body));
  return isObject(sent) ? sent : {};
}

/** Where thinking may stand in a message of the history. */
const THINKING_FIELDS = ['reasoning_content', 'reasoning', 'reasoning_details'];

/**
 * A request as it is sent again. What changes, and why:
 * - `null`, empty lists of tools and `stream: false` say nothing, and are left out;
 * - a stream is asked for its usage, where the service lets itself be asked;
 * - content of one plain text part is a text; of an assistant that only calls it is `null`;
 * - a tool without parameters has none, in the form that every service takes; a tool without a type is a function;
 * - thinking is sent in the one field the service wants, empty where it demands it, and not at all where it wants none;
 * - parameters the service refuses are left out.
 */
function normalise(body: JsonObject, { quirks }: ChatVariant): JsonObject {
  const rest = Object.fromEntries(
    Object.entries(body).filter(
      ([name, value]) =>
        value !== null &&
        !(name === 'stream' && value === false) &&
        !(name === 'logprobs' && value === false) &&
        !(Array.isArray(value) && value.length === 0) &&
        !quirks.unsupported.some((parameter) => parameter === name && parameter !== 'n'),
    ),
  );
  const options = isObject(body.stream_options) ? body.stream_options : {};
  const isAsked = body.stream === true && quirks.streamOptions;
  return {
    ...rest,
    messages: objectsOf(body.messages)
      .map(normaliseMessage)
      .map((message) => (quirks.reasoningHistory.send === 'never' ? { ...message, thinking: '' } : message)),
    ...(objectsOf(body.tools).length === 0
      ? {}
      : { tools: objectsOf(body.tools).map((tool) => normaliseTool(tool, quirks.unsupported.includes('strict'))) }),
    ...(isAsked ? { stream_options: { ...options, include_usage: true } } : {}),
  };
}

function normaliseMessage({ content, ...message }: JsonObject): JsonObject {
  const said = THINKING_FIELDS.map((field) => message[field]).map(thinkingOf);
  const kept = Object.entries(message).filter(
    ([name, value]) =>
      value !== null &&
      !THINKING_FIELDS.includes(name) &&
      !(name === 'tool_calls' && Array.isArray(value) && value.length === 0),
  );
  const parts = objectsOf(content).map((part) =>
    Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null)),
  );
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.type === 'text' && Object.keys(only).length === 2;
  const text = isPlain ? only?.text : parts.length > 0 ? parts : content;
  const isSilent = Array.isArray(message.tool_calls) && message.tool_calls.length > 0 && (text ?? '') === '';
  return {
    ...Object.fromEntries(kept),
    content: isSilent || isObject(message.function_call) ? null : (text ?? ''),
    thinking: said.find((thought) => thought !== '') ?? '',
  };
}

const thinkingOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : objectsOf(value)
        .map(({ text }) => textOf(text) ?? '')
        .join('');

function normaliseTool(tool: JsonObject, refusesStrict: boolean): JsonObject {
  if (!isObject(tool.function)) return tool;
  const { strict, ...declared } = tool.function;
  return {
    ...tool,
    type: 'function',
    function: { ...declared, ...(strict === undefined || refusesStrict ? {} : { strict }) },
  };
}

test('there are many', () => {
  expect(recordings.length).toBeGreaterThan(250);
});

test.each(recordings)('the request of $file is sent again as it was', (recording) => {
  const body = requestOf(recording) ?? {};
  const variant = variantOf(recording);
  const sent = send(createCodec(variant.quirks), body);
  expect(normalise(sent, variant)).toEqual(normalise(body, variant));
});

test.each(recordings)('the request of $file goes to OpenAI itself without what OpenAI refuses', (recording) => {
  const sent = send(createCodec(PLAIN_VARIANT.quirks), requestOf(recording) ?? {});
  for (const message of objectsOf(sent.messages)) {
    for (const field of THINKING_FIELDS) expect(message).not.toHaveProperty(field);
  }
  expect(sent).not.toHaveProperty('thinking');
  expect(sent).not.toHaveProperty('reasoning');
  expect(sent.tool_choice === undefined || sent.tools !== undefined).toBe(true);
});
