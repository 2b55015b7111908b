import {
  type ChatBlock,
  type ChatRequest,
  type ChatTool,
  type ChatTurn,
  InvalidRequestError,
  type JsonObject,
  type MediaSource,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { type ChatQuirks, PLAIN_QUIRKS } from './chat-variant.ts';
import { encodeRequest } from './encode-request.ts';

const user = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'user', blocks });
const assistant = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'assistant', blocks });
const results = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'tool', blocks });
const system = (text: string): ChatTurn => ({ role: 'system', blocks: [said(text)] });
const said = (text: string): ChatBlock => ({ type: 'text', text });
const call = (callId: string, name = 'f', input: JsonObject | string = {}): ChatBlock => ({
  type: 'tool-call',
  callId,
  name,
  kind: 'function',
  input,
});
const result = (callId: string, ...blocks: readonly ChatBlock[]): ChatBlock => ({
  type: 'tool-result',
  callId,
  blocks,
});
const IMAGE: ChatBlock = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } };
const IMAGE_PART = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
const TOOL: ChatTool = { type: 'function', name: 'f', inputSchema: { type: 'object', properties: {} } };

interface Sent {
  readonly body: JsonObject;
  readonly changes: readonly string[];
  readonly messages: readonly JsonObject[];
}

/** A request of another dialect, as it is sent. */
function send(
  request: Partial<ChatRequest>,
  {
    quirks = {},
    model = 'mine',
    origin = 'openai:here',
  }: { quirks?: Partial<ChatQuirks>; model?: string; origin?: string } = {},
): Sent {
  const changes: string[] = [];
  const { body } = encodeRequest(
    { protocol: 'elsewhere', model: 'asked', stream: false, turns: [user(said('hi'))], tools: [], ...request },
    { model, isStream: request.stream === true, origin, report: (field, action) => changes.push(`${field} ${action}`) },
    { ...PLAIN_QUIRKS, ...quirks },
  );
  const sent: unknown = JSON.parse(JSON.stringify(body));
  if (!isObject(sent)) throw new TypeError('The body is no object.');
  return { body: sent, changes, messages: Array.isArray(sent.messages) ? sent.messages.filter(isObject) : [] };
}

