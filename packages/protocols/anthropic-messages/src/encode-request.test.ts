import type { ChatBlock, ChatRequest, ChatTool, ChatTurn, EncodeRequestContext } from '@proxycast/spec';
import { InvalidRequestError } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';

const OLD = 'claude-sonnet-4-5';
const NEW = 'claude-opus-4-7';
const HERE = 'anthropic:key';

const text = (said: string): ChatBlock => ({ type: 'text', text: said });
const user = (...blocks: readonly (ChatBlock | string)[]): ChatTurn => turn('user', blocks);
const assistant = (...blocks: readonly (ChatBlock | string)[]): ChatTurn => turn('assistant', blocks);
const system = (...blocks: readonly (ChatBlock | string)[]): ChatTurn => turn('system', blocks);
const turn = (role: ChatTurn['role'], blocks: readonly (ChatBlock | string)[]): ChatTurn => ({
  role,
  blocks: blocks.map((block) => (typeof block === 'string' ? text(block) : block)),
});
const call = (callId: string, more: Partial<ChatBlock & { type: 'tool-call' }> = {}): ChatBlock => ({
  type: 'tool-call',
  callId,
  name: 'read',
  input: '{"path":"x"}',
  kind: 'function',
  ...more,
});
const results = (...callIds: readonly string[]): ChatTurn => ({
  role: 'tool',
  blocks: callIds.map((callId) => ({ type: 'tool-result', callId, blocks: [text('done')] })),
});
const READ: ChatTool = { type: 'function', name: 'read', inputSchema: { type: 'object', properties: {} } };
const thinking = (origin: string): ChatBlock => ({
  type: 'thinking',
  kind: 'summary',
  parts: ['hm'],
  signature: { origin, value: 'sig' },
});

