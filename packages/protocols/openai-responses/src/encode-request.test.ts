import {
  type ChatBlock,
  type ChatRequest,
  type ChatTurn,
  type ConversionChange,
  InvalidRequestError,
  type OutputFormat,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';

const ORIGIN = 'responses:here';
const USER: ChatTurn = { role: 'user', blocks: [{ type: 'text', text: 'hi' }] };
const text = (said: string): ChatBlock => ({ type: 'text', text: said });

interface Encoded {
  readonly body: JsonObject;
  readonly changes: readonly string[];
  readonly hasBridge: boolean;
}

/** As another dialect's client asks. */
function encode(
  fields: Partial<ChatRequest>,
  model = 'gpt-5',
  more: { readonly isTokenCount?: boolean } = {},
): Encoded {
  const changes: ConversionChange[] = [];
  const { body, bridge } = encodeRequest(
    { protocol: 'anthropic', model: 'asked', stream: false, turns: [USER], tools: [], ...fields },
    {
      model,
      isStream: fields.stream === true,
      origin: ORIGIN,
      report: (field, action) => changes.push({ field, action }),
      ...more,
    },
  );
  return {
    body: JSON.parse(JSON.stringify(body)),
    changes: changes.map(({ field, action }) => `${field} ${action}`),
    hasBridge: bridge !== undefined,
  };
}

const inputOf = (turns: readonly ChatTurn[]) => encode({ turns }).body['input'];
const message = (role: string, content: unknown) => ({ type: 'message', role, content });

test('a request of another dialect keeps nothing at the service and gets its reasoning encrypted', () => {
  expect(encode({ stream: true })).toEqual({
    body: {
      model: 'gpt-5',
      input: [message('user', 'hi')],
      include: ['reasoning.encrypted_content'],
      stream: true,
      store: false,
    },
    changes: [],
    hasBridge: false,
  });
});

describe('turns', () => {
  test('system text at the front is the instructions, later text stands where it was said', () => {
    const turns: readonly ChatTurn[] = [
      { role: 'system', blocks: [text('one'), text('two')] },
      { role: 'system', blocks: [text('three')] },
      USER,
      { role: 'system', blocks: [text('four')] },
    ];
    expect(encode({ turns }).body).toMatchObject({
      instructions: 'one\n\ntwo\n\nthree',
      input: [message('user', 'hi'), message('developer', 'four')],
    });
  });

  test('system text alone is what there is to answer, and nothing at all is asked for a continuation', () => {
    expect(inputOf([{ role: 'system', blocks: [text('one')] }])).toEqual([message('developer', 'one')]);
    expect(encode({ turns: [] })).toMatchObject({
      body: { input: [message('user', 'Continue.')] },
      changes: ['messages added'],
    });
  });

  test('the answer before is output, calls and results are items, ids of other services stay away', () => {
    const turns: readonly ChatTurn[] = [
      USER,
      {
        role: 'assistant',
        blocks: [
          text('wait'),
          text(''),
          { type: 'refusal', text: 'no' },
          { type: 'tool-call', callId: 'toolu_1', name: 'read', kind: 'function', input: { a: 1 } },
          { type: 'tool-call', callId: 'toolu_2', name: 'sh', kind: 'custom', input: 'ls' },
        ],
      },
      {
        role: 'tool',
        blocks: [
          { type: 'tool-result', callId: 'toolu_1', blocks: [text('a'), text('b')] },
          { type: 'tool-result', callId: 'toolu_2', isError: true, blocks: [text('bad')] },
        ],
      },
    ];
    expect(inputOf(turns)).toEqual([
      message('user', 'hi'),
      message('assistant', [
        { type: 'output_text', text: 'wait' },
        { type: 'refusal', refusal: 'no' },
      ]),
      { type: 'function_call', call_id: 'toolu_1', name: 'read', arguments: '{"a":1}' },
      { type: 'custom_tool_call', call_id: 'toolu_2', name: 'sh', input: 'ls' },
      { type: 'function_call_output', call_id: 'toolu_1', output: 'a\nb' },
      { type: 'custom_tool_call_output', call_id: 'toolu_2', output: 'Error: bad' },
    ]);
  });

  test('bug 67: pictures of a result stay in it', () => {
    const picture: ChatBlock = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' } };
    const turns: readonly ChatTurn[] = [
      { role: 'assistant', blocks: [{ type: 'tool-call', callId: 'c', name: 'f', kind: 'function', input: '' }] },
      { role: 'tool', blocks: [{ type: 'tool-result', callId: 'c', isError: true, blocks: [picture, text('look')] }] },
    ];
    expect(inputOf(turns)).toEqual([
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'c',
        output: [
          { type: 'input_image', image_url: 'data:image/png;base64,aGk=' },
          { type: 'input_text', text: 'Error: look' },
        ],
      },
    ]);
  });

  test('bugs 51, 52: ids that do not fit are shortened alike in call and result', () => {
    const callId = `call\n${'x'.repeat(90)}`;
    const turns: readonly ChatTurn[] = [
      { role: 'assistant', blocks: [{ type: 'tool-call', callId, name: 'f', kind: 'function', input: '{}' }] },
      { role: 'tool', blocks: [{ type: 'tool-result', callId, blocks: [text('ok')] }] },
    ];
    expect(inputOf(turns)).toMatchObject([{ call_id: expect.stringMatching(/^[\w-]{1,64}$/) }, {}]);
    const items = encode({ turns }).body['input'];
    expect(Array.isArray(items) && items[0].call_id === items[1].call_id).toBe(true);
  });

  test('bug 54: every call is answered and every result has its call', () => {
    const turns: readonly ChatTurn[] = [
      { role: 'tool', blocks: [{ type: 'tool-result', callId: 'nobody', blocks: [text('lost')] }] },
      { role: 'assistant', blocks: [{ type: 'tool-call', callId: 'a', name: 'f', kind: 'function', input: '{}' }] },
      USER,
      { role: 'assistant', blocks: [{ type: 'tool-call', callId: 'b', name: 'f', kind: 'custom', input: 'x' }] },
    ];
    const { body, changes } = encode({ turns });
    const cancelled = '(no result: the call was cancelled)';
    expect(body['input']).toEqual([
      message('user', 'lost'),
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: cancelled },
      message('user', 'hi'),
      { type: 'custom_tool_call', call_id: 'b', name: 'f', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'b', output: cancelled },
    ]);
    expect(changes.length).toBeGreaterThan(0);
  });

  test('bugs 30 to 32: thinking goes home to its origin and to nobody else', () => {
    const thinking = (origin: string): ChatBlock => ({
      type: 'thinking',
      kind: 'full',
      parts: ['hm'],
      signature: { origin, value: 'enc' },
    });
    const turns = (...blocks: readonly ChatBlock[]): readonly ChatTurn[] => [
      USER,
      { role: 'assistant', blocks: [...blocks, text('ok')] },
    ];
    const reasoning = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'enc' };
    const ok = message('assistant', [{ type: 'output_text', text: 'ok' }]);
    expect(inputOf(turns(thinking(ORIGIN)))).toEqual([message('user', 'hi'), reasoning, ok]);
    expect(inputOf(turns(thinking('responses')))).toEqual([message('user', 'hi'), reasoning, ok]);
    for (const other of ['anthropic:here', 'responses:elsewhere', 'gemini']) {
      expect(inputOf(turns(thinking(other)))).toEqual([message('user', 'hi'), ok]);
    }
    expect(inputOf(turns({ type: 'thinking', kind: 'full', parts: ['hm'] }))).toEqual([message('user', 'hi'), ok]);
    expect(inputOf(turns({ type: 'redacted-thinking', signature: { origin: ORIGIN, value: 'enc' } }))).toEqual([
      message('user', 'hi'),
      { type: 'reasoning', summary: [], encrypted_content: 'enc' },
      ok,
    ]);
  });

  test('what has no place is dropped by name', () => {
    const turns: readonly ChatTurn[] = [
      { role: 'user', blocks: [text('hi'), { type: 'opaque', protocol: 'anthropic', value: { type: 'odd' } }] },
      {
        role: 'assistant',
        blocks: [
          { type: 'server-tool-call', callId: 's', tool: 'web-search', name: 'web_search', input: '{}' },
          { type: 'server-tool-result', callId: 's', tool: 'web-search' },
        ],
      },
    ];
    expect(encode({ turns }).changes).toEqual([
      'messages.0.content.1 dropped',
      'messages.1.content.0 dropped',
      'messages.1.content.1 dropped',
    ]);
  });

  test('a begun answer is kept', () => {
    expect(inputOf([USER, { role: 'assistant', blocks: [text('Once')] }])).toEqual([
      message('user', 'hi'),
      message('assistant', [{ type: 'output_text', text: 'Once' }]),
    ]);
  });
});

