import { tagSignature } from '@proxycast/conversion';
import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const decode = (body: unknown) => decodeRequest(body, { isStream: false });
const turnsOf = (...input: readonly unknown[]) => decode({ model: 'gpt', input }).turns;
const own = (fields: unknown) => ({ extensions: { responses: fields } });

test('instructions are a system turn that knows where it stood; a text is what the user says', () => {
  const request = decodeRequest({ model: 'gpt', instructions: 'one', input: 'hi' }, { isStream: true });
  expect(request).toEqual({
    protocol: 'responses',
    model: 'gpt',
    stream: true,
    turns: [
      { role: 'system', blocks: [{ type: 'text', text: 'one' }], ...own({ field: 'instructions' }) },
      { role: 'user', blocks: [{ type: 'text', text: 'hi' }] },
    ],
    tools: [],
    ...own({ instructions: 'one' }),
  });
});

test('bug 71: messages of developers stand where they were said', () => {
  expect(
    turnsOf({ role: 'user', content: 'a' }, { role: 'developer', content: 'b' }, { role: 'system', content: 'c' }),
  ).toEqual([
    { role: 'user', blocks: [{ type: 'text', text: 'a' }] },
    { role: 'system', blocks: [{ type: 'text', text: 'b' }], ...own({ role: 'developer' }) },
    { role: 'system', blocks: [{ type: 'text', text: 'c' }] },
  ]);
});

test('the items of one turn of the model are one turn, its results another', () => {
  const turns = turnsOf(
    { role: 'user', content: 'go' },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'enc' },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      phase: 'commentary',
      content: [{ type: 'output_text', text: 'wait', annotations: [] }],
    },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'read', arguments: '{}', status: 'completed' },
    { type: 'custom_tool_call', call_id: 'call_2', name: 'sh', input: 'ls', namespace: 'os' },
    { type: 'function_call_output', call_id: 'call_1', output: 'done' },
    {
      type: 'custom_tool_call_output',
      call_id: 'call_2',
      output: [
        { type: 'input_text', text: 'a' },
        { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'low' },
      ],
    },
    { role: 'assistant', content: 'ok' },
  );
  expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  expect(turns[1]?.blocks).toEqual([
    {
      type: 'thinking',
      kind: 'summary',
      parts: ['hm'],
      signature: { origin: 'responses', value: 'enc' },
      ...own({ index: 1, item: { id: 'rs_1' } }),
    },
    { type: 'text', text: 'wait', ...own({ index: 2, item: { id: 'msg_1', phase: 'commentary' } }) },
    {
      type: 'tool-call',
      kind: 'function',
      callId: 'call_1',
      name: 'read',
      input: '{}',
      ...own({ index: 3, item: { id: 'fc_1', status: 'completed' } }),
    },
    {
      type: 'tool-call',
      kind: 'custom',
      callId: 'call_2',
      name: 'sh',
      input: 'ls',
      namespace: 'os',
      ...own({ index: 4, item: {} }),
    },
  ]);
  expect(turns[2]?.blocks).toEqual([
    { type: 'tool-result', kind: 'function', callId: 'call_1', blocks: [{ type: 'text', text: 'done' }] },
    {
      type: 'tool-result',
      kind: 'custom',
      callId: 'call_2',
      blocks: [
        { type: 'text', text: 'a' },
        { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' }, detail: 'low' },
      ],
    },
  ]);
});

test('a tagged signature has the origin it came from', () => {
  const signature = { origin: 'anthropic:here', value: 'sig' };
  const [turn] = turnsOf({ type: 'reasoning', summary: [], encrypted_content: tagSignature(signature, 'responses') });
  expect(turn?.blocks).toMatchObject([{ type: 'redacted-thinking', signature }]);
});

test('what nobody else knows is opaque; tools of the service are what they are', () => {
  const [turn, after] = turnsOf(
    { type: 'item_reference', id: 'msg_9' },
    { type: 'compaction', encrypted_content: 'x' },
    { type: 'reasoning', id: 'rs_1', summary: [] },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
    { type: 'unheard_of', id: 'u_1' },
    { type: 'local_shell_call_output', id: 'lsh_1', output: 'done' },
  );
  expect(turn?.role).toBe('assistant');
  expect(turn?.blocks.map((block) => (block.type === 'opaque' ? block.value['type'] : block.type))).toEqual([
    'item_reference',
    'compaction',
    'reasoning',
    'server-tool-call',
    'server-tool-result',
    'unheard_of',
  ]);
  expect(after).toMatchObject({ role: 'user', blocks: [{ type: 'server-tool-result', tool: 'shell', text: 'done' }] });
});

