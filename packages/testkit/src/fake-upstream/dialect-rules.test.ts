import { describe, expect, test } from 'vitest';
import { type JsonObject, parseJson } from '../json.ts';
import { anthropicDialect } from './anthropic/anthropic-dialect.ts';
import { chatDialect } from './chat/chat-dialect.ts';
import type { FakeDialect } from './dialect.ts';
import { geminiDialect } from './gemini/gemini-dialect.ts';
import type { RequestHead } from './recorded-request.ts';
import { responsesDialect } from './responses/responses-dialect.ts';

const HEAD: RequestHead = {
  index: 0,
  method: 'POST',
  path: '/v1beta/models/gemini-fake:generateContent',
  query: new URLSearchParams(),
  headers: {},
  rawHeaders: [],
  arrivedAtMs: 0,
};

function rulesOf(
  dialect: FakeDialect,
  body: unknown,
  known?: readonly (string | readonly [signature: string, signed: string])[],
): readonly string[] {
  const signatures = new Map(known?.map((entry) => (typeof entry === 'string' ? ([entry, ''] as const) : entry)));
  const memory = { signatures, checksSignatures: known !== undefined, responses: new Map() };
  return dialect.checkBody(body, 'chat', { head: HEAD, memory }).map(({ rule }) => rule);
}

/** A name for the test, the changed body, and the rules it breaks. */
type Row = readonly [name: string, change: JsonObject, ...rules: string[]];