describe('media', () => {
  const base64 = (mediaType: string) => ({ type: 'base64', mediaType, data: 'aGk=' }) as const;
  const partsOf = (block: ChatBlock) => encode({ turns: [{ role: 'user', blocks: [text('x'), block] }] });

  test.each<readonly [ChatBlock, JsonObject]>([
    [
      { type: 'image', source: { type: 'url', url: 'https://a.example/x.png' }, detail: 'high' },
      { type: 'input_image', image_url: 'https://a.example/x.png', detail: 'high' },
    ],
    [
      { type: 'image', source: { type: 'file-id', fileId: 'file-1', origin: ORIGIN } },
      { type: 'input_image', file_id: 'file-1' },
    ],
    [
      { type: 'document', source: base64('application/pdf') },
      { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,aGk=' },
    ],
    [
      { type: 'document', title: 'a.pdf', source: { type: 'url', url: 'https://a.example/a.pdf' } },
      { type: 'input_file', file_url: 'https://a.example/a.pdf', filename: 'a.pdf' },
    ],
    [
      { type: 'document', source: base64('text/plain') },
      { type: 'input_text', text: 'hi' },
    ],
    [
      { type: 'document', title: 'T', source: { type: 'text', text: 'body' } },
      { type: 'input_text', text: 'T\n\nbody' },
    ],
    [
      { type: 'document', source: base64('image/webp') },
      { type: 'input_image', image_url: 'data:image/webp;base64,aGk=' },
    ],
    [
      { type: 'audio', source: base64('audio/mpeg') },
      { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
    ],
  ])('%j is sent', (block, part) => {
    expect(partsOf(block).body['input']).toEqual([message('user', [{ type: 'input_text', text: 'x' }, part])]);
  });

  test.each<readonly [ChatBlock]>([
    [{ type: 'image', source: { type: 'file-id', fileId: 'file-1', origin: 'anthropic' } }],
    [{ type: 'image', source: { type: 'url', url: 'gs://bucket/x.png' } }],
    [{ type: 'audio', source: base64('audio/ogg') }],
    [{ type: 'video', source: base64('video/mp4') }],
  ])('%j is refused', (block) => {
    expect(() => partsOf(block)).toThrow(expect.objectContaining({ field: 'messages.0.content.1' }));
  });
});

describe('tools', () => {
  const tool = (fields: JsonObject = {}) =>
    ({ type: 'function', name: 'f', inputSchema: { type: 'object', properties: {} }, ...fields }) as const;

  test('say whether they are strict, since absent means they are', () => {
    const strict = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const tools = [
      tool(),
      tool({ name: 'g', isStrict: true, inputSchema: strict }),
      tool({ name: 'h', isStrict: true }),
    ];
    expect(encode({ tools })).toMatchObject({
      body: {
        tools: [
          { name: 'f', strict: false },
          { name: 'g', strict: true, parameters: strict },
          { name: 'h', strict: false },
        ],
      },
      changes: ['tools.2.strict changed'],
    });
  });

  test('bugs 57, 61: a tool without parameters has an object of nothing', () => {
    expect(encode({ tools: [tool({ inputSchema: {} })] }).body['tools']).toMatchObject([
      { parameters: { type: 'object', properties: {} } },
    ]);
  });

  test('bugs 49, 50: names that do not fit come back in the answer', () => {
    const tools = [tool({ name: 'a/b' }), tool({ name: 'a_b' }), tool({ name: 'x'.repeat(100) })];
    const { body, hasBridge } = encode({ tools });
    const names = Array.isArray(body['tools']) ? body['tools'].map(({ name }) => String(name)) : [];
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(hasBridge).toBe(true);
  });

  test('of the service are those it has; the others are named', () => {
    const tools = [
      {
        type: 'server',
        tool: 'web-search',
        name: 'web_search_20250305',
        webSearch: { allowedDomains: ['a'], blockedDomains: ['b'], maxUses: 3, userLocation: { city: 'Bern' } },
      },
      {
        type: 'server',
        tool: 'mcp',
        name: 'mcp',
        mcp: { label: '1 two', url: 'https://m.example', authorization: 'token', allowedTools: ['x'] },
      },
      { type: 'server', tool: 'code-execution', name: 'code' },
      { type: 'server', tool: 'memory', name: 'memory' },
    ] as const;
    expect(encode({ tools })).toMatchObject({
      body: {
        tools: [
          {
            type: 'web_search',
            filters: { allowed_domains: ['a'], blocked_domains: ['b'] },
            user_location: { type: 'approximate', city: 'Bern' },
          },
          {
            type: 'mcp',
            server_label: 'mcp_1_two',
            server_url: 'https://m.example',
            authorization: 'token',
            allowed_tools: ['x'],
            require_approval: 'never',
          },
          { type: 'code_interpreter', container: { type: 'auto' } },
        ],
      },
      changes: ['tools.0.max_uses dropped', 'tools.3 dropped'],
    });
    const toolChoice = { type: 'server', tool: 'memory', name: 'memory' } as const;
    expect(() => encode({ tools, toolChoice })).toThrow(expect.objectContaining({ field: 'tool_choice' }));
  });

  test.each<readonly [ChatRequest['toolChoice'], unknown]>([
    [{ type: 'required' }, 'required'],
    [
      { type: 'named', name: 'f' },
      { type: 'function', name: 'f' },
    ],
    [
      { type: 'named', name: 'sh' },
      { type: 'custom', name: 'sh' },
    ],
    [
      { type: 'allowed', mode: 'auto', names: ['f', 'sh'] },
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'custom', name: 'sh' },
        ],
      },
    ],
    [{ type: 'server', tool: 'web-search', name: 'google' }, { type: 'web_search' }],
  ])('bug 58: the choice %j is %j', (toolChoice, expected) => {
    if (toolChoice === undefined) return;
    const tools = [
      tool(),
      { type: 'custom', name: 'sh' },
      { type: 'server', tool: 'web-search', name: 'google' },
    ] as const;
    const { body } = encode({ tools, toolChoice, allowsParallelTools: false });
    expect(body).toMatchObject({ tool_choice: expected, parallel_tool_calls: false });
  });

  test('a choice without tools goes', () => {
    expect(encode({ toolChoice: { type: 'required' }, allowsParallelTools: false }).body).not.toHaveProperty(
      'tool_choice',
    );
  });

  test('bug 59: keep their order', () => {
    const tools = ['c', 'a', 'b'].map((name) => tool({ name }));
    expect(encode({ tools }).body['tools']).toMatchObject([{ name: 'c' }, { name: 'a' }, { name: 'b' }]);
  });
});