interface Encoded {
  readonly body: JsonObject;
  readonly changes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request of another dialect's, for an older model unless said otherwise. */
function encode(request: Partial<ChatRequest>, context: Partial<EncodeRequestContext> = {}): Encoded {
  const changes: string[] = [];
  const { body, headers } = encodeRequest(
    {
      protocol: 'openai',
      model: 'm',
      stream: false,
      turns: [user('hi')],
      tools: [],
      maxOutputTokens: 9000,
      ...request,
    },
    {
      model: OLD,
      isStream: false,
      origin: HERE,
      report: (field, action) => changes.push(`${action} ${field}`),
      ...context,
    },
  );
  return { body, changes, ...(headers === undefined ? {} : { headers }) };
}

/** Messages without the marks of the cache. */
function messagesOf({ body }: Encoded): unknown {
  return JSON.parse(JSON.stringify(body.messages), (key, value) => (key === 'cache_control' ? undefined : value));
}

describe('turns', () => {
  test('leading system text is the field, later text is a turn where the model takes one, else wrapped user text', () => {
    const turns = [system('one'), system('two'), user('hi'), assistant('yes'), system('now this'), user('go')];
    const older = encode({ turns });
    expect(older.body.system).toMatchObject([{ text: 'one' }, { text: 'two' }]);
    expect(messagesOf(older)).toEqual([
      { role: 'user', content: [text('hi')] },
      { role: 'assistant', content: [text('yes')] },
      {
        role: 'user',
        content: [text('<system-reminder>\nnow this\n</system-reminder>'), text('go')],
      },
    ]);
    expect(older.changes).toEqual(['changed messages.4']);
    const newer = encode({ turns }, { model: NEW });
    expect(messagesOf(newer)).toMatchObject([
      {},
      {},
      { role: 'system', content: [text('now this')] },
      { role: 'user' },
    ]);
    expect(newer.changes).toEqual([]);
  });

  test('turns of one role are merged, results come first, empty texts and turns are left out', () => {
    const turns = [
      user('one'),
      user('', ' '),
      user('two'),
      assistant('', call('a'), call('b')),
      user('while you wait'),
      results('b'),
      results('a'),
    ];
    expect(messagesOf(encode({ turns, tools: [READ] }))).toMatchObject([
      { role: 'user', content: [text('one'), text('two')] },
      { role: 'assistant', content: [{ id: 'a', input: { path: 'x' } }, { id: 'b' }] },
      { role: 'user', content: [{ tool_use_id: 'a' }, { tool_use_id: 'b' }, text('while you wait')] },
    ]);
  });

  test('of merged answers the thinking comes first', () => {
    const turns = [user('hi'), assistant('so'), assistant(thinking(HERE), call('a')), results('a')];
    expect(messagesOf(encode({ turns, tools: [READ] }))).toMatchObject([
      {},
      { content: [{ type: 'thinking' }, text('so'), { type: 'tool_use' }] },
      {},
    ]);
  });

  test.each([
    ['an answer', [assistant('yes'), user('go')]],
    ['nothing', [user(' ')]],
    ['system text', [system('Be short.')]],
  ])('a conversation that begins with %s begins with the user', (_name, turns) => {
    const encoded = encode({ turns });
    expect(messagesOf(encoded)).toMatchObject([
      { role: 'user', content: [text('.')] },
      ...(turns.length > 1 ? [{}, {}] : []),
    ]);
    expect(encoded.changes).toEqual(['added messages']);
  });

  test('bug 54: calls and results are paired', () => {
    const turns = [user('hi'), assistant(call('a'), call('b')), results('a', 'x')];
    const encoded = encode({ turns, tools: [READ] });
    expect(messagesOf(encoded)).toMatchObject([
      {},
      {},
      { content: [{ tool_use_id: 'a' }, { tool_use_id: 'b', content: [{ type: 'text' }] }, text('done')] },
    ]);
    expect(encoded.changes.length).toBe(2);
  });

  test('calls at the very end are answered for the client', () => {
    const encoded = encode({ turns: [user('hi'), assistant(call('a'))], tools: [READ] });
    expect(messagesOf(encoded)).toMatchObject([{}, {}, { role: 'user', content: [{ tool_use_id: 'a' }] }]);
    expect(encoded.changes).toEqual(['added messages']);
  });

  test('words put into the mouth of a model are kept, without white space at their end, or followed by a request to go on', () => {
    const turns = [user('hi'), assistant('{"a": \n')];
    const older = encode({ turns });
    expect(messagesOf(older)).toMatchObject([{}, { content: [text('{"a":')] }]);
    expect(older.changes).toEqual([]);
    const newer = encode({ turns }, { model: 'claude-opus-4-6' });
    expect(messagesOf(newer)).toMatchObject([
      {},
      { role: 'assistant' },
      { role: 'user', content: [text('Continue.')] },
    ]);
    expect(newer.changes).toEqual(['added messages']);
  });

  test('an answer that paused for a tool of the service goes back as it is', () => {
    const content = [
      { type: 'text', text: 'Let me look.' },
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
    ];
    const body = {
      model: NEW,
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content },
      ],
    };
    const encoded = encode(decodeRequest(body, { isStream: false }), { model: NEW });
    expect(messagesOf(encoded)).toMatchObject([{}, { role: 'assistant', content }]);
  });

  test('pictures that an answer held are shown by the user', () => {
    const image: ChatBlock = { type: 'image', source: { type: 'url', url: 'https://a.test/x.png' } };
    const encoded = encode({ turns: [user('draw'), assistant('here', image), user('bigger')] });
    expect(messagesOf(encoded)).toMatchObject([
      {},
      { content: [text('here')] },
      { content: [{ type: 'image', source: { type: 'url' } }, text('bigger')] },
    ]);
    expect(encoded.changes).toEqual(['changed messages.1.content.1']);
  });

  test('bugs 50, 51, 52: names and ids fit', () => {
    const name = 'mcp.server/read file';
    const turns = [user('hi'), assistant(call('call|1\n', { name })), results('call|1\n')];
    const tool: ChatTool = { ...READ, name };
    const { body } = encode({ turns, tools: [tool], toolChoice: { type: 'named', name } });
    const [{ name: sent }] = Array.isArray(body.tools) ? body.tools : [];
    expect(sent).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
    expect(body).toMatchObject({
      tool_choice: { name: sent },
      messages: [{}, { content: [{ name: sent, id: expect.stringMatching(/^[a-zA-Z0-9_-]+$/) }] }, {}],
    });
  });

  test('input that is no JSON object is put into one, and empty input is one', () => {
    const turns = [user('hi'), assistant(call('a', { input: '{"pa' }), call('b', { input: '' })), results('a', 'b')];
    const encoded = encode({ turns, tools: [READ] });
    expect(messagesOf(encoded)).toMatchObject([{}, { content: [{ input: { _raw: '{"pa' } }, { input: {} }] }, {}]);
    expect(encoded.changes).toEqual(['changed messages.1.content.0']);
  });
});