describe('a conversation', () => {
  test.each<[string, readonly ChatTurn[], readonly unknown[]]>([
    [
      'system text stands where it was said',
      [{ role: 'system', blocks: [said('a'), said('b')] }, user(said('c')), system('d')],
      [
        { role: 'system', content: 'a\n\nb' },
        { role: 'user', content: 'c' },
        { role: 'system', content: 'd' },
      ],
    ],
    [
      'several texts are several parts, and an image is one of them (bug 69)',
      [user(said('a'), IMAGE, said('b'))],
      [{ role: 'user', content: [{ type: 'text', text: 'a' }, IMAGE_PART, { type: 'text', text: 'b' }] }],
    ],
    [
      'calls and their results, directly after each other',
      [
        user(said('a')),
        assistant(said('b'), call('c', 'f', { x: 1 })),
        results(result('c', said('d'))),
        user(said('e')),
      ],
      [
        { role: 'user', content: 'a' },
        {
          role: 'assistant',
          content: 'b',
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'd' },
        { role: 'user', content: 'e' },
      ],
    ],
    [
      'an error is told in words',
      [assistant(call('c')), results({ type: 'tool-result', callId: 'c', isError: true, blocks: [said('no')] })],
      [
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'Error: no' },
      ],
    ],
    [
      'a last answer is gone on with',
      [user(said('a')), assistant(said('b'))],
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    ],
    [
      'a refusal is one',
      [user(said('a')), assistant({ type: 'refusal', text: 'no' })],
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: null, refusal: 'no' },
      ],
    ],
    [
      'thinking alone is nothing to say, and goes to nobody (bugs 30, 38)',
      [
        user(said('a')),
        assistant({ type: 'thinking', parts: ['t'], kind: 'full', signature: { origin: 'elsewhere:x', value: 's' } }),
        user(said('b')),
      ],
      [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
    ],
    [
      'a speaker with a name the API takes',
      [
        { role: 'user', name: 'ann', blocks: [said('a')] },
        { role: 'user', name: 'an n', blocks: [said('b')] },
      ],
      [
        { role: 'user', name: 'ann', content: 'a' },
        { role: 'user', content: 'b' },
      ],
    ],
    ['nothing at all', [user()], [{ role: 'user', content: '' }]],
  ])('%s', (_name, turns, messages) => {
    expect(send({ turns }).messages).toEqual(messages);
  });

  test('bugs 67, 68: images of results follow in one user message after all results of the turn, which hold text only', () => {
    const { messages, changes } = send({
      turns: [
        assistant(call('a'), call('b'), call('c')),
        results(result('a', said('x'), IMAGE), result('b', said('y')), result('c', IMAGE)),
        user(said('z')),
      ],
    });
    expect(messages.slice(1)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'x\n[image: in the next message of the user]' },
      { role: 'tool', tool_call_id: 'b', content: 'y' },
      { role: 'tool', tool_call_id: 'c', content: '[image: in the next message of the user]' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'From the result of the call a:' },
          IMAGE_PART,
          { type: 'text', text: 'From the result of the call c:' },
          IMAGE_PART,
        ],
      },
      { role: 'user', content: 'z' },
    ]);
    expect(changes).toContain('messages.1 changed');
  });

  test('bug 54: results without calls and calls without results are told of', () => {
    const { messages, changes } = send({
      turns: [results(result('x', said('lost'))), assistant(call('a')), user(said('b')), assistant(call('c'))],
    });
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user', 'assistant', 'tool']);
    expect(changes).toEqual(expect.arrayContaining(['messages.0 changed', 'messages.1 added', 'messages added']));
  });

  test('bugs 49, 50, 51, 52: names and ids fit, and the names can be put back', () => {
    const long = 'x'.repeat(100);
    const { body, bridge } = encodeRequest(
      {
        protocol: 'elsewhere',
        model: 'm',
        stream: false,
        tools: [
          { type: 'function', name: long, inputSchema: {} },
          { type: 'function', name: 'a/b', inputSchema: {} },
        ],
        turns: [assistant(call(`id\n${long}`, long), call('', 'a/b')), results(result(`id\n${long}`), result(''))],
      },
      { model: 'm', isStream: false, origin: 'openai:here', report: () => {} },
      PLAIN_QUIRKS,
    );
    const text = JSON.stringify(body);
    expect(text).not.toContain(long);
    const ids = [...text.matchAll(/"(?:id|tool_call_id)":"([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{1,40}$/);
    expect([...(bridge?.tools.values() ?? [])].map(({ name }) => name).sort()).toEqual(['a/b', long]);
  });
});

