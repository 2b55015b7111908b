import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const BASE = { model: 'gpt', messages: [{ role: 'user', content: 'hi' }] };
const decode = (body: unknown): ChatRequest => decodeRequest(body, { isStream: false });
const decodeMessage = (message: unknown): ChatRequest['turns'][number] | undefined =>
  decode({ ...BASE, messages: [message] }).turns[0];

describe('a message', () => {
  test.each<[string, unknown, unknown]>([
    ['a system text', { role: 'system', content: 'a' }, { role: 'system', blocks: [{ type: 'text', text: 'a' }] }],
    [
      'a developer, who comes out as one',
      { role: 'developer', content: [{ type: 'text', text: 'a' }] },
      { role: 'system', blocks: [{ type: 'text', text: 'a' }], extensions: { openai: { role: 'developer' } } },
    ],
    [
      'a user with a name and parts of every kind',
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'image_url', image_url: { url: 'https://a.b/c.png', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'data:image/png;charset=x;base64,AAAA' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'video_url', video_url: { url: 'https://a.b/c.mp4' } },
          { type: 'strange', strange: 1 },
        ],
      },
      {
        role: 'user',
        name: 'ann',
        blocks: [
          { type: 'text', text: 'a', cache: { ttl: '1h' } },
          { type: 'image', source: { type: 'url', url: 'https://a.b/c.png' }, detail: 'low' },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
          { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } },
          {
            type: 'document',
            source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
            title: 'a.pdf',
          },
          { type: 'document', source: { type: 'file-id', fileId: 'file-1', origin: 'openai' } },
          {
            type: 'video',
            source: { type: 'url', url: 'https://a.b/c.mp4' },
            extensions: { openai: { form: 'video_url' } },
          },
          { type: 'opaque', protocol: 'openai', value: { type: 'strange', strange: 1 } },
        ],
      },
    ],
    [
      'an assistant that thinks, speaks, refuses and calls',
      {
        role: 'assistant',
        content: 'a',
        reasoning_content: 't',
        refusal: 'no',
        annotations: [],
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'custom', custom: { name: 'g', input: 'free' } },
          { id: 'c3', type: 'function', function: { name: 'h', arguments: { a: 1 } } },
        ],
      },
      {
        role: 'assistant',
        blocks: [
          { type: 'thinking', parts: ['t'], kind: 'full', extensions: { openai: { form: 'reasoning_content' } } },
          { type: 'text', text: 'a' },
          { type: 'refusal', text: 'no' },
          { type: 'tool-call', callId: 'c1', name: 'f', kind: 'function', input: '{"a":1}' },
          { type: 'tool-call', callId: 'c2', name: 'g', kind: 'custom', input: 'free' },
          { type: 'tool-call', callId: 'c3', name: 'h', kind: 'function', input: { a: 1 } },
        ],
        extensions: { openai: { annotations: [] } },
      },
    ],
    [
      'an assistant that says nothing',
      { role: 'assistant', content: null, tool_calls: [] },
      { role: 'assistant', blocks: [] },
    ],
    [
      'an assistant whose thinking is a part',
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 't' }] },
          { type: 'text', text: 'a' },
        ],
      },
      {
        role: 'assistant',
        blocks: [
          { type: 'thinking', parts: ['t'], kind: 'full', extensions: { openai: { form: 'part' } } },
          { type: 'text', text: 'a' },
        ],
      },
    ],
    [
      'a result in parts',
      {
        role: 'tool',
        tool_call_id: 'c1',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'tool',
        blocks: [
          {
            type: 'tool-result',
            callId: 'c1',
            blocks: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
      },
    ],
  ])('%s', (_name, message, turn) => {
    expect(decodeMessage(message)).toEqual(turn);
  });
});

test('results of the old form find the calls they belong to', () => {
  const { turns, tools } = decode({
    model: 'gpt',
    functions: [{ name: 'read', parameters: { type: 'object' } }],
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: null, function_call: { name: 'read', arguments: '{}' } },
      { role: 'function', name: 'read', content: 'one' },
      { role: 'assistant', content: null, function_call: { name: 'read', arguments: '{}' } },
      { role: 'function', name: 'read', content: 'two' },
      { role: 'function', name: 'other', content: 'three' },
    ],
  });
  const ids = turns.flatMap(({ blocks }) => blocks.flatMap((block) => ('callId' in block ? [block.callId] : [])));
  expect(ids).toEqual(['call_function_1', 'call_function_1', 'call_function_3', 'call_function_3', 'call_function_5']);
  expect(tools).toEqual([
    { type: 'function', name: 'read', inputSchema: { type: 'object' }, extensions: { openai: { form: 'functions' } } },
  ]);
});