describe('anthropic', () => {
  const tool = { name: 'read', description: 'Reads', input_schema: { type: 'object', properties: {} } };
  const call = (id: string) => ({ type: 'tool_use', id, name: 'read', input: {} });
  const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
  const good: JsonObject = {
    model: 'claude-fake',
    max_tokens: 100,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    tools: [tool],
    messages: [
      { role: 'user', content: 'Read both.' },
      { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }, call('a'), call('b')] },
      { role: 'user', content: [result('b'), result('a'), { type: 'text', text: 'Go on.' }] },
    ],
  };
  const [first, second] = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [call('a')] },
  ];
  const rows: readonly Row[] = [
    ['no max_tokens', { max_tokens: undefined }, 'an.max_tokens'],
    ['max_tokens as text', { max_tokens: '100' }, 'an.max_tokens'],
    ['an unknown field', { n: 2 }, 'an.unknown-field'],
    ['a temperature of 1.5', { temperature: 1.5 }, 'an.temperature'],
    ['no messages', { messages: [] }, 'an.messages'],
    [
      'a first turn of the assistant',
      { messages: [{ role: 'assistant', content: 'Hi' }, first] },
      'an.first-turn-user',
    ],
    ['an unknown role', { messages: [{ role: 'tool', content: 'x' }] }, 'an.role', 'an.block-role'],
    ['an empty text block', { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] }, 'an.empty-text'],
    ['empty content', { messages: [{ role: 'user', content: '' }] }, 'an.empty-content'],
    ['an unanswered call', { messages: [first, second, { role: 'user', content: 'And?' }] }, 'an.tool-use-answered'],
    ['a call at the very end', { messages: [first, second] }, 'an.tool-use-answered'],
    [
      'a call answered twice',
      { messages: [first, second, { role: 'user', content: [result('a'), result('a')] }] },
      'an.tool-use-answered',
    ],
    ['a result without a call', { messages: [{ role: 'user', content: [result('a')] }] }, 'an.tool-result-orphan'],
    [
      'text before a result',
      { messages: [first, second, { role: 'user', content: [{ type: 'text', text: 'x' }, result('a')] }] },
      'an.tool-result-first',
    ],
    [
      'results split by an assistant turn',
      {
        messages: [
          first,
          { role: 'assistant', content: [call('a'), call('b')] },
          { role: 'user', content: [result('a')] },
          { role: 'assistant', content: 'hm' },
          { role: 'user', content: [result('b')] },
        ],
      },
      'an.tool-use-answered',
      'an.tool-result-orphan',
    ],
    [
      'an id with a colon',
      { messages: [first, { role: 'assistant', content: [call('a:b')] }, { role: 'user', content: [result('a:b')] }] },
      'an.id',
      'an.tool_use_id',
    ],
    ['a call in a user turn', { messages: [{ role: 'user', content: [call('a')] }] }, 'an.block-role'],
    [
      'input as text',
      {
        messages: [
          first,
          { role: 'assistant', content: [{ ...call('a'), input: '{}' }] },
          { role: 'user', content: [result('a')] },
        ],
      },
      'an.input',
    ],
    ['a tool name with a dot', { tools: [{ ...tool, name: 'a.b' }] }, 'an.name'],
    ['two tools of one name', { tools: [tool, tool] }, 'an.tool-names-unique'],
    ['a schema that is no object', { tools: [{ ...tool, input_schema: { type: 'string' } }] }, 'an.input-schema'],
    [
      'a schema of alternatives',
      { tools: [{ ...tool, input_schema: { type: 'object', anyOf: [] } }] },
      'an.input-schema',
    ],
    ['the OpenAI form of a tool', { tools: [{ type: 'function', function: { name: 'x' } }] }, 'an.tool-type'],
    ['a choice without tools', { tools: undefined, tool_choice: { type: 'auto' } }, 'an.tool-choice'],
    ['a choice as a word', { tool_choice: 'auto' }, 'an.tool_choice'],
    ['an unknown tool chosen', { tool_choice: { type: 'tool', name: 'x' } }, 'an.tool-choice'],
    [
      'a budget above the limit',
      { max_tokens: 1500, thinking: { type: 'enabled', budget_tokens: 2000 } },
      'an.thinking-budget',
      'an.thinking-first',
    ],
    [
      'a budget below 1024',
      { thinking: { type: 'enabled', budget_tokens: 10 }, messages: [first] },
      'an.budget_tokens',
    ],
    [
      'thinking with a temperature',
      { max_tokens: 4000, temperature: 0.2, thinking: { type: 'enabled', budget_tokens: 2000 }, messages: [first] },
      'an.thinking-sampling',
    ],
    [
      'thinking with a forced tool',
      {
        max_tokens: 4000,
        tool_choice: { type: 'any' },
        thinking: { type: 'enabled', budget_tokens: 2000 },
        messages: [first],
      },
      'an.thinking-forced-tool',
    ],
    [
      'thinking without a signature',
      { messages: [first, { role: 'assistant', content: [{ type: 'thinking', thinking: 'x' }] }, first] },
      'an.signature',
    ],
    [
      'five cache marks',
      {
        messages: [
          {
            role: 'user',
            content: Array.from({ length: 4 }, () => ({
              type: 'text',
              text: 'x',
              cache_control: { type: 'ephemeral' },
            })),
          },
        ],
      },
      'an.cache-control',
    ],
    [
      'empty text inside a result',
      {
        messages: [
          first,
          second,
          { role: 'user', content: [{ ...result('a'), content: [{ type: 'text', text: '' }] }] },
        ],
      },
      'an.empty-text',
    ],
    [
      'a prefill with thinking on',
      {
        max_tokens: 4000,
        thinking: { type: 'adaptive' },
        messages: [first, { role: 'assistant', content: 'So' }],
      },
      'an.prefill-thinking',
    ],
    [
      'a forced tool with adaptive thinking',
      { tool_choice: { type: 'any' }, thinking: { type: 'adaptive' }, messages: [first] },
      'an.thinking-forced-tool',
    ],
    [
      'a long cache life after a short one',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
          },
        ],
      },
      'an.cache-order',
    ],
    [
      'an open object as the output',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: {} } } } },
      'an.output-schema',
    ],
    [
      'a document that is a picture',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'document', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }],
          },
        ],
      },
      'an.document-source',
    ],
    [
      'an odd cache life',
      { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '2h' } }] },
      'an.cache-control',
    ],
    [
      'a png that is called jpeg',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'iVBORw0KGgo=' } }],
          },
        ],
      },
      'an.image-source',
    ],
    [
      'a bmp',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'Qk0=' } }],
          },
        ],
      },
      'an.image-source',
    ],
    [
      'a PDF that is none',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'iVBORw0KGgo=' } },
            ],
          },
        ],
      },
      'an.document-source',
    ],
    [
      'a space at the end of a prefill',
      { messages: [first, { role: 'assistant', content: 'So ' }] },
      'an.trailing-space',
    ],
    ['a blank stop sequence', { stop_sequences: [' '] }, 'an.stop_sequences'],
    [
      'an OpenAI image part',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'an.block-type',
    ],
  ];
  check(anthropicDialect, good, rows);

  test('a signature it did not issue is refused when signatures are checked', () => {
    const signed = {
      ...good,
      messages: [
        first,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'x', signature: 'mine' },
            { type: 'text', text: 'y' },
          ],
        },
        first,
      ],
    };
    expect(rulesOf(anthropicDialect, signed, ['other'])).toEqual(['an.thinking-signature']);
    expect(rulesOf(anthropicDialect, signed, ['mine'])).toEqual([]);
    expect(rulesOf(anthropicDialect, signed, [['mine', 'x']])).toEqual([]);
    expect(rulesOf(anthropicDialect, signed, [['mine', 'x ']])).toEqual(['an.thinking-modified']);
  });
});

