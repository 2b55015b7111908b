import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { reply } from '@proxycast/testkit';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { readObject } from '../support/read-object.ts';

const QUESTION = 'How long is this?';
const SYSTEM = 'Be very brief.';

/** Chat Completions has no way to count: before an upstream that speaks only that, an estimate is given. */
const UPSTREAMS: readonly (readonly [ProviderType, 'counted' | 'estimated'])[] = [
  ['anthropic', 'counted'],
  ['openai-response', 'counted'],
  ['gemini', 'counted'],
  ['new-api', 'counted'],
  ['gateway', 'counted'],
  ['openai', 'estimated'],
  ['ollama', 'estimated'],
];

/** The official SDKs' own calls. Each answers what the SDK read, and the mark of the answer. */
const SDKS = {
  async anthropic({ baseUrl, key }: Target, model: string) {
    const client = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0 });
    const { data, response } = await client.messages
      .countTokens({
        model,
        system: SYSTEM,
        tools: [{ name: 'look_up', input_schema: { type: 'object', properties: {} } }],
        messages: [{ role: 'user', content: QUESTION }],
      })
      .withResponse();
    return { tokens: data.input_tokens, body: data, mark: response.headers.get('x-proxycast-estimated') };
  },
  async responses({ baseUrl, key }: Target, model: string) {
    const client = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
    const { data, response } = await client.responses.inputTokens
      .count({
        model,
        instructions: SYSTEM,
        tools: [{ type: 'function', name: 'look_up', parameters: { type: 'object', properties: {} }, strict: false }],
        input: QUESTION,
      })
      .withResponse();
    return { tokens: data.input_tokens, body: data, mark: response.headers.get('x-proxycast-estimated') };
  },
  async gemini({ baseUrl, key }: Target, model: string) {
    const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl } });
    const answer = await client.models.countTokens({
      model,
      contents: [
        { role: 'user', parts: [{ text: `${SYSTEM} look_up` }] },
        { role: 'model', parts: [{ text: 'Yes?' }] },
        { role: 'user', parts: [{ text: QUESTION }] },
      ],
    });
    const mark = answer.sdkHttpResponse?.headers?.['x-proxycast-estimated'] ?? null;
    return { tokens: answer.totalTokens, body: { totalTokens: answer.totalTokens }, mark };
  },
};

const BODIES = {
  anthropic: (tokens: number) => ({ input_tokens: tokens }),
  responses: (tokens: number) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  gemini: (tokens: number) => ({ totalTokens: tokens }),
};

const CLIENTS = ['anthropic', 'responses', 'gemini'] as const;

let target: Target;

beforeAll(async () => {
  target = await createTarget('proxycast');
});
afterAll(() => target?.close());
beforeEach(() => target.upstream.reset());

describe.each(UPSTREAMS)('before %s, tokens are %s', (type, how) => {
  test.each(CLIENTS)('bug 86 (litellm#13252): with the SDK of %s', async (client) => {
    const { model } = await target.provide(type);
    const { tokens, body, mark } = await SDKS[client](target, model);
    expect(tokens).toBeGreaterThan(10);
    expect(tokens).toBeLessThan(1_000);
    expect(body).toEqual(BODIES[client](tokens ?? 0));
    expect(mark).toBe(how === 'estimated' ? 'true' : null);
    expectNoViolations(target.upstream);
    expect(target.upstream.requests).toHaveLength(how === 'estimated' ? 0 : 1);
    const asked = JSON.stringify(target.upstream.requests[0]?.json ?? '');
    // System text and tools are counted too.
    for (const said of how === 'estimated' ? [] : [SYSTEM, 'look_up', QUESTION]) expect(asked).toContain(said);
  });
});

describe('before an upstream that turns out not to count', () => {
  test.each([404, 405, 501])('a %i becomes an estimate for every SDK, and chats go on', async (status) => {
    const { model } = await target.provide('anthropic');
    target.upstream.respond(reply.error({ status }), 'count-tokens');
    for (const client of CLIENTS) {
      const { tokens, mark } = await SDKS[client](target, model);
      expect(tokens).toBeGreaterThan(10);
      expect(mark).toBe('true');
    }
    expect(target.upstream.requests).toHaveLength(1);
    const chat = new Anthropic({ apiKey: target.key, baseURL: target.baseUrl, maxRetries: 0 });
    const answer = await chat.messages.create({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] });
    expect(answer.stop_reason).toBe('end_turn');
    expectNoViolations(target.upstream);
  });
});

test('bug 89 (Antigravity-Manager#3295): a Gemini client counts a whole request under a path with a colon', async () => {
  for (const type of ['gemini', 'openai'] as const) {
    const { model } = await target.provide(type);
    const response = await fetch(`${target.baseUrl}/v1beta/models/${model}:countTokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': target.key },
      body: JSON.stringify({
        generateContentRequest: {
          model: `models/${model}`,
          contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
          systemInstruction: { parts: [{ text: SYSTEM }] },
          tools: [{ functionDeclarations: [{ name: 'look_up' }] }],
        },
      }),
    });
    expect(response.status).toBe(200);
    expect(readObject(await response.json()).totalTokens).toBeGreaterThan(10);
    expectNoViolations(target.upstream);
  }
});