describe('what the API does not have', () => {
  test('is reported', () => {
    const { changes, body } = encode({
      stop: ['x'],
      maxOutputTokens: 1,
      sampling: {
        temperature: 0.5,
        topP: 0.5,
        topK: 4,
        presencePenalty: 1,
        frequencyPenalty: 1,
        seed: 1,
        logitBias: { 1: 2 },
      },
      logprobs: { top: 2 },
    });
    expect(changes).toEqual([
      'temperature dropped',
      'top_p dropped',
      'logprobs dropped',
      'max_tokens changed',
      'stop dropped',
      'presence_penalty dropped',
      'frequency_penalty dropped',
      'seed dropped',
      'logit_bias dropped',
    ]);
    expect(body).toMatchObject({ max_output_tokens: 16 });
  });

  test.each<readonly [Partial<ChatRequest>, string]>([
    [{ choices: 2 }, 'n'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ previousResponseId: 'x' }, 'previous_response_id'],
    [{ background: true }, 'background'],
    [{ keptByService: ['cachedContent'] }, 'cachedContent'],
  ])('%j is refused', (fields, field) => {
    expect(() => encode(fields)).toThrow(InvalidRequestError);
    expect(() => encode(fields)).toThrow(expect.objectContaining({ field }));
  });
});

describe('models', () => {
  test('that do not think are asked for no reasoning, and take sampling', () => {
    const fields = {
      reasoning: { mode: 'on', effort: 'high' },
      sampling: { temperature: 0.5 },
      logprobs: { top: 2 },
      verbosity: 'low',
    } as const;
    expect(encode(fields, 'openai/gpt-4o-mini')).toMatchObject({
      body: { temperature: 0.5, include: ['message.output_text.logprobs'], top_logprobs: 2 },
      changes: ['reasoning dropped'],
    });
    expect(encode(fields, 'gpt-4o').body).not.toHaveProperty('reasoning');
    expect(encode(fields, 'gpt-4o').body).not.toHaveProperty('text');
  });

  test('that think without effort take sampling', () => {
    const sampling = { temperature: 0.5 };
    expect(encode({ sampling }, 'gpt-5.1').body).toMatchObject({ temperature: 0.5 });
    expect(encode({ sampling, reasoning: { mode: 'off' } }, 'gpt-5.6').body).toMatchObject({
      temperature: 0.5,
      reasoning: { effort: 'none' },
    });
    expect(encode({ sampling, reasoning: { mode: 'on', effort: 'low' } }, 'gpt-5.1').changes).toEqual([
      'temperature dropped',
    ]);
  });

  test('that nobody knows are given what was asked, within the bounds of the API', () => {
    expect(encode({ sampling: { temperature: 1000, topP: 0.5 } }, 'grok-9')).toMatchObject({
      body: { temperature: 2, top_p: 0.5 },
      changes: ['temperature changed'],
    });
  });

  test.each([
    ['gpt-5', { mode: 'off' }, 'minimal'],
    ['gpt-5', { mode: 'on', effort: 'max' }, 'high'],
    ['gpt-5.6', { mode: 'on', effort: 'minimal' }, 'low'],
    ['gpt-5-pro', { mode: 'on', effort: 'low' }, 'high'],
    ['o4-mini', { mode: 'on', budget: 600 }, 'low'],
    ['someone/else', { mode: 'on', effort: 'max' }, 'max'],
  ] as const)('%s thinks as it can: %j is %s', (model, reasoning, effort) => {
    expect(encode({ reasoning }, model).body['reasoning']).toMatchObject({ effort });
  });

  test.each<readonly [ChatRequest['reasoning'], string, unknown]>([
    [{ mode: 'on', effort: 'low' }, 'anthropic', 'auto'],
    [{ mode: 'on', effort: 'low' }, 'openai', undefined],
    [{ mode: 'on', effort: 'low', display: 'detailed' }, 'openai', 'detailed'],
    [{ mode: 'auto', display: 'omitted' }, 'anthropic', undefined],
    [{ mode: 'off' }, 'anthropic', undefined],
  ])('a summary of the thinking is asked for where it is shown: %j of %s', (reasoning, protocol, summary) => {
    if (reasoning === undefined) return;
    const encoded = encode({ reasoning, protocol }).body['reasoning'] ?? {};
    expect(encoded).toEqual(expect.objectContaining(summary === undefined ? {} : { summary }));
    if (summary === undefined) expect(encoded).not.toHaveProperty('summary');
  });
});