describe('thinking in the history', () => {
  const sent = (block: ChatBlock): unknown =>
    messagesOf(encode({ turns: [user('hi'), assistant(block, 'so'), user('go')] }));

  test.each([
    ['of this upstream', HERE],
    ['a client sent as its own', 'anthropic'],
  ])('%s goes back byte for byte', (_name, origin) => {
    expect(sent(thinking(origin))).toMatchObject([
      {},
      { content: [{ type: 'thinking', thinking: 'hm', signature: 'sig' }, text('so')] },
      {},
    ]);
    const signature = { origin, value: 'data' };
    expect(sent({ type: 'redacted-thinking', signature })).toMatchObject([
      {},
      { content: [{ type: 'redacted_thinking', data: 'data' }, text('so')] },
      {},
    ]);
    expect(sent({ type: 'thinking', kind: 'summary', parts: [], signature })).toMatchObject([
      {},
      { content: [{ type: 'thinking', thinking: '', signature: 'data' }, text('so')] },
      {},
    ]);
  });

  test.each([
    ['bugs 30, 31: of another origin', thinking('gemini:google')],
    [
      'bug 32: encrypted elsewhere',
      { type: 'redacted-thinking', signature: { origin: 'responses:openai', value: 'x' } },
    ],
    ['of another provider', thinking('anthropic:other')],
    ['bug 35: without a signature', { type: 'thinking', kind: 'full', parts: [' \n'] }],
  ] satisfies readonly (readonly [string, ChatBlock])[])('%s stays away, and is no text (bug 38)', (_name, block) => {
    expect(sent(block)).toEqual([
      { role: 'user', content: [text('hi')] },
      { role: 'assistant', content: [text('so')] },
      { role: 'user', content: [text('go')] },
    ]);
  });

  test('lost in a running loop of calls: a budget is given up, adaptive thinking is not', () => {
    const turns = [user('hi'), assistant(thinking('gemini:google'), call('a')), results('a')];
    const request = { turns, tools: [READ], reasoning: { mode: 'on', effort: 'high' } } as const;
    const older = encode(request);
    expect(older.body.thinking).toBeUndefined();
    expect(older.changes).toEqual(['dropped reasoning']);
    expect(encode(request, { model: NEW }).body.thinking).toMatchObject({ type: 'adaptive' });
    const kept = encode({ ...request, turns: [user('hi'), assistant(thinking(HERE), call('a')), results('a')] });
    expect(kept.body.thinking).toMatchObject({ type: 'enabled' });
  });
});