describe('openai', () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'read', arguments: '{}' } });
  const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'ok' });
  const tool = { type: 'function', function: { name: 'read', parameters: { type: 'object', properties: {} } } };
  const first = { role: 'user', content: 'Hi' };
  const asks = { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] };
  const good: JsonObject = {
    model: 'gpt-fake',
    stream: true,
    stream_options: { include_usage: true },
    tools: [tool],
    messages: [{ role: 'system', content: 'Be brief.' }, first, asks, result('b'), result('a'), first],
  };
  check(chatDialect, good, [
    ['no model', { model: undefined }, 'cc.model'],
    ['no messages', { messages: [] }, 'cc.messages'],
    ['an unknown field', { max_output_tokens: 5 }, 'cc.unknown-field'],
    ['a temperature of 3', { temperature: 3 }, 'cc.temperature'],
    ['five stop words', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'cc.stop'],
    ['an unknown role', { messages: [{ role: 'model', content: 'x' }] }, 'cc.role'],
    ['an unanswered call', { messages: [first, asks, result('a')] }, 'cc.tool-result-missing'],
    [
      'a turn between call and result',
      { messages: [first, asks, result('a'), first, result('b')] },
      'cc.tool-result-missing',
      'cc.tool-result-orphan',
    ],
    [
      'a call answered twice',
      { messages: [first, asks, result('a'), result('b'), result('b')] },
      'cc.tool-result-twice',
    ],
    ['a result without a call', { messages: [first, result('a')] }, 'cc.tool-result-orphan'],
    [
      'an empty call id',
      { messages: [first, { ...asks, tool_calls: [call('')] }, result('')] },
      'cc.id',
      'cc.tool_call_id',
    ],
    [
      'arguments as an object',
      {
        messages: [
          first,
          { ...asks, tool_calls: [{ ...call('a'), function: { name: 'read', arguments: {} } }] },
          result('a'),
        ],
      },
      'cc.arguments',
    ],
    ['a tool name with a dot', { tools: [{ type: 'function', function: { name: 'a.b' } }] }, 'cc.name'],
    [
      'the Anthropic form of a tool',
      { tools: [{ name: 'read', input_schema: {} }] },
      'cc.type',
      'cc.unknown-field',
      'cc.unknown-field',
    ],
    [
      'an image in a tool message',
      {
        messages: [
          first,
          { ...asks, tool_calls: [call('a')] },
          { ...result('a'), content: [{ type: 'image_url', image_url: { url: 'https://x.invalid' } }] },
        ],
      },
      'cc.part-type',
    ],
    [
      'a sound of another form',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'input_audio', input_audio: { data: btoa('RIFF0000WAVE'), format: 'flac' } }],
          },
        ],
      },
      'cc.audio-format',
    ],
    [
      'a file of bare base64',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'AA==' } }] }] },
      'cc.file',
    ],
    [
      'a png that is called jpeg',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/jpeg;base64,iVBORw0KGgo=' } }] },
        ],
      },
      'cc.media-bytes',
    ],
    [
      'a tiff',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/tiff;base64,SUkqAA==' } }] },
        ],
      },
      'cc.media-bytes',
    ],
    [
      'a sound that is none',
      {
        messages: [
          { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'iVBORw0KGgo=', format: 'wav' } }] },
        ],
      },
      'cc.media-bytes',
    ],
    [
      'a PDF that is none',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'file', file: { file_data: 'data:application/pdf;base64,iVBORw0KGgo=' } }],
          },
        ],
      },
      'cc.media-bytes',
    ],
    ['the Anthropic form of a choice', { tool_choice: { type: 'tool', name: 'read' } }, 'cc.choice-shape'],
    ['an assistant turn of nothing', { messages: [first, { role: 'assistant', content: null }] }, 'cc.assistant-empty'],
    [
      'a broken data address',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png,xx' } }] }] },
      'cc.image-url',
    ],
    ['a choice without tools', { tools: undefined, tool_choice: 'auto' }, 'cc.choice-without-tools'],
    ['an unknown tool chosen', { tool_choice: { type: 'function', function: { name: 'x' } } }, 'cc.choice-known'],
    ['stream options without a stream', { stream: false }, 'cc.stream-options'],
    ['both token limits', { max_tokens: 5, max_completion_tokens: 5 }, 'cc.two-token-limits'],
    ['parallel calls without tools', { tools: undefined, parallel_tool_calls: true }, 'cc.parallel-without-tools'],
    [
      'a loose schema in strict mode',
      {
        tools: [
          { type: 'function', function: { name: 'x', strict: true, parameters: { type: 'object', properties: {} } } },
        ],
      },
      'cc.strict-schema',
    ],
    [
      'a schema format without a name',
      { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
      'cc.name',
    ],
    ['metadata of numbers', { metadata: { a: 1 } }, 'cc.metadata'],
    ['logprobs that were not asked for', { top_logprobs: 2 }, 'cc.top-logprobs'],
  ]);

  test('reasoning in the history is taken by a service that has shown some, and by no other', () => {
    const body = { ...good, messages: [first, { role: 'assistant', content: 'x', reasoning_content: 'y' }, first] };
    expect(rulesOf(chatDialect, body)).toEqual(['cc.unknown-field']);
    expect(rulesOf(chatDialect, body, ['reasoning_content'])).toEqual([]);
  });
});