describe('media', () => {
  const refuses = (block: ChatBlock, quirks: Partial<ChatQuirks> = {}) => {
    const encode = () => send({ turns: [user(said('a')), user(block)] }, { quirks });
    expect(encode).toThrow(InvalidRequestError);
    expect(encode).toThrow(expect.objectContaining({ field: 'messages.1.content.0' }));
  };
  const parts = (block: ChatBlock, quirks: Partial<ChatQuirks> = {}) =>
    send({ turns: [user(said('a'), block)] }, { quirks }).messages[0]?.content;
  const document = (source: MediaSource, title?: string): ChatBlock => ({
    type: 'document',
    source,
    ...(title === undefined ? {} : { title }),
  });
  const PDF = { type: 'base64', mediaType: 'application/pdf', data: 'AA==' } as const;

  test.each<[string, ChatBlock, unknown]>([
    [
      'a document by its bytes',
      document(PDF, 'a.pdf'),
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' } },
    ],
    [
      'a document without a name',
      document(PDF),
      { type: 'file', file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,AA==' } },
    ],
    ['a document of text', document({ type: 'text', text: 'x' }), { type: 'text', text: 'x' }],
    [
      'a document of text in bytes',
      document({ type: 'base64', mediaType: 'text/plain', data: btoa('x') }),
      { type: 'text', text: 'x' },
    ],
    [
      'a file of this upstream',
      document({ type: 'file-id', fileId: 'file-1', origin: 'openai:here' }),
      { type: 'file', file: { file_id: 'file-1' } },
    ],
    [
      'a sound',
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'AA==' } },
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
    ],
    [
      'an image by its address',
      { type: 'image', source: { type: 'url', url: 'https://a/b' }, detail: 'low' },
      { type: 'image_url', image_url: { url: 'https://a/b', detail: 'low' } },
    ],
  ])('%s is a part', (_name, block, part) => {
    expect(parts(block)).toEqual([{ type: 'text', text: 'a' }, part]);
  });

  test.each<[string, ChatBlock]>([
    ['a document by its address', document({ type: 'url', url: 'https://a/b.pdf' })],
    ['a file of another service', document({ type: 'file-id', fileId: 'f', origin: 'elsewhere:x' })],
    ['an image of another service', { type: 'image', source: { type: 'file-id', fileId: 'f', origin: 'elsewhere:x' } }],
    ['an image at no address of the web', { type: 'image', source: { type: 'url', url: 'gs://a/b' } }],
    ['a sound in another form', { type: 'audio', source: { type: 'base64', mediaType: 'audio/flac', data: 'AA==' } }],
    ['a film', { type: 'video', source: { type: 'url', url: 'https://a/b' } }],
  ])('%s is refused, by name', (_name, block) => {
    refuses(block);
  });

  test('what a service takes is its own affair', () => {
    refuses(IMAGE, { images: 'none' });
    refuses({ type: 'image', source: { type: 'url', url: 'https://a/b' } }, { images: 'data' });
    refuses(document(PDF), { files: false });
    refuses({ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' } }, { audio: false });
    expect(parts(document({ type: 'url', url: 'https://a/b.pdf' }), { fileAddresses: 'file_url' })).toContainEqual({
      type: 'file_url',
      file_url: { url: 'https://a/b.pdf' },
    });
    expect(parts(document({ type: 'url', url: 'https://a/b.pdf' }), { fileAddresses: 'file_data' })).toContainEqual({
      type: 'file',
      file: { file_data: 'https://a/b.pdf' },
    });
    expect(parts({ type: 'video', source: { type: 'url', url: 'https://a/b' } }, { videos: true })).toContainEqual({
      type: 'video_url',
      video_url: { url: 'https://a/b' },
    });
  });

  test('cache marks go to services that know them, and to no other (bug 79)', () => {
    const turns = [user({ type: 'text', text: 'a', cache: { ttl: '1h' } })];
    expect(send({ turns }).messages[0]?.content).toBe('a');
    expect(send({ turns }, { quirks: { cacheControl: true } }).messages[0]?.content).toEqual([
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]);
  });
});

describe('tools', () => {
  const toolsOf = (tools: readonly ChatTool[], quirks: Partial<ChatQuirks> = {}) =>
    send({ tools }, { quirks }).body.tools;

  test('bug 57: a tool without anything is one without parameters', () => {
    expect(toolsOf([{ type: 'function', name: 'f', inputSchema: {} }])).toEqual([
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ]);
  });

  test('strict is said where it was said, and only where the schema is strict', () => {
    const strict = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const tools: readonly ChatTool[] = [
      { type: 'function', name: 'a', inputSchema: strict, isStrict: true },
      { type: 'function', name: 'b', inputSchema: { ...strict, required: [] }, isStrict: true },
      { type: 'function', name: 'c', inputSchema: strict, isStrict: false },
      { type: 'function', name: 'd', inputSchema: strict },
    ];
    const { body, changes } = send({ tools });
    expect(body.tools).toMatchObject([
      { function: { strict: true } },
      { function: { strict: false } },
      { function: { strict: false } },
      { function: {} },
    ]);
    expect(JSON.stringify(body.tools).match(/"strict"/g)).toHaveLength(3);
    expect(changes).toEqual(['tools.1 changed']);
  });

  test('a schema is an object at its top, whatever it was made of', () => {
    const inputSchema = {
      $ref: '#/$defs/In',
      $defs: {
        In: {
          anyOf: [
            { properties: { a: {}, b: {} }, required: ['a', 'b'] },
            { properties: { a: {}, c: {} }, required: ['a'] },
          ],
        },
      },
    };
    expect(toolsOf([{ type: 'function', name: 'f', inputSchema }])).toMatchObject([
      { function: { parameters: { type: 'object', properties: { a: {}, b: {}, c: {} }, required: ['a'] } } },
    ]);
  });

  test('bug 56: a tool of free text is one where there are such, else a function', () => {
    const tools: readonly ChatTool[] = [
      { type: 'custom', name: 'g', grammar: { syntax: 'lark', definition: 'start: "a"' } },
    ];
    expect(toolsOf(tools)).toEqual([
      {
        type: 'custom',
        custom: { name: 'g', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } } },
      },
    ]);
    expect(toolsOf(tools, { customTools: false })).toMatchObject([{ type: 'function', function: { name: 'g' } }]);
  });

  describe('the service’s own', () => {
    const search: ChatTool = {
      type: 'server',
      tool: 'web-search',
      name: 'web_search',
      webSearch: { contextSize: 'low', maxUses: 2 },
    };

    test('are dropped and told of, refused when they must be used', () => {
      const { body, changes } = send({ tools: [search, TOOL] });
      expect(body.tools).toHaveLength(1);
      expect(changes).toEqual(['tools.0 dropped']);
      const toolChoice = { type: 'server', tool: 'web-search', name: 'web_search' } as const;
      expect(() => send({ tools: [search], toolChoice })).toThrow(expect.objectContaining({ field: 'tool_choice' }));
    });

    test.each<[Partial<ChatQuirks>, string, unknown]>([
      [{}, 'gpt-4o-search-preview', { web_search_options: { search_context_size: 'low' } }],
      [{ webSearch: 'always' }, 'mine', { web_search_options: { search_context_size: 'low' } }],
      [{ webSearch: 'enable_search' }, 'mine', { enable_search: true }],
      [
        { webSearch: 'openrouter' },
        'mine',
        { tools: [{ type: 'openrouter:web_search', parameters: { max_uses: 2, search_context_size: 'low' } }] },
      ],
      [
        { webSearch: 'zhipu' },
        'mine',
        { tools: [{ type: 'web_search', web_search: { enable: true, search_result: true } }] },
      ],
    ])('are asked for in its words %j', (quirks, model, fields) => {
      expect(send({ tools: [search] }, { quirks, model }).body).toMatchObject(Object(fields));
    });
  });

  describe('the choice', () => {
    const all = [TOOL, { ...TOOL, name: 'g' }];

    test.each<[ChatRequest['toolChoice'], Partial<ChatQuirks>, unknown]>([
      [{ type: 'required' }, {}, 'required'],
      [{ type: 'required' }, { requiredWord: 'any' }, 'any'],
      [{ type: 'none' }, {}, 'none'],
      [{ type: 'named', name: 'f' }, {}, { type: 'function', function: { name: 'f' } }],
      [
        { type: 'allowed', mode: 'required', names: ['f'] },
        {},
        {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
        },
      ],
      [{ type: 'required' }, { toolChoices: ['auto'] }, undefined],
      [{ type: 'named', name: 'f' }, { toolChoices: ['auto', 'required'] }, 'required'],
    ])('%j with %j', (toolChoice, quirks, expected) => {
      expect(
        send({ tools: all, ...(toolChoice === undefined ? {} : { toolChoice }) }, { quirks }).body.tool_choice,
      ).toEqual(expected);
    });

    test('where it cannot be told the other tools are left out, and that is told (bug 58)', () => {
      const toolChoice = { type: 'allowed', mode: 'auto', names: ['g'] } as const;
      const { body, changes } = send({ tools: all, toolChoice }, { quirks: { toolChoices: ['auto'] } });
      expect(body.tools).toMatchObject([{ function: { name: 'g' } }]);
      expect(changes).toEqual(['tool_choice changed']);
      expect(
        send({ tools: all, toolChoice: { type: 'none' } }, { quirks: { toolChoices: ['auto'] } }).body,
      ).not.toHaveProperty('tools');
    });

    test('without tools there is none, nor a word on how many', () => {
      const { body, changes } = send({ toolChoice: { type: 'required' }, allowsParallelTools: false });
      expect(body).not.toHaveProperty('tool_choice');
      expect(body).not.toHaveProperty('parallel_tool_calls');
      expect(changes).toEqual([]);
    });
  });

  test('a service without tools gets none, unless it must use one', () => {
    expect(send({ tools: [TOOL] }, { quirks: { tools: false } }).changes).toEqual(['tools.0 dropped']);
    expect(() =>
      send({ tools: [TOOL], toolChoice: { type: 'named', name: 'f' } }, { quirks: { tools: false } }),
    ).toThrow(InvalidRequestError);
  });
});