describe('thinking asked for', () => {
  test.each([
    [
      'effort',
      OLD,
      { mode: 'on', effort: 'medium' },
      { type: 'enabled', budget_tokens: 8192 },
      undefined,
      ['changed reasoning'],
    ],
    ['a budget', OLD, { mode: 'on', budget: 2000 }, { type: 'enabled', budget_tokens: 2000 }, undefined, []],
    [
      'too little',
      OLD,
      { mode: 'on', budget: 128 },
      { type: 'enabled', budget_tokens: 1024 },
      undefined,
      ['changed reasoning'],
    ],
    ['off', OLD, { mode: 'off' }, undefined, undefined, []],
    ['off', NEW, { mode: 'off' }, { type: 'disabled' }, undefined, []],
    ['effort', NEW, { mode: 'on', effort: 'xhigh' }, { type: 'adaptive', display: 'summarized' }, 'xhigh', []],
    [
      'the least',
      NEW,
      { mode: 'on', effort: 'minimal' },
      { type: 'adaptive', display: 'summarized' },
      'low',
      ['changed reasoning'],
    ],
    [
      'a budget',
      NEW,
      { mode: 'on', budget: 24_000 },
      { type: 'adaptive', display: 'summarized' },
      'high',
      ['changed reasoning'],
    ],
    [
      'nothing shown',
      NEW,
      { mode: 'auto', display: 'omitted' },
      { type: 'adaptive', display: 'omitted' },
      undefined,
      [],
    ],
    [
      'effort',
      'claude-opus-4-6',
      { mode: 'on', effort: 'xhigh' },
      { type: 'adaptive', display: 'summarized' },
      'high',
      ['changed reasoning'],
    ],
    ['anything', 'claude-3-5-haiku-latest', { mode: 'on', effort: 'low' }, undefined, undefined, ['dropped reasoning']],
  ] as const)('%s of %s', (_name, model, reasoning, expected, effort, changes) => {
    const encoded = encode(
      { reasoning, maxOutputTokens: 9000 - 1000 * Number(model === 'claude-3-5-haiku-latest') },
      { model },
    );
    expect(encoded.body.thinking).toEqual(expected);
    expect(isObject(encoded.body.output_config) ? encoded.body.output_config.effort : undefined).toBe(effort);
    expect(encoded.changes).toEqual(changes);
  });

  test('a budget fits below the bound: that is raised, or the budget lowered', () => {
    const high = { mode: 'on', budget: 20_000 } as const;
    const raised = encode({ reasoning: high, maxOutputTokens: 1000 });
    expect(raised.body).toMatchObject({ max_tokens: 21_000, thinking: { budget_tokens: 20_000 } });
    expect(raised.changes).toEqual(['changed max_tokens']);
    const lowered = encode({ reasoning: high, maxOutputTokens: 1000 }, { maxOutputTokens: 8000 });
    expect(lowered.body).toMatchObject({ max_tokens: 8000, thinking: { budget_tokens: 4000 } });
    expect(lowered.changes).toEqual(['changed max_tokens', 'changed reasoning']);
  });

  test('a call that is demanded, and words of the client at the end, leave no room for thinking', () => {
    const reasoning = { mode: 'on', budget: 2000 } as const;
    const forced = encode({ reasoning, tools: [READ], toolChoice: { type: 'required' } });
    expect(forced.body.thinking).toBeUndefined();
    expect(forced.body.tool_choice).toEqual({ type: 'any' });
    expect(forced.changes).toEqual(['dropped reasoning']);
    const prefilled = encode({ reasoning, turns: [user('hi'), assistant('So')] });
    expect(prefilled.body.thinking).toBeUndefined();
    expect(prefilled.changes).toEqual(['dropped reasoning']);
  });

  test('bug 34: a begun answer of a client’s own leaves no room for thinking either', () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'So ' },
    ];
    const body = { model: OLD, max_tokens: 9000, thinking: { type: 'enabled', budget_tokens: 2000 }, messages };
    const encoded = encode(decodeRequest(body, { isStream: false }));
    expect([encoded.body.thinking, encoded.changes]).toEqual([undefined, ['dropped reasoning']]);
  });

  test('bug 47: with thinking off, a service that only speaks like the API is asked for no effort', () => {
    const body = {
      model: 'm',
      max_tokens: 9,
      thinking: { type: 'disabled' },
      output_config: { effort: 'high' },
      messages: [{ role: 'user', content: 'hi' }],
    };
    const request = decodeRequest(body, { isStream: false });
    expect(encode(request, { model: 'deepseek-chat' }).body.output_config).toBeUndefined();
    expect(encode(request, { model: NEW }).body).toMatchObject({
      thinking: { type: 'disabled' },
      output_config: { effort: 'high' },
    });
  });

  test('what Claude Code sends passes', () => {
    const body = {
      model: NEW,
      max_tokens: 32_000,
      thinking: { type: 'adaptive', display: 'updates' },
      output_config: { effort: 'high' },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        { role: 'system', content: [{ type: 'text', text: 'Now.' }] },
      ],
    };
    const encoded = encode(decodeRequest(body, { isStream: false }), { model: NEW });
    expect(encoded).toEqual({ body, changes: [] });
    const older = encode(decodeRequest(body, { isStream: false }));
    expect(older.body.thinking).toEqual({ type: 'enabled', budget_tokens: 24_576, display: 'updates' });
  });
});

