import { describe, expect, test } from 'vitest';
import { isString, type JsonObject, objectsOf } from '../../json.ts';
import { dialectOf } from '../conformance-dialect.ts';
import { convertBody } from '../convert-answer.ts';
import { anthropic, ask, at, callDelta, chat, IDS, tell } from './bug-steps.ts';

const question = { role: 'user', content: 'Begin.' };
const schema = { type: 'object', properties: { a: { type: 'string' } } };
const tool = (name: string): JsonObject => ({ name, description: 'Does.', input_schema: schema });
const chatTool = (name: string): JsonObject => ({ type: 'function', function: { name, parameters: schema } });
const inAnthropic = (more: JsonObject): JsonObject => ({ model: 'm', max_tokens: 100, messages: [question], ...more });
const call = (id: string, name = 'read') => ({ type: 'tool_use', id, name, input: { a: 'x' } });
const result = (id: string, content: unknown = 'done') => ({ type: 'tool_result', tool_use_id: id, content });

/** Names of the tools in a body of any dialect. */
const namesIn = (body: JsonObject): readonly string[] =>
  objectsOf(body.tools)
    .flatMap((entry) => (Array.isArray(entry.functionDeclarations) ? objectsOf(entry.functionDeclarations) : [entry]))
    .map((entry) => at(entry, 'function', 'name') ?? at(entry, 'custom', 'name') ?? entry.name)
    .filter(isString);