describe('responses', () => {
  const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'read', arguments: '{}' });
  const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'ok' });
  const tool = { type: 'function', name: 'read', parameters: { type: 'object', properties: {} }, strict: false };
  const said = {
    type: 'message',
    role: 'assistant',
    id: 'msg_1',
    status: 'completed',
    content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
  };
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' };
  const first = { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };
  const good: JsonObject = {
    model: 'gpt-fake',
    tools: [tool],
    input: [first, reasoning, said, call('a'), output('a'), first],
  };
  check(responsesDialect, good, [
    ['no model', { model: undefined }, 'rs.model'],
    ['no input', { input: [] }, 'rs.input'],
    ['an unknown field', { messages: [] }, 'rs.unknown-field'],
    ['stop words', { stop: ['x'] }, 'rs.unknown-field'],
    ['15 output tokens', { max_output_tokens: 15 }, 'rs.max_output_tokens'],
    [
      'the nested form of a tool',
      { tools: [{ type: 'function', function: { name: 'x' } }] },
      'rs.name',
      'rs.unknown-field',
    ],
    ['an unknown tool type', { tools: [{ type: 'bash' }] }, 'rs.tool-type'],
    [
      'a nested schema',
      { text: { format: { type: 'json_schema', json_schema: {} } } },
      'rs.unknown-field',
      'rs.text-format',
    ],
    [
      'input_text in an assistant message',
      { input: [first, { role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
      'rs.part-side',
    ],
    [
      'output_text in a user message',
      { input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] },
      'rs.part-side',
    ],
    [
      'a png that is called jpeg',
      {
        input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/jpeg;base64,iVBORw0KGgo=' }] }],
      },
      'rs.media-bytes',
    ],
    [
      'a PDF that is none',
      {
        input: [
          { role: 'user', content: [{ type: 'input_file', file_data: 'data:application/pdf;base64,iVBORw0KGgo=' }] },
        ],
      },
      'rs.media-bytes',
    ],
    [
      'an image address as an object',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: { url: 'x' } }] }] },
      'rs.image_url',
    ],
    ['an output without a call', { input: [first, output('a')] }, 'rs.output-orphan'],
    ['a call without an output', { input: [first, call('a')] }, 'rs.call-unanswered'],
    ['a call twice', { input: [first, call('a'), call('a'), output('a')] }, 'rs.call-twice'],
    ['a call id as an item id', { input: [first, { ...call('a'), id: 'call_a' }, output('a')] }, 'rs.id'],
    ['a chat message id', { input: [{ ...said, id: 'chatcmpl-1' }] }, 'rs.id'],
    ['arguments as an object', { input: [first, { ...call('a'), arguments: {} }, output('a')] }, 'rs.arguments'],
    ['reasoning at the end', { input: [first, reasoning] }, 'rs.reasoning-follower'],
    ['reasoning without a summary', { input: [first, { ...reasoning, summary: undefined }, said] }, 'rs.summary'],
    ['an unknown item', { input: [{ type: 'tool_use' }] }, 'rs.item-type'],
    ['an unknown previous response', { previous_response_id: 'resp_x' }, 'rs.previous-response'],
    ['a forced choice without tools', { tools: [], tool_choice: 'required' }, 'rs.choice-without-tools'],
    ['an unknown tool chosen', { tool_choice: { type: 'function', name: 'x' } }, 'rs.choice-known'],
    ['a loose schema in strict mode', { tools: [{ ...tool, strict: true }] }, 'rs.strict-schema'],
  ]);

  test('reasoning it did not issue is refused when signatures are checked', () => {
    expect(rulesOf(responsesDialect, good, ['other'])).toEqual(['rs.reasoning-known']);
    expect(rulesOf(responsesDialect, good, ['x'])).toEqual([]);
    const bare = { ...good, input: [first, { ...reasoning, encrypted_content: undefined }, said] };
    expect(rulesOf(responsesDialect, bare, ['x'])).toEqual(['rs.reasoning-lost']);
  });
});