describe('sampling', () => {
  const all = {
    temperature: 0.5,
    topP: 0.9,
    topK: 5,
    presencePenalty: 1,
    frequencyPenalty: 1,
    seed: 7,
    logitBias: { a: 1 },
  };
  const unknown = ['presence_penalty', 'frequency_penalty', 'seed', 'logit_bias'].map((field) => `dropped ${field}`);

  test.each([
    ['claude-sonnet-4-0', { temperature: 0.5, top_p: 0.9, top_k: 5 }, []],
    [OLD, { temperature: 0.5, top_k: 5 }, ['dropped top_p']],
    [NEW, {}, ['dropped temperature', 'dropped top_p', 'dropped top_k']],
  ])('%s', (model, expected, changes) => {
    const { body, changes: reported } = encode({ sampling: all }, { model });
    const { temperature, top_p, top_k } = body;
    expect(JSON.parse(JSON.stringify({ temperature, top_p, top_k }))).toEqual(expected);
    expect(reported).toEqual([...unknown, ...changes]);
  });

  test('temperature is bound, and 1 is what there is without it', () => {
    const hot = encode({ sampling: { temperature: 1.7 } });
    expect([hot.body.temperature, hot.changes]).toEqual([1, ['changed temperature']]);
    const plain = encode({ sampling: { temperature: 1, topP: 1 } }, { model: NEW });
    expect([plain.body.temperature, plain.body.top_p, plain.changes]).toEqual([undefined, undefined, []]);
  });

  test('bug 46: with thinking on, what the API refuses then is left out', () => {
    const reasoning = { mode: 'on', budget: 2000 } as const;
    const encoded = encode(
      { reasoning, sampling: { temperature: 0.2, topP: 0.5, topK: 5 } },
      { model: 'claude-sonnet-4-0' },
    );
    expect(encoded.body).not.toMatchObject({ temperature: 0.2 });
    expect(encoded.changes).toEqual(['dropped temperature', 'dropped top_p', 'dropped top_k']);
    expect(encode({ reasoning, sampling: { topP: 0.95 } }).body.top_p).toBe(0.95);
  });
});

describe('bounds, stops, tier, user', () => {
  test.each([
    ['the model’s own bound', { model: OLD, maxOutputTokens: 30_000 }, 30_000],
    ['the bound of the table', { model: OLD }, 64_000],
    ['a bound all models take', { model: 'glm-4.6' }, 8192],
  ])('an absent bound is %s', (_name, context, expected) => {
    const changes: string[] = [];
    const { body } = encodeRequest(
      { protocol: 'openai', model: 'm', stream: false, turns: [user('hi')], tools: [] },
      { isStream: false, origin: HERE, report: (field, action) => changes.push(`${action} ${field}`), ...context },
    );
    expect([body.max_tokens, changes]).toEqual([expected, ['added max_tokens']]);
  });

  test('a bound above the model’s own is lowered, bug 94: and never dropped', () => {
    const encoded = encode({ maxOutputTokens: 999_999 });
    expect([encoded.body.max_tokens, encoded.changes]).toEqual([64_000, ['changed max_tokens']]);
    expect(encode({ maxOutputTokens: 100 }).body.max_tokens).toBe(100);
  });

  test('blank stops are left out', () => {
    const encoded = encode({ stop: ['END', '\n'] });
    expect([encoded.body.stop_sequences, encoded.changes]).toEqual([['END'], ['dropped stop']]);
  });

  test.each([
    ['auto', 'auto', []],
    ['default', 'standard_only', []],
    ['priority', 'auto', ['changed service_tier']],
    ['flex', undefined, ['dropped service_tier']],
  ] as const)('the tier %s', (serviceTier, expected, changes) => {
    const encoded = encode({ serviceTier });
    expect([encoded.body.service_tier, encoded.changes]).toEqual([expected, changes]);
  });

  test('the user is named, hints of others stay away without a word', () => {
    const encoded = encode({ userId: 'u', metadata: { a: 'b' }, store: true, cacheKey: 'k', verbosity: 'low' });
    expect(encoded.body.metadata).toEqual({ user_id: 'u' });
    expect(encoded.changes).toEqual([]);
    expect(encode({ logprobs: { top: 2 } }).changes).toEqual(['dropped logprobs']);
  });

  test.each([
    [{ choices: 2 }, 'n'],
    [{ previousResponseId: 'resp_1' }, 'previous_response_id'],
    [{ background: true }, 'background'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
    [{ keptByService: ['conversation'] }, 'conversation'],
    [
      { turns: [user({ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: '' } })] },
      'messages.0.content.0',
    ],
    [{ turns: [user('a', { type: 'video', source: { type: 'url', url: 'https://a.test' } })] }, 'messages.0.content.1'],
    [
      { turns: [user({ type: 'image', source: { type: 'base64', mediaType: 'image/tiff', data: 'SUkq' } })] },
      'messages.0.content.0',
    ],
    [
      { turns: [user({ type: 'image', source: { type: 'file-id', fileId: 'f', origin: 'responses' } })] },
      'messages.0.content.0',
    ],
    [
      { turns: [user({ type: 'document', source: { type: 'base64', mediaType: 'application/msword', data: 'a' } })] },
      'messages.0.content.0',
    ],
    [
      {
        tools: [{ type: 'server', tool: 'file-search', name: 'file_search' }],
        toolChoice: { type: 'server', tool: 'file-search', name: 'file_search' },
      },
      'tool_choice',
    ],
  ] satisfies readonly (readonly [Partial<ChatRequest>, string])[])('%j is refused', (request, field) => {
    expect(() => encode(request)).toThrow(InvalidRequestError);
    expect(() => encode(request)).toThrow(expect.objectContaining({ field, fault: 'client' }));
  });
});