test.each([
  [
    { type: 'input_image', image_url: 'data:image/PNG;charset=x;base64,aGk' },
    { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' } },
  ],
  [
    { type: 'input_image', image_url: 'https://a.example/x', detail: 'original' },
    { type: 'image', source: { type: 'url', url: 'https://a.example/x' }, ...own({ part: { detail: 'original' } }) },
  ],
  [
    { type: 'input_image', file_id: 'file-1' },
    { type: 'image', source: { type: 'file-id', fileId: 'file-1', origin: 'responses' } },
  ],
  [
    { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' },
    { type: 'document', title: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data: 'aGk=' } },
  ],
  [
    { type: 'input_file', file_url: 'https://a.example/a.pdf' },
    { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
  ],
  [
    { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
    { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'aGk=' } },
  ],
  [
    { type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
    { type: 'text', text: 'a', cache: {}, ...own({ part: { prompt_cache_breakpoint: { mode: 'explicit' } } }) },
  ],
  [
    { type: 'input_smell', smell: 'rose' },
    { type: 'opaque', protocol: 'responses', value: { type: 'input_smell', smell: 'rose' }, ...own({ part: {} }) },
  ],
])('the part %j is decoded', (part, block) => {
  expect(turnsOf({ role: 'user', content: [part] })[0]?.blocks).toEqual([block]);
});

test('tools of every kind', () => {
  const schema = { type: 'object', properties: { path: { type: 'string' } } };
  const { tools } = decode({
    model: 'gpt',
    input: [
      { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'later', parameters: null }] },
    ],
    tools: [
      { type: 'function', name: 'read', description: 'Reads.', parameters: schema, strict: true, defer_loading: true },
      { type: 'function', name: 'bare', strict: null },
      { type: 'custom', name: 'sh', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
      {
        type: 'namespace',
        name: 'crm',
        description: 'CRM.',
        tools: [{ type: 'function', name: 'find', parameters: {} }],
      },
      {
        type: 'web_search',
        filters: { allowed_domains: ['a.example'] },
        search_context_size: 'low',
        user_location: { type: 'approximate', city: 'Bern', country: null },
      },
      {
        type: 'mcp',
        server_label: 'm',
        server_url: 'https://m.example',
        allowed_tools: { tool_names: ['x'] },
        require_approval: 'never',
      },
      { type: 'x_search' },
    ],
  });
  expect(tools).toMatchObject([
    {
      type: 'function',
      name: 'read',
      description: 'Reads.',
      inputSchema: schema,
      isStrict: true,
      ...own({ defer_loading: true }),
    },
    { type: 'function', name: 'bare', inputSchema: {}, ...own({ strict: null }) },
    { type: 'custom', name: 'sh', grammar: { syntax: 'lark', definition: 'start: "a"' } },
    { type: 'function', name: 'find', namespace: 'crm', ...own({ namespace: { description: 'CRM.' } }) },
    {
      type: 'server',
      tool: 'web-search',
      name: 'web_search',
      webSearch: { allowedDomains: ['a.example'], contextSize: 'low', userLocation: { city: 'Bern' } },
    },
    { type: 'server', tool: 'mcp', name: 'mcp', mcp: { label: 'm', url: 'https://m.example', allowedTools: ['x'] } },
    { type: 'server', tool: 'other', name: 'x_search' },
    { type: 'function', name: 'later' },
  ]);
});

test.each([
  ['auto', { type: 'auto' }],
  ['required', { type: 'required' }],
  [
    { type: 'function', name: 'f' },
    { type: 'named', name: 'f', kind: 'function' },
  ],
  [
    { type: 'custom', name: 'f' },
    { type: 'named', name: 'f', kind: 'custom' },
  ],
  [
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }, { type: 'image_generation' }] },
    { type: 'allowed', mode: 'required', names: ['f'] },
  ],
  [{ type: 'web_search_preview' }, { type: 'server', tool: 'web-search', name: 'web_search_preview' }],
  [
    { type: 'mcp', server_label: 'm' },
    { type: 'server', tool: 'mcp', name: 'm' },
  ],
  [7, undefined],
])('the choice %j is %j', (choice, decoded) => {
  expect(decode({ model: 'gpt', input: 'x', tool_choice: choice }).toolChoice).toEqual(decoded);
});