describe('parameters', () => {
  test('the bound has the name the model wants (bug 94)', () => {
    const bound = { maxOutputTokens: 9 };
    expect(send(bound, { model: 'llama' }).body).toMatchObject({ max_tokens: 9 });
    expect(send(bound, { model: 'gpt-5' }).body).toMatchObject({ max_completion_tokens: 9 });
    expect(send(bound, { model: 'gpt-5', quirks: { outputBound: 'max_tokens' } }).body).toMatchObject({
      max_tokens: 9,
    });
  });

  test('reasoning models are not told how to choose tokens', () => {
    const asked = {
      sampling: { temperature: 0.2, topP: 1, topK: 3, presencePenalty: 0, seed: 1 },
      stop: ['x'],
      logprobs: {},
    };
    const { body, changes } = send(asked, { model: 'gpt-5' });
    expect(body).toEqual({ model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }], seed: 1 });
    expect(changes).toEqual(['temperature dropped', 'stop dropped', 'logprobs dropped']);
    const free = send({ ...asked, reasoning: { mode: 'off' } }, { model: 'gpt-5.2' });
    expect(free.body).toMatchObject({ temperature: 0.2, logprobs: true, reasoning_effort: 'none' });
  });

  test('what a service refuses is left out: hints in silence, wishes with a word', () => {
    const { body, changes } = send(
      {
        sampling: { temperature: 1.5, seed: 1, topK: 3 },
        verbosity: 'low',
        metadata: { a: 'b' },
        userId: 'u',
        serviceTier: 'flex',
        choices: 1,
      },
      {
        quirks: {
          unsupported: ['seed', 'verbosity', 'metadata', 'user', 'service_tier', 'n'],
          maxTemperature: 1,
          topK: true,
        },
      },
    );
    expect(body).toEqual({ model: 'mine', messages: [{ role: 'user', content: 'hi' }], temperature: 1, top_k: 3 });
    expect(changes).toEqual(['temperature changed', 'seed dropped', 'service_tier dropped']);
  });

  test('four stop sequences at most', () => {
    const { body, changes } = send({ stop: ['', 'a', 'b', 'c', 'd', 'e'] });
    expect(body.stop).toEqual(['a', 'b', 'c', 'd']);
    expect(changes).toEqual(['stop changed']);
  });

  test.each<[string, Partial<ChatRequest>, Partial<ChatQuirks>, string]>([
    ['several answers of a service that gives one', { choices: 2 }, { unsupported: ['n'] }, 'n'],
    ['an answer before', { previousResponseId: 'r' }, {}, 'previous_response_id'],
    ['the background', { background: true }, {}, 'background'],
    ['an image as the answer', { modalities: ['image'] }, {}, 'modalities'],
  ])('%s cannot be had', (_name, request, quirks, field) => {
    expect(() => send(request, { quirks })).toThrow(InvalidRequestError);
    expect(() => send(request, { quirks })).toThrow(expect.objectContaining({ field }));
  });

  test('a sound as the answer has a voice and a form', () => {
    expect(send({ modalities: ['text', 'audio'] }).body).toMatchObject({ audio: { voice: 'alloy', format: 'wav' } });
    expect(send({ modalities: ['text', 'audio'], stream: true, voice: { name: 'ash' } }).body).toMatchObject({
      audio: { voice: 'ash', format: 'pcm16' },
    });
  });

  test('a stream is always asked for its usage, where it can be', () => {
    expect(send({ stream: true }).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(send({ stream: true }, { quirks: { streamOptions: false } }).body).not.toHaveProperty('stream_options');
  });

  test('the name of an end user is cut to what the API takes, always the same', () => {
    const { user: name } = send({ userId: 'x'.repeat(200) }).body;
    expect(String(name)).toHaveLength(32);
    expect(send({ userId: 'x'.repeat(200) }).body.user).toBe(name);
  });
});

