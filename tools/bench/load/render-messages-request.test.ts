import { expect, test } from 'vitest';
import { z } from 'zod';
import { renderMessagesRequest } from './render-messages-request.ts';

const text = z.object({ type: z.literal('text'), text: z.string().min(1) });
const call = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.object({ path: z.string() }),
});
const result = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string().min(1), z.array(text)]),
  is_error: z.boolean().optional(),
});
const requestSchema = z.object({
  model: z.literal('bench-model'),
  max_tokens: z.number(),
  system: z.array(text),
  messages: z.array(
    z.object({
      role: z.enum(['user', 'assistant']),
      content: z.array(z.discriminatedUnion('type', [text, call, result])).min(1),
    }),
  ),
  tools: z.array(z.object({ name: z.string(), input_schema: z.object({}) })).optional(),
  stream: z.boolean(),
});

test.each([
  { bytes: 1024, messages: 3, tools: 0, isStream: false },
  { bytes: 2000, messages: 3, tools: 0, isStream: true },
  { bytes: 150_000, messages: 135, tools: 25, isStream: true },
  { bytes: 2_000_000, messages: 401, tools: 25, isStream: false },
])('a request of $bytes bytes is exactly that long, with $messages turns and $tools tools', (shape) => {
  const body = renderMessagesRequest(shape);
  expect(body).toHaveLength(shape.bytes);
  const { messages, tools = [], stream } = requestSchema.parse(JSON.parse(body.toString()));
  expect([messages.length, tools.length, stream]).toEqual([shape.messages, shape.tools, shape.isStream]);
  expect(messages.map(({ role }) => role)).toEqual(messages.map((_, at) => (at % 2 === 0 ? 'user' : 'assistant')));
});

test('a conversation with tools has calls, single and parallel, and each is answered in the turn after it', () => {
  const body = renderMessagesRequest({ bytes: 150_000, messages: 135, tools: 25, isStream: true });
  const { messages, tools } = requestSchema.parse(JSON.parse(body.toString()));
  const names = new Set(tools?.map(({ name }) => name));
  const ids = new Set<string>();
  let parallel = 0;
  let failures = 0;
  for (const [at, { role, content }] of messages.entries()) {
    if (role === 'user') continue;
    const calls = content.filter((block) => block.type === 'tool_use');
    const results = messages[at + 1]?.content.filter((block) => block.type === 'tool_result') ?? [];
    expect(results.map((block) => block.tool_use_id)).toEqual(calls.map(({ id }) => id));
    for (const { id, name } of calls) {
      expect(names).toContain(name);
      expect(ids).not.toContain(id);
      ids.add(id);
    }
    if (calls.length > 1) parallel += 1;
    failures += results.filter((block) => block.is_error === true).length;
  }
  expect(ids.size).toBeGreaterThan(60);
  expect(parallel).toBeGreaterThan(5);
  expect(failures).toBeGreaterThan(3);
});

test('cache marks are where agents set them: at the end of the system prompt and of the last turn', () => {
  const body = renderMessagesRequest({ bytes: 150_000, messages: 135, tools: 25, isStream: true }).toString();
  expect(body.match(/"cache_control"/g)).toHaveLength(2);
  expect(JSON.parse(body)).toHaveProperty(['messages', 134, 'content', 0, 'cache_control', 'type'], 'ephemeral');
});

test.each([
  ['an odd number of turns, not 4', { bytes: 4000, messages: 4, tools: 0, isStream: false }],
  ['at least 405 bytes', { bytes: 300, messages: 3, tools: 0, isStream: false }],
])('%s is refused', (why, shape) => {
  expect(() => renderMessagesRequest(shape)).toThrow(why);
});
