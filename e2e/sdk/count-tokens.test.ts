import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { readObject } from '../support/read-object.ts';

/** Chat Completions has no way to count, so an upstream of it is not here. */
describe.each(['anthropic', 'openai-response', 'gemini'] satisfies ProviderType[])('counting before %s', (type) => {
  let target: Target;
  let model: string;

  beforeAll(async () => {
    target = await createTarget('proxycast');
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    ({ model } = await target.provide(type));
  });

  async function count(path: string, body: unknown, field: string): Promise<unknown> {
    const response = await fetch(`${target.baseUrl}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': target.key,
        ...(path.startsWith('/v1/messages') ? { 'anthropic-version': '2023-06-01' } : {}),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expectNoViolations(target.upstream);
    expect(target.upstream.requests).toHaveLength(1);
    const asked = JSON.stringify(target.upstream.requests[0]?.json);
    for (const said of ['Be very brief.', 'look_up', 'How long is this?']) expect(asked).toContain(said);
    return readObject(JSON.parse(text))[field];
  }

  test('bug 86 (litellm#13252): a client of Anthropic counts with system text and tools', async () => {
    const body = {
      model,
      system: 'Be very brief.',
      tools: [{ name: 'look_up', input_schema: { type: 'object', properties: {} } }],
      messages: [{ role: 'user', content: 'How long is this?' }],
    };
    expect(await count('/v1/messages/count_tokens', body, 'input_tokens')).toBeGreaterThan(10);
  });

  test('bug 90 (litellm#38997): a client of Responses counts', async () => {
    const body = {
      model,
      instructions: 'Be very brief.',
      tools: [{ type: 'function', name: 'look_up', parameters: { type: 'object', properties: {} }, strict: false }],
      input: 'How long is this?',
    };
    expect(await count('/v1/responses/input_tokens', body, 'input_tokens')).toBeGreaterThan(10);
  });

  test('bug 89 (Antigravity-Manager#3295): a client of Gemini counts under a path with a colon', async () => {
    const contents = [{ role: 'user', parts: [{ text: 'How long is this?' }] }];
    const body = {
      generateContentRequest: {
        model: `models/${model}`,
        contents,
        systemInstruction: { parts: [{ text: 'Be very brief.' }] },
        tools: [{ functionDeclarations: [{ name: 'look_up' }] }],
      },
    };
    expect(await count(`/v1beta/models/${model}:countTokens`, body, 'totalTokens')).toBeGreaterThan(10);
  });
});
