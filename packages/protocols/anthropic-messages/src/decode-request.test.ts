import { tagSignature } from '@proxycast/conversion';
import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const BASE = { model: 'claude', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };

describe('decodeRequest', () => {
  test('decodes texts, results, media and tools, each turn with its blocks', () => {
    const schema = { type: 'object', properties: { path: { type: 'string' } } };
    const body = {
      ...BASE,
      system: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aa' } },
            { type: 'container_upload', file_id: 'f' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'tool_use', id: 't', name: 'read', input: { path: 'x' }, caller: { type: 'direct' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'and?' },
            {
              type: 'tool_result',
              tool_use_id: 't',
              is_error: true,
              content: [
                { type: 'text', text: 'file' },
                { type: 'tool_reference', tool_name: 'read' },
              ],
            },
          ],
        },
        { role: 'system', content: 'Be short.' },
      ],
      tools: [
        { name: 'read', description: 'Reads.', input_schema: schema, strict: true, defer_loading: true },
        { type: 'custom', name: 'bare', input_schema: null },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 3, allowed_domains: ['a.b'] },
      ],
      tool_choice: { type: 'tool', name: 'web_search', disable_parallel_tool_use: true },
      inference_geo: 'eu',
    };
    expect(decodeRequest(body, { isStream: true })).toEqual({
      protocol: 'anthropic',
      model: 'claude',
      stream: true,
      maxOutputTokens: 9,
      turns: [
        {
          role: 'system',
          blocks: [
            { type: 'text', text: 'one' },
            { type: 'text', text: 'two', cache: { ttl: '1h' } },
          ],
        },
        {
          role: 'user',
          blocks: [
            { type: 'text', text: 'look' },
            { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aa' } },
            { type: 'opaque', protocol: 'anthropic', value: { type: 'container_upload', file_id: 'f' } },
          ],
        },
        {
          role: 'assistant',
          blocks: [
            { type: 'thinking', kind: 'summary', parts: ['hm'], signature: { origin: 'anthropic', value: 's' } },
            {
              type: 'tool-call',
              callId: 't',
              name: 'read',
              input: { path: 'x' },
              kind: 'function',
              extensions: { anthropic: { caller: { type: 'direct' } } },
            },
          ],
        },
        {
          role: 'tool',
          blocks: [
            {
              type: 'tool-result',
              callId: 't',
              isError: true,
              blocks: [
                { type: 'text', text: 'file' },
                { type: 'opaque', protocol: 'anthropic', value: { type: 'tool_reference', tool_name: 'read' } },
              ],
            },
          ],
        },
        { role: 'user', blocks: [{ type: 'text', text: 'and?' }] },
        { role: 'system', blocks: [{ type: 'text', text: 'Be short.' }] },
      ],
      tools: [
        {
          type: 'function',
          name: 'read',
          description: 'Reads.',
          inputSchema: schema,
          isStrict: true,
          extensions: { anthropic: { defer_loading: true } },
        },
        { type: 'function', name: 'bare', inputSchema: {}, extensions: { anthropic: { type: 'custom' } } },
        {
          type: 'server',
          tool: 'web-search',
          name: 'web_search_20250305',
          webSearch: { allowedDomains: ['a.b'], maxUses: 3 },
          extensions: {
            anthropic: { type: 'web_search_20250305', name: 'web_search', max_uses: 3, allowed_domains: ['a.b'] },
          },
        },
      ],
      toolChoice: { type: 'server', tool: 'web-search', name: 'web_search' },
      allowsParallelTools: false,
      extensions: { anthropic: { inference_geo: 'eu' } },
    });
  });

  test.each([
    [
      'adaptive, shown',
      { thinking: { type: 'adaptive', display: 'summarized' } },
      { mode: 'auto', display: 'summary' },
    ],
    ['a budget', { thinking: { type: 'enabled', budget_tokens: 2000 } }, { mode: 'on', budget: 2000 }],
    ['off', { thinking: { type: 'disabled' } }, { mode: 'off' }],
    ['effort alone', { output_config: { effort: 'high' } }, { mode: 'auto', effort: 'high' }],
    [
      'effort and thinking',
      { thinking: { type: 'adaptive', display: 'updates' }, output_config: { effort: 'max' } },
      { mode: 'auto', effort: 'max' },
    ],
    ['between tools', { thinking: { type: 'between_tools' } }, { mode: 'auto' }],
  ])('reads thinking: %s', (_name, fields, reasoning) => {
    expect(decodeRequest({ ...BASE, ...fields }, { isStream: false }).reasoning).toEqual(reasoning);
  });

  test('reads sampling, stops, tier, user, formats and marks', () => {
    const schema = { type: 'object' };
    const body = {
      ...BASE,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      stop_sequences: ['END'],
      service_tier: 'standard_only',
      metadata: { user_id: 'u' },
      cache_control: { type: 'ephemeral' },
      output_config: { format: { type: 'json_schema', schema }, task_budget: { total: 1 } },
    };
    expect(decodeRequest(body, { isStream: false })).toMatchObject({
      sampling: { temperature: 0.5, topP: 0.9, topK: 3 },
      stop: ['END'],
      serviceTier: 'default',
      userId: 'u',
      automaticCache: {},
      output: { type: 'schema', schema },
      extensions: { anthropic: { output_config: { task_budget: { total: 1 } } } },
    });
  });

  test('joins a server of tools with its toolset', () => {
    const body = {
      ...BASE,
      mcp_servers: [
        { type: 'url', name: 'a', url: 'https://a.test', authorization_token: 'x' },
        { type: 'url', name: 'b', url: 'https://b.test', tool_configuration: { enabled: true, allowed_tools: ['t'] } },
      ],
      tools: [
        {
          type: 'mcp_toolset',
          mcp_server_name: 'a',
          default_config: { enabled: false },
          configs: { one: { enabled: true }, two: { enabled: false } },
        },
      ],
    };
    expect(decodeRequest(body, { isStream: false }).tools).toMatchObject([
      {
        name: 'mcp_toolset',
        tool: 'mcp',
        mcp: { label: 'a', url: 'https://a.test', authorization: 'x', allowedTools: ['one'] },
      },
      { name: 'mcp', tool: 'mcp', mcp: { label: 'b', url: 'https://b.test', allowedTools: ['t'] } },
    ]);
  });

  test('tokens are counted without a bound on the answer', () => {
    const { max_tokens: _, ...body } = BASE;
    expect(decodeRequest(body, { isStream: false, isTokenCount: true }).turns).toHaveLength(1);
  });

  test('a signature that was carried in front of a call, or behind a text, is put back on it', () => {
    const gemini = { origin: 'gemini:google', value: 'abc' };
    const responses = { origin: 'responses:openai', value: 'def' };
    const carrier = { type: 'thinking', thinking: '', signature: tagSignature(gemini, 'anthropic') };
    const call = { type: 'tool_use', id: 'c', name: 'read', input: {} };
    const content = [
      { type: 'redacted_thinking', data: tagSignature(responses, 'anthropic') },
      { type: 'text', text: 'so' },
      carrier,
      carrier,
      call,
    ];
    const { turns } = decodeRequest(
      { ...BASE, messages: [...BASE.messages, { role: 'assistant', content }] },
      { isStream: false },
    );
    expect(turns[1]?.blocks).toEqual([
      { type: 'redacted-thinking', signature: responses },
      { type: 'text', text: 'so', signature: gemini },
      { type: 'tool-call', callId: 'c', name: 'read', input: {}, kind: 'function', signature: gemini },
    ]);
  });

  test('a thread is a conversation that the service keeps, and goes along where the service is the same', () => {
    const request = decodeRequest(
      { ...BASE, thread: { type: 'continue', previous_message_id: 'msg_1' } },
      { isStream: false },
    );
    expect(request.keptByService).toEqual(['thread']);
    expect(request.extensions).toMatchObject({ anthropic: { thread: { type: 'continue' } } });
  });

  test('thinking of its own without text stays thinking', () => {
    const content = [
      { type: 'thinking', thinking: '', signature: 'own' },
      { type: 'tool_use', id: 'c', name: 'read', input: {} },
    ];
    const { turns } = decodeRequest(
      { ...BASE, messages: [...BASE.messages, { role: 'assistant', content }] },
      { isStream: false },
    );
    expect(turns[1]?.blocks[0]).toEqual({
      type: 'thinking',
      kind: 'summary',
      parts: [],
      signature: { origin: 'anthropic', value: 'own' },
    });
  });
});