describe('the form of the answer', () => {
  const output = (fields: Partial<Extract<OutputFormat, { readonly type: 'schema' }>>): Partial<ChatRequest> => ({
    output: { type: 'schema', schema: { type: 'object', properties: {} }, ...fields },
  });

  test('a schema is flat, named, and strict only where that can be', () => {
    expect(encode(output({ name: 'My answer!', isStrict: true }))).toMatchObject({
      body: {
        text: { format: { type: 'json_schema', name: 'My_answer_', strict: false, schema: { type: 'object' } } },
      },
      changes: ['output_format.strict changed'],
    });
  });

  test('a schema that is no object is asked for in words', () => {
    const { body, changes } = encode(output({ schema: { type: 'array', items: { type: 'string' } } }));
    expect(body).not.toHaveProperty('text');
    expect(body['input']).toMatchObject([
      { role: 'developer', content: expect.stringContaining('"type":"array"') },
      {},
    ]);
    expect(changes).toEqual(['output_format changed']);
  });

  test('JSON mode has its word in the input', () => {
    expect(encode({ output: { type: 'json' } })).toMatchObject({
      body: { text: { format: { type: 'json_object' } }, input: [message('developer', 'Answer in JSON.'), {}] },
      changes: ['output_format added'],
    });
    expect(encode({ output: { type: 'json' }, turns: [{ role: 'user', blocks: [text('as json')] }] }).changes).toEqual(
      [],
    );
  });

  test('a picture is made by a tool', () => {
    expect(encode({ modalities: ['text', 'image'] }).body['tools']).toEqual([{ type: 'image_generation' }]);
  });
});

