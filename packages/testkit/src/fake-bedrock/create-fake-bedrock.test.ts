import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { createFakeBedrock, type FakeBedrock } from './create-fake-bedrock.ts';

const MODEL = 'eu.anthropic.claude-opus-4-1-v1:0';
const ADAPTIVE = 'eu.anthropic.claude-sonnet-5';
const OLD = 'anthropic.claude-3-5-sonnet-20240620-v1:0';
const PLAIN = 'amazon.nova-lite-v1:0';
const user = (...content: readonly JsonObject[]): JsonObject => ({ role: 'user', content });
const assistant = (...content: readonly JsonObject[]): JsonObject => ({ role: 'assistant', content });
const HI = user({ text: 'Hi' });
const TOOLS = { tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }] };
const call = (toolUseId: string): JsonObject => ({ toolUse: { toolUseId, name: 'look', input: {} } });
const result = (toolUseId: string): JsonObject => ({ toolResult: { toolUseId, content: [{ text: 'ok' }] } });
const thinking = (signature: string, text = 'so'): JsonObject => ({
  reasoningContent: { reasoningText: { text, signature } },
});
const additional = (fields: JsonObject): JsonObject => ({ additionalModelRequestFields: fields });

let bedrock: FakeBedrock;
beforeAll(async () => {
  bedrock = await createFakeBedrock({ region: 'eu-central-1', bearer: 'key', models: [MODEL, ADAPTIVE, OLD, PLAIN] });
  // The fake knows this signature from now on.
  bedrock.respond({ thinking: { text: 'so', signature: 'given' }, text: 'Hi.' });
  await ask({ messages: [HI] });
});
afterAll(() => bedrock[Symbol.asyncDispose]());
beforeEach(() => bedrock.reset());