describe('the form of the answer', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };

  test('a schema has a name', () => {
    expect(
      send({ output: { type: 'schema', schema, isStrict: true, name: 'my name' } }).body.response_format,
    ).toMatchObject({
      type: 'json_schema',
      json_schema: { name: expect.stringMatching(/^my_name_\w{8}$/), schema, strict: true },
    });
  });

  test('JSON is spoken of, since the API wants the word', () => {
    expect(send({ output: { type: 'json' } }).messages).toEqual([
      { role: 'system', content: 'Answer in JSON.' },
      { role: 'user', content: 'hi' },
    ]);
    expect(send({ output: { type: 'json' }, turns: [user(said('as json'))] }).messages).toHaveLength(1);
  });

  test('a service without schemas is told in words', () => {
    const { body, changes, messages } = send(
      { output: { type: 'schema', schema } },
      { quirks: { responseFormats: ['json_object'] } },
    );
    expect(body.response_format).toEqual({ type: 'json_object' });
    expect(messages[0]?.content).toContain('"additionalProperties":false');
    expect(changes).toEqual(['response_format changed']);
  });
});

describe('how much to think', () => {
  const THINKING = { style: 'thinking', efforts: [], auto: false } as const;

  test.each<[ChatRequest['reasoning'], string, Partial<ChatQuirks>, unknown]>([
    [{ mode: 'on', effort: 'high' }, 'mine', {}, { reasoning_effort: 'high' }],
    [{ mode: 'on', budget: 30_000 }, 'gpt-5', {}, { reasoning_effort: 'high' }],
    [{ mode: 'on', effort: 'xhigh' }, 'o3', {}, { reasoning_effort: 'high' }],
    [{ mode: 'on' }, 'gpt-5.2', {}, { reasoning_effort: 'medium' }],
    [{ mode: 'on' }, 'gpt-5', {}, {}],
    [{ mode: 'off' }, 'gpt-5', {}, { reasoning_effort: 'minimal' }],
    [{ mode: 'off' }, 'gpt-5.1', {}, { reasoning_effort: 'none' }],
    [{ mode: 'auto' }, 'gpt-5', {}, {}],
    [{ mode: 'on', effort: 'high' }, 'gpt-4o', {}, {}],
    [{ mode: 'on', effort: 'high' }, 'mine', { reasoningRequest: THINKING }, { thinking: { type: 'enabled' } }],
    [{ mode: 'off' }, 'mine', { reasoningRequest: THINKING }, { thinking: { type: 'disabled' } }],
    [{ mode: 'auto' }, 'mine', { reasoningRequest: { ...THINKING, auto: true } }, { thinking: { type: 'auto' } }],
    [
      { mode: 'on', effort: 'medium' },
      'mine',
      { reasoningRequest: { ...THINKING, efforts: ['low', 'high'] } },
      { thinking: { type: 'enabled' }, reasoning_effort: 'low' },
    ],
    [
      { mode: 'on', effort: 'low' },
      'mine',
      { reasoningRequest: { ...THINKING, style: 'enable_thinking' } },
      { enable_thinking: true, thinking_budget: 1024 },
    ],
    [
      { mode: 'off' },
      'mine',
      { reasoningRequest: { ...THINKING, style: 'enable_thinking' } },
      { enable_thinking: false },
    ],
    [
      { mode: 'on', budget: 99, display: 'omitted' },
      'mine',
      { reasoningRequest: { ...THINKING, style: 'reasoning' } },
      { reasoning: { max_tokens: 99, exclude: true } },
    ],
    [
      { mode: 'on' },
      'mine',
      { reasoningRequest: { ...THINKING, style: 'chat_template' } },
      { chat_template_kwargs: { enable_thinking: true } },
    ],
    [{ mode: 'on' }, 'mine', { reasoningRequest: { ...THINKING, style: 'none' } }, {}],
    [
      { mode: 'on', effort: 'low' },
      'other',
      { reasoningRequest: { ...THINKING, style: 'effort', efforts: ['low'], models: ['mine'] } },
      {},
    ],
  ])('%j of %s with %j', (reasoning, model, quirks, expected) => {
    const { body } = send(reasoning === undefined ? {} : { reasoning }, { model, quirks });
    const { model: _, messages: __, ...rest } = body;
    expect(rest).toEqual(expected);
  });

  test('what is not done as asked is told', () => {
    expect(send({ reasoning: { mode: 'on', effort: 'high' } }, { model: 'gpt-4o' }).changes).toEqual([
      'reasoning dropped',
    ]);
    expect(send({ reasoning: { mode: 'off' } }, { model: 'o3' }).changes).toEqual(['reasoning changed']);
    expect(send({ reasoning: { mode: 'off' } }, { model: 'gpt-4o' }).changes).toEqual([]);
  });
});

