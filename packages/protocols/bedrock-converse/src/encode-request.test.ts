import type { ChatRequest, ChatTurn, FunctionTool, JsonObject, Reasoning } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { encodeRequest } from './encode-request.ts';

const BUDGET = 'eu.anthropic.claude-opus-4-1-20250805-v1:0';
const ADAPTIVE = 'eu.anthropic.claude-opus-4-6-v1';
const NEWEST = 'global.anthropic.claude-sonnet-5';
const OLD = 'anthropic.claude-3-5-sonnet-20240620-v1:0';
const LLAMA = 'meta.llama3-3-70b-instruct-v1:0';
const ORIGIN = 'bedrock-converse:aws';

const user = (text: string): ChatTurn => ({ role: 'user', blocks: [{ type: 'text', text }] });
const assistant = (text: string): ChatTurn => ({ role: 'assistant', blocks: [{ type: 'text', text }] });
const call: ChatTurn['blocks'][number] = {
  type: 'tool-call',
  callId: 'a',
  name: 'look',
  kind: 'function',
  input: { city: 'Köln' },
};
const called: ChatTurn = { role: 'assistant', blocks: [call] };
const thoughtful: ChatTurn = {
  role: 'assistant',
  blocks: [{ type: 'thinking', kind: 'summary', parts: ['so'], signature: { origin: ORIGIN, value: 'sig' } }, call],
};
const result: ChatTurn = {
  role: 'tool',
  blocks: [{ type: 'tool-result', callId: 'a', blocks: [{ type: 'text', text: 'dry' }] }],
};
const TOOL: FunctionTool = { type: 'function', name: 'look', inputSchema: { type: 'object', properties: {} } };
const THINK: Reasoning = { mode: 'on', effort: 'high' };

function encode(request: Partial<ChatRequest>, model = BUDGET) {
  const reports: string[] = [];
  const { body } = encodeRequest(
    { protocol: 'openai', model: 'asked', stream: false, turns: [user('Hi')], tools: [], ...request },
    { model, isStream: false, origin: ORIGIN, report: (field, action) => reports.push(`${field} ${action}`) },
  );
  const messages: readonly JsonObject[] = Array.isArray(body['messages']) ? body['messages'] : [];
  return { ...body, messages, reports };
}

describe('thinking', () => {
  test.each([
    [BUDGET, THINK, { thinking: { type: 'enabled', budget_tokens: 24_576 } }],
    [ADAPTIVE, THINK, { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    [ADAPTIVE, { mode: 'on', budget: 2_000 }, { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }],
    // The newest models keep theirs to themselves else.
    [NEWEST, THINK, { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } }],
    [NEWEST, { mode: 'auto', display: 'omitted' }, { thinking: { type: 'adaptive', display: 'omitted' } }],
    [OLD, THINK, undefined],
    [LLAMA, THINK, undefined],
    [NEWEST, { mode: 'off' }, undefined],
  ] as const)('%s asked for %o is sent %o', (model, reasoning, fields) => {
    expect(encode({ reasoning }, model)).toHaveProperty('messages');
    expect(Object(encode({ reasoning }, model))['additionalModelRequestFields']).toEqual(fields);
  });

  test.each([
    ['a call is forced', { tools: [TOOL], toolChoice: { type: 'required' } }],
    [
      'one of some calls is forced',
      { tools: [TOOL], toolChoice: { type: 'allowed', mode: 'required', names: ['look'] } },
    ],
    ['the answer is begun', { turns: [user('Hi'), assistant('The answer is')] }],
    ['the thinking before a call is lost', { tools: [TOOL], turns: [user('Hi'), called, result] }],
  ] as const)('is off and reported where %s', (_name, request) => {
    const encoded = encode({ ...request, reasoning: THINK });
    expect(Object(encoded)['additionalModelRequestFields']).toBeUndefined();
    expect(encoded.reports).toContain('reasoning dropped');
  });

  test.each([
    [BUDGET, [user('Hi'), thoughtful, result]],
    [ADAPTIVE, [user('Hi'), called, result]],
  ])('of %s goes on after a call', (model, turns) => {
    const encoded = encode({ turns, tools: [TOOL], reasoning: THINK }, model);
    expect(Object(encoded)['additionalModelRequestFields']).toHaveProperty('thinking');
  });
});

describe('the end of a conversation', () => {
  test.each([
    [BUDGET, 'The answer is', []],
    [NEWEST, 'The answer is ', [{ role: 'user', content: [{ text: 'Continue.' }] }]],
    [LLAMA, 'The answer is ', [{ role: 'user', content: [{ text: 'Continue.' }] }]],
  ])('words put into the mouth of %s', (model, text, added) => {
    const { messages } = encode({ turns: [user('Hi'), assistant('The answer is ')] }, model);
    expect(messages).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
      { role: 'assistant', content: [{ text }] },
      ...added,
    ]);
  });

  test('a call without its result gets one that says so', () => {
    const { messages, reports } = encode({ turns: [user('Hi'), called], tools: [TOOL] });
    expect(messages.at(-1)).toEqual({
      role: 'user',
      content: [{ toolResult: { toolUseId: 'a', content: [{ text: '(no result: the call was cancelled)' }] } }],
    });
    expect(reports).toContain('messages added');
  });
});

test('a schema is a plain object at its top', () => {
  const inputSchema = { anyOf: [{ type: 'object', properties: { a: { type: 'string' } } }] };
  expect(encode({ tools: [{ ...TOOL, inputSchema }] })).toMatchObject({
    toolConfig: {
      tools: [{ toolSpec: { inputSchema: { json: { type: 'object', properties: { a: { type: 'string' } } } } } }],
    },
  });
});