describe('media', () => {
  test.each([
    [
      'a picture',
      { type: 'image', source: { type: 'base64', mediaType: 'image/jpg', data: '/9j/4AAQ' } },
      { type: 'base64', media_type: 'image/jpeg', data: '/9j/4AAQ' },
    ],
    [
      'a picture named wrongly',
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'UklGRiQAAABXRUJQVlA4IA==' } },
      { type: 'base64', media_type: 'image/webp', data: 'UklGRiQAAABXRUJQVlA4IA==' },
    ],
    [
      'a picture elsewhere',
      { type: 'image', source: { type: 'url', url: 'https://a.test' } },
      { type: 'url', url: 'https://a.test' },
    ],
    [
      'a file of its own',
      { type: 'document', source: { type: 'file-id', fileId: 'f', origin: HERE } },
      { type: 'file', file_id: 'f' },
    ],
    [
      'a PDF',
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } },
      { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
    ],
    [
      'text in base64',
      { type: 'document', source: { type: 'base64', mediaType: 'text/plain', data: 'w6Q=' } },
      { type: 'text', media_type: 'text/plain', data: 'ä' },
    ],
    [
      'text',
      { type: 'document', source: { type: 'text', text: 'ä' } },
      { type: 'text', media_type: 'text/plain', data: 'ä' },
    ],
  ] satisfies readonly (readonly [string, ChatBlock, JsonObject])[])('%s', (_name, block, source) => {
    expect(messagesOf(encode({ turns: [user(block)] }))).toEqual([
      { role: 'user', content: [{ type: block.type, source }] },
    ]);
  });

  test('bug 67: pictures inside results stay there', () => {
    const image: ChatBlock = {
      type: 'image',
      source: { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
    };
    const result: ChatBlock = { type: 'tool-result', callId: 'a', isError: true, blocks: [text('see'), image] };
    const turns = [user('hi'), assistant(call('a')), turn('tool', [result])];
    expect(messagesOf(encode({ turns, tools: [READ] }))).toMatchObject([
      {},
      {},
      { content: [{ is_error: true, content: [text('see'), { type: 'image', source: { media_type: 'image/png' } }] }] },
    ]);
  });
});