test('every parameter has its place, and what only this dialect knows stays as it came', () => {
  expect(
    decodeRequest(
      {
        ...BASE,
        max_completion_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 4,
        presence_penalty: 1,
        frequency_penalty: -1,
        seed: 3,
        logit_bias: { 50: -100 },
        stop: 'x',
        n: 2,
        logprobs: true,
        top_logprobs: 3,
        parallel_tool_calls: false,
        reasoning_effort: 'high',
        verbosity: 'low',
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {}, strict: true } },
        modalities: ['text', 'audio'],
        audio: { voice: 'alloy', format: 'mp3' },
        stream_options: { include_usage: true, include_obfuscation: false },
        service_tier: 'flex',
        prompt_cache_key: 'k',
        user: 'u',
        metadata: { a: 'b' },
        store: true,
        prediction: { type: 'content', content: 'x' },
        web_search_options: { search_context_size: 'low', user_location: { approximate: { country: 'DE' } } },
        frequency: null,
      },
      { isStream: true },
    ),
  ).toEqual({
    protocol: 'openai',
    model: 'gpt',
    stream: true,
    turns: [{ role: 'user', blocks: [{ type: 'text', text: 'hi' }] }],
    tools: [
      {
        type: 'server',
        tool: 'web-search',
        name: 'web_search_options',
        webSearch: { contextSize: 'low', userLocation: { country: 'DE' } },
        extensions: {
          openai: { options: { search_context_size: 'low', user_location: { approximate: { country: 'DE' } } } },
        },
      },
    ],
    allowsParallelTools: false,
    maxOutputTokens: 9,
    sampling: {
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      presencePenalty: 1,
      frequencyPenalty: -1,
      seed: 3,
      logitBias: { 50: -100 },
    },
    stop: ['x'],
    reasoning: { mode: 'on', effort: 'high' },
    output: { type: 'schema', schema: {}, name: 'a', isStrict: true },
    verbosity: 'low',
    choices: 2,
    logprobs: { top: 3 },
    modalities: ['text', 'audio'],
    voice: { name: 'alloy', format: 'mp3' },
    includeUsage: true,
    cacheKey: 'k',
    serviceTier: 'flex',
    userId: 'u',
    metadata: { a: 'b' },
    store: true,
    extensions: {
      openai: { prediction: { type: 'content', content: 'x' }, stream_options: { include_obfuscation: false } },
    },
  });
});

describe('how much to think, in every service’s words', () => {
  test.each<[unknown, unknown]>([
    [{ reasoning_effort: 'none' }, { mode: 'off' }],
    [{ reasoning_effort: 'minimal' }, { mode: 'on', effort: 'minimal' }],
    [{ reasoning_effort: 'default' }, { mode: 'on' }],
    [{ reasoning: { effort: 'low' } }, { mode: 'on', effort: 'low' }],
    [{ reasoning: { max_tokens: 2000 } }, { mode: 'on', budget: 2000 }],
    [{ reasoning: { enabled: false } }, { mode: 'off' }],
    [{ reasoning: { exclude: true } }, { mode: 'auto', display: 'omitted' }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [{ thinking: { type: 'auto' } }, { mode: 'auto' }],
    [
      { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
      { mode: 'on', effort: 'high' },
    ],
    [
      { enable_thinking: true, thinking_budget: 100 },
      { mode: 'on', budget: 100 },
    ],
    [{ enable_thinking: false }, { mode: 'off' }],
    [{ chat_template_kwargs: { enable_thinking: false } }, { mode: 'off' }],
    [{}, undefined],
  ])('%j', (fields, reasoning) => {
    expect(decode({ ...BASE, ...Object(fields) }).reasoning).toEqual(reasoning);
  });
});

describe('a choice among tools', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }];

  test.each<[unknown, unknown]>([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    ['any', { type: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'named', name: 'f', kind: 'function' },
    ],
    [
      { type: 'custom', custom: { name: 'g' } },
      { type: 'named', name: 'g', kind: 'custom' },
    ],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      { type: 'allowed', mode: 'required', names: ['f'] },
    ],
    [{ type: 'strange' }, undefined],
  ])('%j', (choice, expected) => {
    expect(decode({ ...BASE, tools, tool_choice: choice }).toolChoice).toEqual(expected);
  });
});