test('names of users and caches fit', () => {
  expect(encode({ userId: 'user_1', metadata: { a: 'b' }, serviceTier: 'flex' })).toMatchObject({
    body: { safety_identifier: 'user_1', prompt_cache_key: 'user_1', metadata: { a: 'b' }, service_tier: 'flex' },
    changes: [],
  });
  const { body, changes } = encode({ userId: 'u'.repeat(150), cacheKey: 'key' });
  expect(body).toMatchObject({ safety_identifier: expect.stringMatching(/^[a-z0-9]{64}$/), prompt_cache_key: 'key' });
  expect(changes).toEqual(['user changed']);
});

test('bug 87: a count of tokens has all that counts, and nothing else', () => {
  const fields = {
    turns: [{ role: 'system', blocks: [text('sys')] }, USER],
    tools: [{ type: 'function', name: 'f', inputSchema: {} }],
    maxOutputTokens: 5,
    sampling: { temperature: 1 },
    reasoning: { mode: 'on', effort: 'low' },
    stream: true,
  } as const;
  expect(Object.keys(encode(fields, 'gpt-5', { isTokenCount: true }).body).sort()).toEqual([
    'input',
    'instructions',
    'model',
    'reasoning',
    'tools',
  ]);
});

describe('a request of this dialect', () => {
  function again(body: JsonObject, origin = ORIGIN): JsonObject {
    const request = decodeRequest(body, { isStream: false });
    return JSON.parse(
      JSON.stringify(encodeRequest(request, { model: request.model, isStream: false, origin, report: () => {} }).body),
    );
  }

  test('comes out with all its own fields', () => {
    const body = {
      model: 'gpt-5',
      instructions: 'one',
      input: [
        { type: 'message', role: 'developer', content: 'two' },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'enc' },
        {
          type: 'message',
          role: 'assistant',
          id: 'msg_1',
          status: 'completed',
          phase: 'final_answer',
          content: [
            { type: 'output_text', text: 'a', annotations: [] },
            { type: 'output_text', text: 'b', annotations: [] },
          ],
        },
        {
          type: 'function_call',
          id: 'fc_1',
          status: 'completed',
          call_id: 'c',
          name: 'find',
          namespace: 'crm',
          arguments: '{}',
          caller: { type: 'direct' },
        },
        {
          type: 'function_call_output',
          call_id: 'c',
          output: [
            { type: 'input_text', text: 'x' },
            { type: 'input_text', text: 'y' },
          ],
          status: 'completed',
        },
        { type: 'mcp_call', id: 'mcp_1', server_label: 'm', name: 'n', arguments: '{}', output: 'o', error: null },
        { type: 'mcp_approval_response', approval_request_id: 'x', approve: true },
        { type: 'item_reference', id: 'msg_0' },
        {
          type: 'message',
          role: 'user',
          content: [{ type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'original' }],
        },
      ],
      tools: [
        {
          type: 'namespace',
          name: 'crm',
          description: 'CRM.',
          tools: [
            { type: 'function', name: 'find', parameters: { type: 'object' }, strict: null },
            { type: 'custom', name: 'sh', format: { type: 'text' } },
          ],
        },
        { type: 'file_search', vector_store_ids: ['v'] },
      ],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [{ type: 'function', name: 'find' }, { type: 'file_search' }],
      },
      reasoning: { effort: 'high', summary: 'concise', context: 'all_turns' },
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
      max_output_tokens: 3,
      stop: ['kept, although the API has no such field'],
      user: 'u',
      truncation: 'auto',
      previous_response_id: 'resp_1',
    };
    expect(again(body)).toEqual(body);
  });

  test('bug 60: results of a search for tools are kept', () => {
    const input = [
      {
        type: 'tool_search_call',
        id: 'tsc_1',
        call_id: null,
        execution: 'server',
        arguments: { paths: ['x'] },
        status: 'completed',
      },
      { type: 'tool_search_output', id: 'tso_1', call_id: null, execution: 'server', tools: [], status: 'completed' },
      { type: 'message', role: 'user', content: 'go' },
    ];
    expect(again({ model: 'gpt-5', input })['input']).toEqual(input);
  });

  test('sends nothing to a service that it does not know by its id', () => {
    const input = [
      { type: 'message', role: 'user', content: 'hi' },
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'reasoning', id: 'rs_pc_1_0', summary: [{ type: 'summary_text', text: 'of another model' }] },
      { type: 'web_search_call', id: 'ws_pc_1_1', status: 'completed', action: { type: 'search', query: 'q' } },
      { type: 'function_call', id: 'fc_pc_1_2', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'x' },
    ];
    expect(again({ model: 'gpt-5', input, store: false })['input']).toEqual([
      input[0],
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      input[5],
    ]);
  });
});