describe('gemini', () => {
  const user = (...parts: unknown[]) => ({ role: 'user', parts });
  const model = (...parts: unknown[]) => ({ role: 'model', parts });
  const call = (name: string) => ({ functionCall: { name, args: {} } });
  const answer = (name: string) => ({ functionResponse: { name, response: { result: 'ok' } } });
  const tools = (parameters: JsonObject) => ({ tools: [{ functionDeclarations: [{ name: 'read', parameters }] }] });
  const hi = user({ text: 'Hi' });

  test('takes neighbouring turns of one role, as the service does', () => {
    const contents = [hi, hi, model({ text: 'x', thought: true }), model(call('a')), user(answer('a')), hi];
    expect(rulesOf(geminiDialect, { contents })).toEqual([]);
  });

  const good: JsonObject = {
    contents: [hi, model(call('a'), call('b')), user(answer('a'), answer('b'))],
    system_instruction: { parts: [{ text: 'Be brief.' }] },
    generationConfig: { temperature: 0.5, thinkingConfig: { thinkingBudget: -1 } },
    ...tools({ type: 'object', properties: { const: { type: 'string' }, title: { type: 'STRING' } } }),
  };
  check(geminiDialect, good, [
    ['no contents', { contents: undefined }, 'ge.contents'],
    ['an unknown name', { messages: [] }, 'ge.unknown-field'],
    ['a first turn of the model', { contents: [model({ text: 'x' }), hi] }, 'ge.first-turn-user'],
    ['a call nobody answers', { contents: [hi, model(call('a')), model({ text: 'x' })] }, 'ge.response-count'],
    ['an assistant role', { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }, 'ge.role'],
    ['no parts', { contents: [user()] }, 'ge.parts'],
    ['a part of nothing', { contents: [user({})] }, 'ge.part-data'],
    [
      'a part of two',
      { contents: [user({ text: 'x', inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgoAAAANSUhEUg==' } })] },
      'ge.part-data',
    ],
    [
      'a missing function response',
      { contents: [hi, model(call('a'), call('b')), user(answer('a'))] },
      'ge.response-count',
    ],
    [
      'function responses out of order',
      { contents: [hi, model(call('a'), call('b')), user(answer('b'), answer('a'))] },
      'ge.response-names',
    ],
    ['a function response at first', { contents: [user(answer('a'))] }, 'ge.response-first'],
    [
      'a response that is text',
      { contents: [hi, model(call('a')), user({ functionResponse: { name: 'a', response: 'ok' } })] },
      'ge.response',
    ],
    [
      'args as text',
      { contents: [hi, model({ functionCall: { name: 'a', args: '{}' } }), user(answer('a'))] },
      'ge.args',
    ],
    ['$schema', tools({ type: 'object', $schema: 'x' }), 'ge.schema-keyword'],
    ['const', tools({ type: 'object', properties: { a: { const: 1 } } }), 'ge.schema-keyword'],
    ['additionalProperties', tools({ type: 'object', additionalProperties: false }), 'ge.schema-keyword'],
    [
      '$ref inside items',
      tools({ type: 'object', properties: { a: { type: 'array', items: { $ref: 'x' } } } }),
      'ge.schema-keyword',
    ],
    ['a list of types', tools({ type: 'object', properties: { a: { type: ['string', 'null'] } } }), 'ge.schema-type'],
    ['an array without items', tools({ type: 'object', properties: { a: { type: 'array' } } }), 'ge.schema-items'],
    [
      'a required name that is no property',
      tools({ type: 'object', properties: {}, required: ['a'] }),
      'ge.schema-required',
    ],
    [
      'an enum of numbers',
      tools({ type: 'object', properties: { a: { type: 'string', enum: [1] } } }),
      'ge.schema-enum',
    ],
    ['a function name that begins with a digit', { tools: [{ functionDeclarations: [{ name: '1a' }] }] }, 'ge.name'],
    [
      'budget and level',
      { generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } } },
      'ge.thinking-both',
    ],
    [
      'allowed names in AUTO',
      { toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['read'] } } },
      'ge.allowed-names',
    ],
    ['a schema without its type', { generationConfig: { responseSchema: { type: 'object' } } }, 'ge.schema-mime'],
    ['six stop sequences', { generationConfig: { stopSequences: ['1', '2', '3', '4', '5', '6'] } }, 'ge.stopSequences'],
    ['max_tokens', { generationConfig: { max_tokens: 5 } }, 'ge.unknown-field'],
    [
      'a web address as a file',
      { contents: [user({ fileData: { mimeType: 'image/png', fileUri: 'https://host.invalid/a.png' } })] },
      'ge.file-uri',
    ],
    [
      'a gif',
      { contents: [user({ inlineData: { mimeType: 'image/gif', data: 'R0lGODlhAQABAA==' } })] },
      'ge.inline-data',
    ],
    [
      'a picture that is none',
      { contents: [user({ inlineData: { mimeType: 'image/png', data: 'JVBERi0xLjQK' } })] },
      'ge.inline-data',
    ],
  ]);

  test('a signature belongs to the part it was given with, and the first call of a step needs one', () => {
    const signed = (part: JsonObject, thoughtSignature: string) => ({ ...part, thoughtSignature });
    const after = (...parts: unknown[]) => ({
      ...good,
      contents: [hi, model(...parts), user(answer('a'), answer('b'))],
    });
    const rules = (body: JsonObject) => rulesOf(geminiDialect, body, [['bWluZQ==', 'a']]);
    const path = HEAD.path;
    expect(rules(after(signed(call('a'), 'bWluZQ=='), call('b')))).toEqual([]);
    expect(rules(after(call('a'), signed(call('b'), 'bWluZQ==')))).toEqual(['ge.signature-moved']);
    expect(rules(after(signed(call('a'), 'b3RoZXI='), call('b')))).toEqual(['ge.signature']);
    expect(rules(after(signed(call('a'), 'skip_thought_signature_validator'), call('b')))).toEqual([]);
    const head = { ...HEAD, path: path.replace('gemini-fake', 'gemini-3-fake') };
    const memory = { signatures: new Map<string, string>(), checksSignatures: true, responses: new Map() };
    const missing = geminiDialect.checkBody(good, 'chat', { head, memory });
    expect(missing.map(({ rule }) => rule)).toEqual(['ge.signature-missing']);
  });
});

function check(dialect: FakeDialect, good: JsonObject, rows: readonly Row[]): void {
  test('takes a body that breaks no rule', () => {
    expect(rulesOf(dialect, good)).toEqual([]);
  });
  test.each(rows)('refuses %s', (_name, change, ...rules) => {
    const body = parseJson(JSON.stringify(Object.assign({}, good, change)));
    expect(rulesOf(dialect, body)).toEqual(rules);
  });
  test.each([[null], [[]], ['text']])('refuses %j as a body', (body) => {
    expect(rulesOf(dialect, body)).toHaveLength(1);
  });
}