describe('thinking told again', () => {
  const thought = (text: string, value?: string, origin = 'openai:here'): ChatBlock => ({
    type: 'thinking',
    parts: [text],
    kind: 'full',
    ...(value === undefined ? {} : { signature: { origin, value } }),
  });
  const history = (
    send: ChatQuirks['reasoningHistory']['send'],
    form: ChatQuirks['reasoningHistory']['form'],
    unknown: 'omit' | 'empty' = 'omit',
  ) => ({
    quirks: { reasoningHistory: { send, form, unknown } },
  });
  const turns = [
    user(said('a')),
    assistant(thought('t'), call('c')),
    results(result('c')),
    assistant(thought('u'), said('b')),
  ];
  const fieldsIn = (sent: Sent, field: string) =>
    sent.messages.filter(({ role }) => role === 'assistant').map((message) => message[field]);

  test('bugs 43, 44, 45: with calls, where the service refuses them without', () => {
    expect(fieldsIn(send({ turns }, history('tool-turns', 'reasoning_content')), 'reasoning_content')).toEqual([
      't',
      undefined,
    ]);
    const lost = [assistant(call('c')), results(result('c'))];
    expect(
      fieldsIn(send({ turns: lost }, history('tool-turns', 'reasoning_content', 'empty')), 'reasoning_content'),
    ).toEqual(['']);
  });

  test('always, in the field of the service', () => {
    expect(fieldsIn(send({ turns }, history('always', 'reasoning')), 'reasoning')).toEqual(['t', 'u']);
    expect(fieldsIn(send({ turns }, history('always', 'part')), 'content')).toEqual([
      [{ type: 'thinking', thinking: [{ type: 'text', text: 't' }] }],
      [
        { type: 'thinking', thinking: [{ type: 'text', text: 'u' }] },
        { type: 'text', text: 'b' },
      ],
    ]);
    expect(fieldsIn(send({ turns }, history('always', 'inline')), 'content')).toEqual([
      '<think>\nt\n</think>\n\n',
      '<think>\nu\n</think>\n\nb',
    ]);
  });

  test('sealed entries go back to who made them, and to nobody else (bugs 31, 32)', () => {
    const sealed = JSON.stringify([{ type: 'reasoning.text', format: 'x', index: 0, signature: 's' }]);
    const quirks = history('always', 'reasoning_details');
    expect(fieldsIn(send({ turns: [assistant(thought('t', sealed))] }, quirks), 'reasoning_details')).toEqual([
      [{ type: 'reasoning.text', format: 'x', index: 0, signature: 's', text: 't' }],
    ]);
    const foreign = send({ turns: [assistant(thought('t', sealed, 'openai:there'), said('b'))] }, quirks);
    expect(JSON.stringify(foreign.body)).not.toContain('"s"');
  });

  test('signatures of calls go back to who made them, and to nobody else (bugs 39, 40)', () => {
    const signed = (origin: string): ChatTurn =>
      assistant({
        type: 'tool-call',
        callId: 'c',
        name: 'f',
        kind: 'function',
        input: '{}',
        signature: { origin, value: 'sig+/=' },
      });
    expect(fieldsIn(send({ turns: [signed('openai:here'), results(result('c'))] }), 'tool_calls')).toMatchObject([
      [{ extra_content: { google: { thought_signature: 'sig+/=' } } }],
    ]);
    expect(JSON.stringify(send({ turns: [signed('gemini:x'), results(result('c'))] }).body)).not.toContain('sig+');
  });
});