async function ask(body: JsonObject, { model = MODEL, path = 'converse', segment = encodeURIComponent(model) } = {}) {
  const response = await fetch(`${bedrock.baseUrl}/model/${segment}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

test.each([
  ['two calls with their results', { messages: [HI, assistant(call('a'), call('b')), user(result('b'), result('a'))] }],
  ['its own thinking', { messages: [HI, assistant(thinking('given'), call('a')), user(result('a'))] }],
  ['a budget within the bound', { ...additional({ thinking: { type: 'enabled', budget_tokens: 1024 } }) }],
])('takes %s', async (_name, fields) => {
  const body = { messages: [HI], toolConfig: TOOLS, inferenceConfig: { maxTokens: 2_000 }, ...fields };
  const { status, text } = await ask(body);
  expect(status, text).toBe(200);
  expect(bedrock.violations).toEqual([]);
});

test.each([
  [{ type: 'adaptive' }, ''],
  [{ type: 'adaptive', display: 'summarized' }, 'deep'],
])('the newest models show their thinking to who asks: %o', async (thinking, shown) => {
  bedrock.respond({ thinking: 'deep', text: 'Hi.' });
  const { text } = await ask({ messages: [HI], ...additional({ thinking }) }, { model: ADAPTIVE });
  expect(text).toContain(`"reasoningText":{"text":"${shown}"`);
});

describe('refuses', () => {
  test.each<[string, JsonObject, string, string?]>([
    ['an unknown field', { n: 2 }, 'extraneous key [n]'],
    ['an unknown field of inferenceConfig', { inferenceConfig: { topK: 2 } }, 'extraneous key [topK]'],
    ['a temperature above 1', { inferenceConfig: { temperature: 1.5 } }, 'temperature'],
    ['a bound of nothing', { inferenceConfig: { maxTokens: 0 } }, 'maxTokens'],
    ['a blank system text', { system: [{ text: ' ' }] }, 'system.0'],
    ['a cache point of another kind', { system: [{ cachePoint: { type: 'ephemeral' } }] }, 'cachePoint'],
    ['five cache points', { system: Array(5).fill({ cachePoint: { type: 'default' } }) }, 'maximum of 4'],
    ['two users in a row', { messages: [HI, HI] }, 'alternate'],
    ['a result without its call', { messages: [HI, assistant({ text: 'a' }), user(result('a'))] }, 'previous turn'],
    ['a call without its result', { messages: [HI, assistant(call('a')), HI] }, 'missing for a'],
    ['thinking of another', { messages: [HI, assistant(thinking('foreign')), HI] }, 'Invalid signature'],
    ['thinking that was changed', { messages: [HI, assistant(thinking('given', 'no')), HI] }, 'cannot be modified'],
    ['a history of calls without tools', { messages: [HI, assistant(call('a')), user(result('a'))] }, 'toolConfig'],
    ['a choice of two', { toolConfig: { ...TOOLS, toolChoice: { auto: {}, any: {} } } }, 'toolChoice'],
    ['a choice of no tool', { toolConfig: { ...TOOLS, toolChoice: { tool: { name: 'x' } } } }, 'no tool'],
    ['a field that Claude does not know', additional({ reasoning_effort: 'low' }), 'Extra inputs'],
    [
      'a budget above the bound',
      { ...additional({ thinking: { type: 'enabled', budget_tokens: 4_000 } }), inferenceConfig: { maxTokens: 4_000 } },
      'max_tokens',
    ],
    [
      'thinking with a forced call',
      {
        ...additional({ thinking: { type: 'enabled', budget_tokens: 1_024 } }),
        toolConfig: { ...TOOLS, toolChoice: { any: {} } },
      },
      'forces tool use',
    ],
    [
      'a called turn without its thinking',
      {
        ...additional({ thinking: { type: 'enabled', budget_tokens: 1_024 } }),
        messages: [HI, assistant(call('a')), user(result('a'))],
        toolConfig: TOOLS,
      },
      'Expected `thinking`',
    ],
    ['temperature and top_p at once', { inferenceConfig: { temperature: 1, topP: 0.5 } }, 'cannot both'],
    [
      'a budget where it thinks by itself',
      additional({ thinking: { type: 'enabled', budget_tokens: 1_024 } }),
      'adaptive',
      ADAPTIVE,
    ],
    [
      'thinking where there is none',
      additional({ thinking: { type: 'enabled', budget_tokens: 1_024 } }),
      'thinking',
      OLD,
    ],
    ['words in its mouth where it takes none', { messages: [HI, assistant({ text: 'So' })] }, 'prefill', ADAPTIVE],
    ['words in its mouth that end with a space', { messages: [HI, assistant({ text: 'So ' })] }, 'trailing whitespace'],
    [
      'a schema with forms at its top',
      { toolConfig: { tools: [{ toolSpec: { name: 'x', inputSchema: { json: { type: 'object', anyOf: [] } } } }] } },
      'at the top level',
    ],
    [
      'words before results',
      { messages: [HI, assistant(call('a')), user({ text: 'x' }, result('a'))] },
      'before other',
    ],
    ['sampling where it takes none', { inferenceConfig: { temperature: 1 } }, 'sampling', ADAPTIVE],
    ['Claude’s fields for another model', additional({ top_k: 3 }), 'knows none', PLAIN],
  ])('%s', async (_name, fields, words, model = MODEL) => {
    const answer = await ask({ messages: [HI], ...fields }, { model });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining(words) });
    expect(bedrock.violations.join()).toContain(words);
  });

  test('a model id that is not encoded, an unknown one, and one that is only reached by a profile', async () => {
    const body = { messages: [HI] };
    expect((await ask(body, { segment: MODEL })).text).toContain('not percent-encoded');
    expect((await ask(body, { model: 'eu.anthropic.claude-opus-9' })).text).toContain('identifier is invalid');
    expect((await ask(body, { model: 'anthropic.claude-sonnet-5' })).text).toContain('inference profile');
  });
});