describe('tools', () => {
  const toolsOf = (...tools: readonly ChatTool[]) => encode({ tools });
  const sentTools = ({ body }: Encoded): unknown =>
    JSON.parse(JSON.stringify(body.tools), (key, value) => (key === 'cache_control' ? undefined : value));

  test('bug 57: a tool with nothing but a name has a schema', () => {
    expect(sentTools(toolsOf({ type: 'function', name: 'x', inputSchema: {} }))).toEqual([
      { name: 'x', input_schema: { type: 'object', properties: {} } },
    ]);
  });

  test('a tool of free text is a function with one field, its grammar in words', () => {
    const changes = toolsOf({
      type: 'custom',
      name: 'patch',
      description: 'Patches.',
      grammar: { syntax: 'lark', definition: 'start: x' },
    });
    expect(sentTools(changes)).toMatchObject([
      { name: 'patch', description: expect.stringContaining('start: x'), input_schema: { required: ['input'] } },
    ]);
  });

  test('of two tools of one name the first is sent', () => {
    const encoded = toolsOf(READ, { ...READ, description: 'again' });
    expect(sentTools(encoded)).toHaveLength(1);
    expect(encoded.changes).toEqual(['dropped tools.1']);
  });

  test('tools of the service that both sides have are mapped, the others are reported', () => {
    const encoded = toolsOf(
      {
        type: 'server',
        tool: 'web-search',
        name: 'web_search',
        webSearch: {
          allowedDomains: ['a.test'],
          blockedDomains: ['b.test'],
          maxUses: 2,
          contextSize: 'low',
          userLocation: { country: 'CH' },
        },
      },
      { type: 'server', tool: 'web-fetch', name: 'urlContext' },
      { type: 'server', tool: 'code-execution', name: 'codeExecution' },
      { type: 'server', tool: 'image-generation', name: 'image_generation' },
    );
    expect(sentTools(encoded)).toEqual([
      {
        type: 'web_search_20250305',
        name: 'web_search',
        max_uses: 2,
        allowed_domains: ['a.test'],
        user_location: { type: 'approximate', country: 'CH' },
      },
      { type: 'web_fetch_20250910', name: 'web_fetch' },
      { type: 'code_execution_20250825', name: 'code_execution' },
    ]);
    expect(encoded.changes).toEqual(['dropped tools.0.blocked_domains', 'dropped tools.3']);
  });

  test('a server of tools brings its toolset and the feature it needs', () => {
    const mcp = { label: 'docs', url: 'https://a.test/mcp', authorization: 'token', allowedTools: ['find'] };
    const encoded = toolsOf({ type: 'server', tool: 'mcp', name: 'mcp', mcp });
    expect(encoded.body.mcp_servers).toEqual([
      { type: 'url', name: 'docs', url: 'https://a.test/mcp', authorization_token: 'token' },
    ]);
    expect(sentTools(encoded)).toEqual([
      {
        type: 'mcp_toolset',
        mcp_server_name: 'docs',
        default_config: { enabled: false },
        configs: { find: { enabled: true } },
      },
    ]);
    expect(encoded.headers).toEqual({ 'anthropic-beta': 'mcp-client-2025-11-20' });
  });

  test('a toolset of its own goes as it came', () => {
    const body = {
      model: OLD,
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      mcp_servers: [{ type: 'url', name: 'a', url: 'https://a.test', authorization_token: 'x' }],
      tools: [{ type: 'mcp_toolset', mcp_server_name: 'a', configs: { one: { enabled: false } } }],
    };
    expect(encode(decodeRequest(body, { isStream: false }))).toEqual({ body, changes: [] });
  });

  test('bug 61: history that tells of calls gets the tools it tells of', () => {
    const encoded = encode({ turns: [user('hi'), assistant(call('a')), results('a')] });
    expect(sentTools(encoded)).toEqual([{ name: 'read', input_schema: { type: 'object', properties: {} } }]);
    expect(encoded.body.tool_choice).toEqual({ type: 'none' });
    expect(encoded.changes).toEqual(['added tools']);
  });

  test.each([
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { type: 'none' }, allowsParallelTools: false }, { type: 'none' }],
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [{ toolChoice: { type: 'named', name: 'read' } }, { type: 'tool', name: 'read' }],
    [{ allowsParallelTools: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ allowsParallelTools: true }, undefined],
    [
      { toolChoice: { type: 'required' }, allowsParallelTools: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
  ] satisfies readonly (readonly [Partial<ChatRequest>, unknown])[])('bug 58: the choice %j', (request, choice) => {
    const encoded = encode({ ...request, tools: [READ] });
    expect([encoded.body.tool_choice, encoded.changes]).toEqual([choice, []]);
    expect(encode(request).body.tool_choice).toBeUndefined();
  });

  test('bug 58: where some tools are allowed the others are left out', () => {
    const toolChoice = { type: 'allowed', mode: 'required', names: ['b'] } as const;
    const encoded = encode({ tools: [READ, { ...READ, name: 'b' }], toolChoice });
    expect(sentTools(encoded)).toMatchObject([{ name: 'b' }]);
    expect([encoded.body.tool_choice, encoded.changes]).toEqual([{ type: 'any' }, ['changed tool_choice']]);
  });

  test('strict tools are strict where the model knows it', () => {
    const strict: ChatTool = { ...READ, isStrict: true };
    expect(sentTools(encode({ tools: [strict] }))).toMatchObject([{ strict: true }]);
    const older = encode({ tools: [strict] }, { model: 'claude-3-7-sonnet-latest' });
    expect(older.changes).toEqual(['dropped tools.0.strict']);
  });
});