describe('the order a service wants', () => {
  const roles = (sent: Sent) => sent.messages.map(({ role }) => role);

  test('system messages in front only', () => {
    const sent = send(
      { turns: [system('a'), user(said('b')), system('c')] },
      { quirks: { systemMessages: 'leading' } },
    );
    expect(roles(sent)).toEqual(['system', 'user', 'user']);
    expect(sent.messages[2]?.content).toBe('<system-reminder>\nc\n</system-reminder>');
    expect(sent.changes).toEqual(['messages.2 changed']);
  });

  test('user and assistant in turn', () => {
    const sent = send(
      { turns: [system('a'), assistant(said('b')), user(said('c')), user(said('d'))] },
      { quirks: { turnOrder: 'alternating' } },
    );
    expect(roles(sent)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(sent.changes).toEqual(['messages added']);
  });

  test('the assistant between results and the user', () => {
    const turns = [user(said('a')), assistant(call('c')), results(result('c')), user(said('b'))];
    const sent = send({ turns }, { quirks: { userAfterResults: false } });
    expect(roles(sent)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
    expect(sent.changes).toEqual(['messages added']);
  });

  test('a last answer to go on with, or none', () => {
    const turns = [user(said('a')), assistant(said('b'))];
    expect(send({ turns }, { quirks: { prefill: 'prefix' } }).messages[1]).toEqual({
      role: 'assistant',
      content: 'b',
      prefix: true,
    });
    expect(roles(send({ turns }, { quirks: { prefill: 'none' } }))).toEqual(['user', 'assistant', 'user']);
  });

  test('one text, nine characters, no null', () => {
    const quirks = { textContent: 'string', callIds: 'nine-alphanumerics', nullContent: false } as const;
    const { messages } = send(
      { turns: [user(said('a'), said('b')), assistant(call('call_123')), results(result('call_123'))] },
      { quirks },
    );
    expect(messages[0]?.content).toBe('a\n\nb');
    expect(messages[1]).toMatchObject({ content: '', tool_calls: [{ id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/) }] });
  });
});

test('bug 59: the same request is the same bytes', () => {
  const request = {
    tools: [TOOL, { ...TOOL, name: 'a/b' }],
    turns: [assistant(call('x\ny', 'a/b')), results(result('x\ny'))],
  };
  expect(JSON.stringify(send(request).body)).toBe(JSON.stringify(send(request).body));
});