describe('refuses', () => {
  const saying = (message: unknown): unknown => ({ ...BASE, messages: [message] });

  test.each([
    ['no object', 'x', undefined],
    ['no model', { messages: BASE.messages }, 'model'],
    ['a model as a number', { ...BASE, model: 4 }, 'model'],
    ['no messages', { model: 'gpt' }, 'messages'],
    ['messages as text', { ...BASE, messages: 'hi' }, 'messages'],
    ['no message', { ...BASE, messages: [] }, 'messages'],
    ['a message as text', saying('hi'), 'messages[0]'],
    ['an unknown role', saying({ role: 'model', content: 'x' }), 'messages[0].role'],
    ['a user who says nothing', saying({ role: 'user' }), 'messages[0].content'],
    ['content as an object', saying({ role: 'user', content: {} }), 'messages[0].content'],
    ['a part as text', saying({ role: 'user', content: ['x'] }), 'messages[0].content[0]'],
    ['a text part without text', saying({ role: 'user', content: [{ type: 'text' }] }), 'messages[0].content[0].text'],
    [
      'an image without an address',
      saying({ role: 'user', content: [{ type: 'image_url', image_url: {} }] }),
      'messages[0].content[0].image_url.url',
    ],
    [
      'a sound without bytes',
      saying({ role: 'user', content: [{ type: 'input_audio', input_audio: { format: 'wav' } }] }),
      'messages[0].content[0].input_audio.data',
    ],
    ['a result of nothing', saying({ role: 'tool', content: 'x' }), 'messages[0].tool_call_id'],
    ['an old result of nothing', saying({ role: 'function', content: 'x' }), 'messages[0].name'],
    ['calls as an object', saying({ role: 'assistant', tool_calls: {} }), 'messages[0].tool_calls'],
    [
      'a call of nothing',
      saying({ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: {} }] }),
      'messages[0].tool_calls[0].function.name',
    ],
    ['tools as an object', { ...BASE, tools: {} }, 'tools'],
    ['a tool as text', { ...BASE, tools: ['x'] }, 'tools[0]'],
    ['a function without a name', { ...BASE, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    ['a custom tool without a name', { ...BASE, tools: [{ type: 'custom', custom: {} }] }, 'tools[0].custom.name'],
    ['parameters as text', { ...BASE, functions: [{ name: 'x', parameters: 'y' }] }, 'functions[0].parameters'],
    ['a temperature as text', { ...BASE, temperature: 'hot' }, 'temperature'],
    ['a bound as text', { ...BASE, max_tokens: '9' }, 'max_tokens'],
    ['a stop that is no text', { ...BASE, stop: [1] }, 'stop'],
    ['a bias that is no number', { ...BASE, logit_bias: { 1: 'x' } }, 'logit_bias'],
    ['metadata of numbers', { ...BASE, metadata: { a: 1 } }, 'metadata'],
    ['a format as text', { ...BASE, response_format: 'json' }, 'response_format'],
    ['a schema that is missing', { ...BASE, response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
  ])('%s', (_name, body, field) => {
    expect(() => decode(body)).toThrow(InvalidRequestError);
    expect(() => decode(body)).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });
});

test('no JSON whatever makes it throw anything but a refusal', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const values: readonly unknown[] = [null, true, 0, -1, '', 'x', [], {}, [null], [{}], { type: 'text' }, { name: 1 }];
  const whole = {
    model: 'm',
    messages: [
      { role: 'assistant', content: [{ type: 'text', text: 'a' }], tool_calls: [{ id: 'a', function: { name: 'f' } }] },
      { role: 'tool', tool_call_id: 'a', content: 'b', name: 'f' },
      { role: 'assistant', content: '', reasoning_details: [{ format: 'proxycast', data: 'x', id: 'text_0_0' }] },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
    audio: { voice: { id: 'v' } },
    response_format: { type: 'json_object' },
    reasoning: { effort: 'low' },
    stream_options: {},
    metadata: {},
  };
  let decoded = 0;
  for (let round = 0; round < 3000; round++) {
    const body: unknown = JSON.parse(JSON.stringify(whole), (_key, value: unknown) =>
      random(12) === 0 ? values[random(values.length)] : value,
    );
    try {
      decode(body);
      decoded++;
    } catch (fault) {
      expect(fault).toBeInstanceOf(InvalidRequestError);
    }
  }
  expect(decoded).toBeGreaterThan(20);
});