describe('the form of the answer', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };

  test('a schema is closed, as the API demands', () => {
    const encoded = encode({ output: { type: 'schema', schema } });
    expect(encoded.body.output_config).toEqual({
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    });
    expect(encoded.changes).toEqual(['changed response_format']);
    const closed = encode({ output: { type: 'schema', schema: { ...schema, additionalProperties: false } } });
    expect(closed.changes).toEqual([]);
  });

  test('JSON, and a schema for a model that knows none, are asked for in words', () => {
    const json = encode({ output: { type: 'json' }, turns: [system('Be short.'), user('hi')] });
    expect(json.body.system).toMatchObject([text('Be short.'), { text: expect.stringContaining('JSON') }]);
    expect(json.changes).toEqual(['changed response_format']);
    const older = encode({ output: { type: 'schema', schema } }, { model: 'claude-3-7-sonnet-latest' });
    expect(older.body.output_config).toBeUndefined();
    expect(older.body.system).toMatchObject([{ text: expect.stringContaining('"properties"') }]);
  });
});

describe('marks of the prompt cache', () => {
  const mark = { cache_control: { type: 'ephemeral' } };

  test('bug 80: a request of another dialect without any gets the usual ones', () => {
    const { body, changes } = encode({
      tools: [READ, { ...READ, name: 'b' }],
      turns: [system('one'), system('two'), user('hi'), assistant('yes'), user('go', 'on')],
    });
    const plain = (value: unknown): unknown => expect.not.objectContaining(Object(value));
    expect(body.tools).toEqual([plain(mark), expect.objectContaining(mark)]);
    expect(body.system).toEqual([plain(mark), expect.objectContaining(mark)]);
    expect(body.messages).toMatchObject([{}, {}, { content: [{ text: 'go' }, { text: 'on', ...mark }] }]);
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(3);
    expect(changes).toEqual([]);
  });

  test('bug 79: marks that a client of another dialect set are the only ones', () => {
    const marked: ChatBlock = { type: 'text', text: 'hi', cache: { ttl: '1h' } };
    const { body } = encode({ turns: [system('one'), user(marked, 'so')] });
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(1);
    expect(body.messages).toMatchObject([{ content: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }, {}] }]);
  });

  test('of more than four the last four are kept', () => {
    const marked = (said: string): ChatBlock => ({ type: 'text', text: said, cache: {} });
    const encoded = encode({ turns: [system(marked('1')), user(marked('2'), marked('3'), marked('4'), marked('5'))] });
    expect(encoded.body.system).toEqual([text('1')]);
    expect(JSON.stringify(encoded.body).match(/cache_control/g)).toHaveLength(4);
    expect(encoded.changes).toEqual(['dropped cache_control']);
  });
});

describe('counting', () => {
  test('bug 87: takes the prompt whole and nothing about the answer', () => {
    const { body, changes } = encode(
      {
        turns: [system('one'), user('hi')],
        tools: [READ],
        toolChoice: { type: 'required' },
        sampling: { temperature: 2 },
        stop: ['x'],
        userId: 'u',
      },
      { isTokenCount: true },
    );
    expect(body).toEqual({
      model: OLD,
      system: [text('one')],
      messages: [{ role: 'user', content: [text('hi')] }],
      tools: [{ name: 'read', input_schema: { type: 'object', properties: {} } }],
      tool_choice: { type: 'any' },
    });
    expect(changes).toEqual([]);
  });
});

test('blocks and tools that only another dialect knows are left out and reported', () => {
  const encoded = encode({
    turns: [
      user('hi'),
      assistant(
        { type: 'opaque', protocol: 'responses', value: { type: 'compaction' } },
        { type: 'server-tool-call', callId: 'ws_1', tool: 'web-search', name: 'web_search_call', input: {} },
        'so',
      ),
      user('go'),
    ],
  });
  expect(messagesOf(encoded)).toMatchObject([{}, { content: [text('so')] }, {}]);
  expect(encoded.changes).toEqual(['dropped messages.1.content.0', 'dropped messages.1.content.1']);
});