test('settings have their neutral fields, and the rest goes along', () => {
  const {
    turns: _,
    extensions,
    ...request
  } = decode({
    model: 'gpt',
    input: 'x',
    reasoning: { effort: 'high', summary: 'concise', context: 'all_turns' },
    text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
    include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
    top_logprobs: 3,
    temperature: 0.2,
    top_p: 0.9,
    max_output_tokens: 100,
    parallel_tool_calls: false,
    prompt_cache_key: 'key',
    service_tier: 'flex',
    user: 'old',
    safety_identifier: 'new',
    metadata: { a: 'b' },
    store: false,
    previous_response_id: 'resp_0',
    background: true,
    truncation: 'auto',
    conversation: { id: 'conv_1' },
    stream_options: null,
    unheard_of: { x: 1 },
  });
  expect(request).toEqual({
    protocol: 'responses',
    model: 'gpt',
    stream: false,
    tools: [],
    allowsParallelTools: false,
    maxOutputTokens: 100,
    sampling: { temperature: 0.2, topP: 0.9 },
    reasoning: { mode: 'on', effort: 'high', display: 'summary' },
    output: { type: 'schema', name: 'n', schema: { type: 'object' }, isStrict: true },
    verbosity: 'low',
    logprobs: { top: 3 },
    cacheKey: 'key',
    serviceTier: 'flex',
    userId: 'new',
    metadata: { a: 'b' },
    store: false,
    previousResponseId: 'resp_0',
    background: true,
    keptByService: ['conversation'],
  });
  expect(extensions).toEqual({
    responses: {
      fields: {
        reasoning: { summary: 'concise', context: 'all_turns' },
        include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
        user: 'old',
        truncation: 'auto',
        conversation: { id: 'conv_1' },
        unheard_of: { x: 1 },
      },
    },
  });
});

test.each([
  [{ effort: 'none' }, { mode: 'off' }],
  [{ summary: 'auto' }, { mode: 'auto', display: 'summary' }],
  [
    { effort: 'minimal', generate_summary: 'detailed' },
    { mode: 'on', effort: 'minimal', display: 'detailed' },
  ],
  [{ context: 'all_turns' }, undefined],
])('the reasoning %j is %j', (reasoning, decoded) => {
  expect(decode({ model: 'gpt', input: 'x', reasoning }).reasoning).toEqual(decoded);
});

test('an earlier response, a conversation or a stored prompt stands for the input', () => {
  expect(decode({ model: 'gpt', previous_response_id: 'resp_1' })).toMatchObject({
    turns: [],
    previousResponseId: 'resp_1',
  });
  expect(decode({ model: 'gpt', prompt: { id: 'pmpt_1' } })).toMatchObject({ turns: [], keptByService: ['prompt'] });
  expect(decode({ model: 'gpt', input: [{ type: 'item_reference', id: 'x' }] }).keptByService).toEqual(['input[0]']);
});

test('a count of tokens needs no model', () => {
  expect(decodeRequest({ input: 'x' }, { isStream: false, isTokenCount: true }).model).toBe('');
});

describe('refuses', () => {
  const saying = (item: unknown): unknown => ({ model: 'gpt', input: [item] });
  const using = (tool: unknown): unknown => ({ model: 'gpt', input: 'x', tools: [tool] });

  test.each([
    ['no object', null, undefined],
    ['no model', { input: 'hi' }, 'model'],
    ['no input', { model: 'gpt' }, 'input'],
    ['input as an object', { model: 'gpt', input: {} }, 'input'],
    ['instructions as a list', { model: 'gpt', input: 'hi', instructions: [] }, 'instructions'],
    ['an item as text', saying('hi'), 'input[0]'],
    ['an unknown role', saying({ role: 'tool', content: 'x' }), 'input[0].role'],
    ['a type that is no text', saying({ type: 4 }), 'input[0].type'],
    ['no content', saying({ role: 'user' }), 'input[0].content'],
    ['a part without a type', saying({ role: 'user', content: [{ text: 'x' }] }), 'input[0].content[0]'],
    [
      'a text part without text',
      saying({ role: 'user', content: [{ type: 'input_text' }] }),
      'input[0].content[0].text',
    ],
    ['a call without an id', saying({ type: 'function_call', name: 'f', arguments: '{}' }), 'input[0].call_id'],
    ['a call without a name', saying({ type: 'custom_tool_call', call_id: 'c', input: '' }), 'input[0].name'],
    ['a result without an id', saying({ type: 'function_call_output', output: '' }), 'input[0].call_id'],
    ['a result without output', saying({ type: 'function_call_output', call_id: 'c' }), 'input[0].output'],
    ['tools as an object', { model: 'gpt', input: 'hi', tools: {} }, 'tools'],
    ['a tool as text', using('x'), 'tools[0]'],
    ['a tool without a type', using({ name: 'x' }), 'tools[0].type'],
    ['a tool without a name', using({ type: 'function' }), 'tools[0].name'],
    ['a schema as a list', using({ type: 'function', name: 'f', parameters: [] }), 'tools[0].parameters'],
    [
      'a tool without a name in a namespace',
      using({ type: 'namespace', name: 'n', tools: [{ type: 'custom' }] }),
      'tools[0].tools[0].name',
    ],
  ])('%s', (_name, body, field) => {
    expect(() => decode(body)).toThrow(InvalidRequestError);
    expect(() => decode(body)).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });
});