describe('refuses', () => {
  const without = (name: keyof typeof BASE): unknown =>
    Object.fromEntries(Object.entries(BASE).filter(([key]) => key !== name));
  const saying = (message: unknown): unknown => ({ ...BASE, messages: [message] });
  const holding = (block: unknown): unknown => saying({ role: 'user', content: [block] });
  const with_ = (fields: unknown): unknown => Object.assign({}, BASE, fields);

  test.each([
    ['no object', [], undefined],
    ['no model', without('model'), 'model'],
    ['no max_tokens', without('max_tokens'), 'max_tokens'],
    ['max_tokens of 0', with_({ max_tokens: 0 }), 'max_tokens'],
    ['half a token', with_({ max_tokens: 1.5 }), 'max_tokens'],
    ['no messages', without('messages'), 'messages'],
    ['messages as text', with_({ messages: 'hi' }), 'messages'],
    ['no message', with_({ messages: [] }), 'messages'],
    ['a message as text', saying('hi'), 'messages.0'],
    ['an unknown role', saying({ role: 'tool', content: 'x' }), 'messages.0.role'],
    ['no content', saying({ role: 'user' }), 'messages.0.content'],
    ['content as a number', saying({ role: 'user', content: 4 }), 'messages.0.content'],
    ['a block as text', holding('x'), 'messages.0.content.0'],
    ['a block without a type', holding({ text: 'x' }), 'messages.0.content.0.type'],
    ['a text block without text', holding({ type: 'text' }), 'messages.0.content.0.text'],
    ['an image without a source', holding({ type: 'image' }), 'messages.0.content.0.source'],
    [
      'an image without data',
      holding({ type: 'image', source: { type: 'base64', media_type: 'image/png' } }),
      'messages.0.content.0.source.data',
    ],
    ['a result of no call', holding({ type: 'tool_result', content: 'x' }), 'messages.0.content.0.tool_use_id'],
    [
      'a result as a number',
      holding({ type: 'tool_result', tool_use_id: 't', content: 4 }),
      'messages.0.content.0.content',
    ],
    [
      'a broken block in a result',
      holding({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text' }] }),
      'messages.0.content.0.content.0.text',
    ],
    ['a call without an id', holding({ type: 'tool_use', name: 'x', input: {} }), 'messages.0.content.0.id'],
    ['a call without a name', holding({ type: 'tool_use', id: 'x', input: {} }), 'messages.0.content.0.name'],
    ['a list as an input', holding({ type: 'tool_use', id: 'x', name: 'x', input: [] }), 'messages.0.content.0.input'],
    ['thinking without text', holding({ type: 'thinking', signature: 's' }), 'messages.0.content.0.thinking'],
    ['system as a number', with_({ system: 4 }), 'system'],
    ['tools as an object', with_({ tools: {} }), 'tools'],
    ['a tool as text', with_({ tools: ['x'] }), 'tools.0'],
    ['a tool without a name', with_({ tools: [{ input_schema: {} }] }), 'tools.0.name'],
    ['a schema as text', with_({ tools: [{ name: 'x', input_schema: 'y' }] }), 'tools.0.input_schema'],
    ['a choice as text', with_({ tool_choice: 'auto' }), 'tool_choice'],
    ['a choice of an unknown type', with_({ tool_choice: { type: 'required' } }), 'tool_choice.type'],
    ['a choice of no tool', with_({ tool_choice: { type: 'tool' } }), 'tool_choice.name'],
    ['thinking as text', with_({ thinking: 'on' }), 'thinking'],
    ['thinking without a budget', with_({ thinking: { type: 'enabled' } }), 'thinking.enabled.budget_tokens'],
    ['temperature as text', with_({ temperature: '1' }), 'temperature'],
    ['stops as text', with_({ stop_sequences: 'END' }), 'stop_sequences'],
    ['a number as a stop', with_({ stop_sequences: ['a', 4] }), 'stop_sequences.1'],
    ['metadata as text', with_({ metadata: 'u' }), 'metadata'],
    ['a server without a name', with_({ mcp_servers: [{ url: 'x' }] }), 'mcp_servers.0.name'],
    ['a server without a URL', with_({ mcp_servers: [{ name: 'x' }] }), 'mcp_servers.0.url'],
  ])('%s', (_name, body, field) => {
    const decode = () => decodeRequest(body, { isStream: false });
    expect(decode).toThrow(InvalidRequestError);
    expect(decode).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });
});