describe('tools', () => {
  test.each(IDS)('bug 49 (litellm#17904): a name of 128 characters fits %s, and the client meets it again', (to) => {
    const long = `mcp__${'x'.repeat(123)}`;
    const { body, bridge } = ask(
      'anthropic',
      to,
      inAnthropic({
        tools: [tool(long), tool(`${long.slice(0, 127)}y`)],
        tool_choice: { type: 'tool', name: long },
        messages: [
          question,
          { role: 'assistant', content: [call('toolu_1', long)] },
          { role: 'user', content: [result('toolu_1')] },
        ],
      }),
    );
    const [given = '', other] = namesIn(body);
    expect(given).not.toBe(other);
    expect(bridge?.tools.get(given)?.name ?? given).toBe(long);
  });

  test.each(IDS)(
    'bug 50 (litellm#26788, claude-code#96152): names that only differ in what %s refuses stay apart',
    (to) => {
      const names = ['a/b', 'a_b', 'a b', '1st'];
      const request = dialectOf('openai').codec.decodeRequest(
        { model: 'm', messages: [question], tools: names.map(chatTool) },
        { isStream: false },
      );
      const { body, bridge } = dialectOf(to).codec.encodeRequest(request, {
        model: 'm',
        isStream: false,
        origin: 'x',
        report: () => {},
      });
      const given = namesIn(body);
      expect(new Set(given).size).toBe(names.length);
      expect(given.map((name) => bridge?.tools.get(name)?.name ?? name)).toEqual(names);
    },
  );

  const historyWith = (ids: readonly string[]): JsonObject => ({
    model: 'm',
    tools: [chatTool('read')],
    messages: [
      question,
      {
        role: 'assistant',
        content: null,
        tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'read', arguments: '{}' } })),
      },
      ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: `result of ${id}` })),
    ],
  });

  test.each(IDS)(
    'bug 51 (litellm#21114, qwen-code#8160): ids with odd characters, and the empty one, are taken by %s',
    (to) => {
      expect(ask('openai', to, historyWith(['functions.read:0', 'functions.read:1'])).body).toBeDefined();
      expect(ask('openai', to, historyWith([''])).body).toBeDefined();
    },
  );

  test.each(IDS)(
    'bug 52 (llm-rosetta#598): an id of two lines and 90 characters is taken by %s, the same each time',
    (to) => {
      const long = `call_1\nfc_${'x'.repeat(85)}`;
      const [once, again] = [ask('openai', to, historyWith([long])), ask('openai', to, historyWith([long]))];
      expect(once.body).toEqual(again.body);
    },
  );

  test('bug 53 (gemini-cli#16543, #21830): Gemini gets as many responses as calls, in their order', () => {
    const { body } = ask(
      'anthropic',
      'gemini',
      inAnthropic({
        messages: [
          question,
          { role: 'assistant', content: [call('a', 'one'), call('b', 'two'), call('c', 'three')] },
          { role: 'user', content: [result('c'), result('a')] },
        ],
      }),
    );
    const parts = objectsOf(body.contents).flatMap((content) => objectsOf(content.parts));
    expect(parts.flatMap((part) => at(part, 'functionResponse', 'name') ?? [])).toEqual(['one', 'two', 'three']);
  });

  test.each(IDS)(
    'bug 54 (CLIProxyAPI#497, claude-code#6836): results without calls and calls without results are mended for %s',
    (to) => {
      const { body, changes } = ask(
        'anthropic',
        to,
        inAnthropic({
          messages: [
            question,
            { role: 'user', content: [result('ghost', 'orphaned words')] },
            { role: 'assistant', content: [call('a')] },
            { role: 'user', content: 'Never mind.' },
          ],
        }),
      );
      expect(JSON.stringify(body)).toContain('orphaned words');
      if (to !== 'anthropic') expect(changes.length).toBeGreaterThan(0);
    },
  );

  test('bug 55 (litellm#18201): results for Responses are items of their own with the id of the call', () => {
    const { body } = ask(
      'anthropic',
      'responses',
      inAnthropic({
        messages: [
          question,
          { role: 'assistant', content: [call('a', 'one'), call('b', 'two')] },
          { role: 'user', content: [result('a', 'first'), result('b', 'second')] },
        ],
      }),
    );
    expect(objectsOf(body.input).slice(-4)).toMatchObject([
      { type: 'function_call', call_id: 'a', name: 'one', arguments: '{"a":"x"}' },
      { type: 'function_call', call_id: 'b', name: 'two' },
      { type: 'function_call_output', call_id: 'a', output: 'first' },
      { type: 'function_call_output', call_id: 'b', output: 'second' },
    ]);
  });

  test.each(['anthropic', 'gemini'] as const)(
    'bug 56 (CLIProxyAPI#5753): a tool of free text is a function for %s, and free text again in the answer',
    (to) => {
      const { body, bridge } = ask('responses', to, {
        model: 'm',
        input: 'Begin.',
        tools: [
          {
            type: 'custom',
            name: 'apply',
            description: 'Applies.',
            format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' },
          },
        ],
      });
      expect(namesIn(body)).toEqual(['apply']);
      expect(JSON.stringify(body)).toContain('start: \\"a\\"');
      const said =
        to === 'anthropic'
          ? {
              id: 'msg_1',
              type: 'message',
              role: 'assistant',
              model: 'm',
              content: [{ type: 'tool_use', id: 't1', name: 'apply', input: { input: '*** free "text"' } }],
              stop_reason: 'tool_use',
              usage: { input_tokens: 1, output_tokens: 1 },
            }
          : {
              candidates: [
                {
                  content: {
                    role: 'model',
                    parts: [{ functionCall: { name: 'apply', args: { input: '*** free "text"' } } }],
                  },
                  finishReason: 'STOP',
                },
              ],
            };
      const way = { from: dialectOf(to), to: dialectOf('responses'), ...(bridge === undefined ? {} : { bridge }) };
      expect(at(convertBody(way, said), 'output', 0)).toMatchObject({
        type: 'custom_tool_call',
        name: 'apply',
        input: '*** free "text"',
      });
    },
  );

  test.each(IDS)('bug 57 (bifrost#3511): the smallest tool there is is taken by %s', (to) => {
    const { body } = ask('openai', to, {
      model: 'm',
      messages: [question],
      tools: [{ type: 'function', function: { name: 'read', description: null } }],
    });
    expect(namesIn(body)).toEqual(['read']);
  });

  test('bug 58 (bifrost#7348): a choice among some tools and one call at a time reach Anthropic', () => {
    const { body, changes } = ask('openai', 'anthropic', {
      model: 'm',
      messages: [question],
      tools: ['one', 'two', 'three'].map(chatTool),
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: ['one', 'three'].map((name) => ({ type: 'function', function: { name } })),
        },
      },
      parallel_tool_calls: false,
    });
    expect(namesIn(body)).toEqual(['one', 'three']);
    expect(body.tool_choice).toEqual({ type: 'any', disable_parallel_tool_use: true });
    expect(changes.length).toBeGreaterThan(0);
  });

  test.each(IDS)(
    'bug 59 (bifrost#2347): tools stand in the order they were given for %s, byte for byte the same',
    (to) => {
      const names = ['zebra', 'apple', 'mango', '0rder'];
      const encode = () =>
        JSON.stringify(ask('openai', to, { model: 'm', messages: [question], tools: names.map(chatTool) }).body);
      expect(encode()).toBe(encode());
      expect(
        namesIn(ask('openai', to, { model: 'm', messages: [question], tools: names.slice(0, 3).map(chatTool) }).body),
      ).toEqual(names.slice(0, 3));
    },
  );

  test('bug 60 (bifrost#4780): the results of a search for tools stay in Responses', () => {
    const items = [
      {
        type: 'tool_search_call',
        call_id: 'call_1',
        execution: 'server',
        status: 'completed',
        arguments: { paths: ['crm'] },
      },
      {
        type: 'tool_search_output',
        call_id: 'call_1',
        execution: 'server',
        status: 'completed',
        tools: [{ type: 'function', name: 'list_orders', parameters: schema }],
      },
    ];
    const { body } = ask('responses', 'responses', {
      model: 'm',
      input: [{ role: 'user', content: 'Begin.' }, ...items],
    });
    expect(objectsOf(body.input).slice(-2)).toEqual(items);
  });

  test.each(IDS)('bug 61 (vscode-copilot-release#8040): a call without arguments is a whole call in %s', (to) => {
    const calls = [{ name: 'now', input: {} }];
    expect(
      tell('openai', to, chat([callDelta(0, 'now', '', 'call_1')], 'tool_calls')).facts.choices[0]?.calls,
    ).toMatchObject(calls);
    const bare = anthropic([[{ type: 'tool_use', id: 'toolu_1', name: 'now', input: {} }]], 'tool_use');
    expect(tell('anthropic', to, bare).facts.choices[0]?.calls).toMatchObject(calls);
  });
});
