import { foldAnswer } from '@proxycast/conversion';
import type { ChatResponse, Frame, StreamEvent } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { createStreamDecoder } from './decode-stream.ts';

const CONTEXT = { origin: 'openai:here', fallbackId: 'fallback', model: 'asked', inlineThinking: false };
const frame = (value: unknown): Frame => ({ data: typeof value === 'string' ? value : JSON.stringify(value) });
const chunk = (delta: unknown, finish: string | null = null, more = {}): Frame =>
  frame({ id: 'a', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more });
const calls = (...pieces: readonly unknown[]): Frame => chunk({ tool_calls: pieces });
const DONE = frame('[DONE]');

function decode(frames: readonly Frame[], parts = {}): readonly StreamEvent[] {
  const decoder = createStreamDecoder({ ...CONTEXT, ...parts });
  const events = frames.flatMap((one) => decoder.push([one]));
  return [...events, ...decoder.end()];
}

const fold = (frames: readonly Frame[], parts = {}): ChatResponse =>
  foldAnswer(decode(frames, parts), { id: 'none', model: 'none' });

/** Kind, and what it says, of each block of the first choice. */
const blocksOf = (frames: readonly Frame[], parts = {}): readonly unknown[] =>
  (fold(frames, parts).choices[0]?.blocks ?? []).map((block) => {
    switch (block.type) {
      case 'text':
      case 'refusal':
        return [block.type, block.text];
      case 'thinking':
        return ['thinking', block.parts.join('|')];
      case 'tool-call':
        return [block.kind === 'custom' ? 'custom' : 'call', block.callId, block.name, block.input];
      default:
        return [block.type];
    }
  });

const named = (index: number | undefined, id: string | undefined, name: string | undefined, json: unknown) => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id }),
  type: 'function',
  function: { ...(name === undefined ? {} : { name }), arguments: json },
});

describe('calls come together', () => {
  test.each<[string, readonly Frame[], readonly unknown[]]>([
    [
      'in pieces by their index',
      [
        calls(named(0, 'a', 'f', '')),
        calls(named(0, undefined, undefined, '{"x"')),
        calls(named(0, undefined, undefined, ':1}')),
      ],
      [['call', 'a', 'f', '{"x":1}']],
    ],
    [
      'interleaved (bugs 13, 16)',
      [
        calls(named(0, 'a', 'f', '{"x"'), named(1, 'b', 'g', '{"y"')),
        calls(named(0, undefined, undefined, ':1}')),
        calls(named(1, undefined, undefined, ':2}')),
      ],
      [
        ['call', 'a', 'f', '{"x":1}'],
        ['call', 'b', 'g', '{"y":2}'],
      ],
    ],
    [
      'all numbered 0, as by Ollama (bug 16)',
      [calls(named(0, 'a', 'f', '{"x":1}')), calls(named(0, 'b', 'f', '{"x":2}'))],
      [
        ['call', 'a', 'f', '{"x":1}'],
        ['call', 'b', 'f', '{"x":2}'],
      ],
    ],
    [
      'whole and without a number, as by Mistral and Gemini',
      [
        calls(
          { id: 'a', function: { name: 'f', arguments: '{}' } },
          { id: 'b', function: { name: 'f', arguments: '{}' } },
        ),
      ],
      [
        ['call', 'a', 'f', '{}'],
        ['call', 'b', 'f', '{}'],
      ],
    ],
    [
      'continued with an empty id and name, as by Qwen',
      [calls(named(0, 'a', 'f', '')), calls(named(0, '', '', '{"x":1}')), calls(named(0, '', '', ''))],
      [['call', 'a', 'f', '{"x":1}']],
    ],
    [
      'continued without index and id',
      [calls(named(undefined, 'a', 'f', '{"x"')), calls(named(undefined, undefined, undefined, ':1}'))],
      [['call', 'a', 'f', '{"x":1}']],
    ],
    ['with the input as an object', [calls(named(0, 'a', 'f', { x: 1 }))], [['call', 'a', 'f', '{"x":1}']]],
    ['numbered from 1, as behind Anthropic', [calls(named(1, 'a', 'f', '{}'))], [['call', 'a', 'f', '{}']]],
    [
      'with the name repeated in each piece',
      [calls(named(0, 'a', 'f', '{"x"')), calls(named(0, 'a', 'f', ':1}'))],
      [['call', 'a', 'f', '{"x":1}']],
    ],
    [
      'with the name after the id',
      [calls(named(0, 'a', undefined, '')), calls(named(0, undefined, 'f', '{}'))],
      [['call', 'a', 'f', '{}']],
    ],
    ['without any input (bugs 8, 61)', [calls(named(0, 'a', 'f', ''))], [['call', 'a', 'f', '']]],
    [
      'of free text',
      [
        calls({ index: 0, id: 'a', type: 'custom', custom: { name: 'g', input: '' } }),
        calls({ index: 0, custom: { input: 'free' } }),
      ],
      [['custom', 'a', 'g', 'free']],
    ],
    [
      'beside an empty custom form, as by Snowflake',
      [calls({ ...named(0, 'a', 'f', '{}'), custom: { name: '', input: '' } })],
      [['call', 'a', 'f', '{}']],
    ],
    [
      'in the form before tools',
      [chunk({ function_call: { name: 'f', arguments: '' } }), chunk({ function_call: { arguments: '{}' } })],
      [['call', 'call_', 'f', '{}']],
    ],
  ])('%s', (_name, frames, expected) => {
    const blocks = blocksOf([chunk({ role: 'assistant', content: '' }), ...frames, chunk({}, 'tool_calls'), DONE]);
    // Ids that were made up are compared by their beginning.
    expect(
      blocks.map((block) =>
        Array.isArray(block) && String(block[1]).startsWith('call_') ? [block[0], 'call_', ...block.slice(2)] : block,
      ),
    ).toEqual(expected);
  });

  test('ids that nobody gave are made up, each its own, and the same every time', () => {
    const frames = [
      calls(named(0, undefined, 'f', '{}')),
      calls(named(1, undefined, 'f', '{}')),
      chunk({}, 'stop'),
      DONE,
    ];
    const ids = blocksOf(frames).map((block) => (Array.isArray(block) ? block[1] : undefined));
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual(blocksOf(frames).map((block) => (Array.isArray(block) ? block[1] : undefined)));
  });

  test('a call that is whole ends when the next begins, and one that is not stays open', () => {
    const types = (frames: readonly Frame[]) =>
      decode(frames).map((event) => `${event.type}${'block' in event ? event.block : ''}`);
    expect(types([calls(named(0, 'a', 'f', '{}')), calls(named(1, 'b', 'g', '{'))])).toEqual([
      'message-start',
      'tool-call-start0',
      'tool-input-delta0',
      'block-end0',
      'tool-call-start1',
      'tool-input-delta1',
      'block-end1',
      'error',
    ]);
    expect(types([calls(named(0, 'a', 'f', '{')), calls(named(1, 'b', 'g', '{'))]).slice(3, 5)).toEqual([
      'tool-call-start1',
      'tool-input-delta1',
    ]);
  });
});

describe('thinking is read wherever a service puts it', () => {
  test.each<[string, readonly Frame[], readonly unknown[]]>([
    [
      'reasoning_content (bug 11)',
      [chunk({ reasoning_content: 'a' }), chunk({ reasoning_content: 'b' })],
      [['thinking', 'ab']],
    ],
    [
      'reasoning',
      [chunk({ reasoning: 'a' }), chunk({ content: 'b', reasoning: null })],
      [
        ['thinking', 'a'],
        ['text', 'b'],
      ],
    ],
    ['both fields with the same text', [chunk({ reasoning: 'a', reasoning_content: 'a' })], [['thinking', 'a']]],
    [
      'reasoning and its details, which repeat each other',
      [chunk({ reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a', index: 0 }] })],
      [['thinking', 'a']],
    ],
    [
      'details alone',
      [chunk({ content: '', reasoning_details: [{ type: 'reasoning.text', text: 'a', index: 0 }] })],
      [['thinking', 'a']],
    ],
    [
      'parts of the content',
      [
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }], closed: true }] }),
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'b' }] }] }),
        chunk({ content: [{ type: 'text', text: 'c' }] }),
        chunk({ content: 'd' }),
      ],
      [
        ['thinking', 'ab'],
        ['text', 'cd'],
      ],
    ],
    [
      'Gemini’s mark',
      [chunk({ content: 'a', extra_content: { google: { thought: true } } }), chunk({ content: 'b' })],
      [
        ['thinking', 'a'],
        ['text', 'b'],
      ],
    ],
    [
      'an empty text in between (bug 9)',
      [chunk({ reasoning_content: 'a', content: '' }), chunk({ reasoning_content: 'b', content: '' })],
      [['thinking', 'ab']],
    ],
  ])('%s', (_name, frames, expected) => {
    expect(blocksOf([...frames, chunk({}, 'stop'), DONE])).toEqual(expected);
  });

  test('inside <think>, where the variant says so', () => {
    const frames = ['<th', 'ink>\n', 'a', 'b</thi', 'nk>\n', '\nc <think>', 'd'].map((content) => chunk({ content }));
    expect(blocksOf([...frames, chunk({}, 'stop'), DONE], { inlineThinking: true })).toEqual([
      ['thinking', 'ab'],
      ['text', 'c <think>d'],
    ]);
    expect(blocksOf([...frames, chunk({}, 'stop'), DONE])).toHaveLength(1);
  });

  test('a signature among the details signs its thinking', () => {
    const { choices } = fold([
      chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'a', format: 'x', index: 0 }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 'sig', format: 'x', index: 0 }] }),
      chunk({ content: 'b' }, 'stop'),
      DONE,
    ]);
    expect(choices[0]?.blocks[0]).toMatchObject({
      type: 'thinking',
      parts: ['a'],
      signature: {
        origin: 'openai:here',
        value: JSON.stringify([{ type: 'reasoning.text', format: 'x', index: 0, signature: 'sig' }]),
      },
    });
  });

  test('encrypted thinking without text is a block of its own, before what follows', () => {
    expect(
      blocksOf([
        chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', index: 0 }] }),
        chunk({ content: 'b' }, 'stop'),
        DONE,
      ]),
    ).toEqual([['redacted-thinking'], ['text', 'b']]);
  });

  test('thoughts of several numbers keep their own signatures', () => {
    const detail = (index: number) => ({ type: 'reasoning.text', text: `t${index}`, signature: `s${index}`, index });
    const { choices } = fold([chunk({ reasoning_details: [detail(0), detail(1)] }), chunk({}, 'stop'), DONE]);
    expect(choices[0]?.blocks).toMatchObject([
      { parts: ['t0'], signature: { value: expect.stringContaining('s0') } },
      { parts: ['t1'], signature: { value: expect.stringContaining('s1') } },
    ]);
  });

  test('a thought signature of a call is its signature (bug 39)', () => {
    const call = { ...named(0, 'a', 'f', '{}'), extra_content: { google: { thought_signature: 'sig' } } };
    expect(fold([calls(call), chunk({}, 'tool_calls'), DONE]).choices[0]?.blocks[0]).toMatchObject({
      type: 'tool-call',
      signature: { origin: 'openai:here', value: 'sig' },
    });
  });
});

describe('the reason to stop', () => {
  test.each([
    ['stop', 'end'],
    ['eos', 'end'],
    ['end_turn', 'end'],
    ['length', 'length'],
    ['model_length', 'context-full'],
    ['content_filter', 'refusal'],
    ['tool_calls', 'tool-use'],
    ['function_call', 'tool-use'],
    ['of its own', 'other'],
  ])('%s is %s', (word, reason) => {
    const { choices } = fold([chunk({ content: 'a' }), chunk({}, word), DONE]);
    expect(choices[0]).toMatchObject({ reason, upstreamReason: word });
  });

  test('empty in every chunk, as by Snowflake, is none until [DONE]', () => {
    const frames = [chunk({ content: 'a' }, ''), chunk({ content: 'b' }, '')];
    expect(fold([...frames, DONE]).choices[0]).toMatchObject({ reason: 'other', blocks: [{ text: 'ab' }] });
    expect(decode(frames).at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_cut' } });
  });

  test('does not end the reading: text, counts and a last word come after it', () => {
    const { choices, usage } = fold([
      chunk({ content: 'a' }, 'length'),
      chunk({ content: 'b' }, 'stop'),
      frame({ id: 'a', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }),
      DONE,
    ]);
    expect(choices[0]).toMatchObject({ reason: 'end', blocks: [{ text: 'ab' }] });
    expect(usage).toMatchObject({ input: 3, output: 2 });
  });

  test('with the sequence that stopped it, as by vLLM', () => {
    const last = frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: 'END' }] });
    expect(fold([chunk({ content: 'a' }), last, DONE]).choices[0]).toMatchObject({
      reason: 'stop-sequence',
      stopSequence: 'END',
    });
  });

  test.each(['error', 'insufficient_system_resource', 'network_error'])('%s is a failure, not an end', (word) => {
    expect(decode([chunk({ content: 'a' }), chunk({}, word), DONE]).slice(-2)).toMatchObject([
      { type: 'block-end' },
      { type: 'error', error: { fault: 'upstream' } },
    ]);
  });
});

describe('usage', () => {
  test.each<[string, readonly Frame[]]>([
    ['in a chunk of its own', [frame({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } })]],
    [
      'inside the choice, as by Moonshot',
      [frame({ choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 9, completion_tokens: 4 } }] })],
    ],
    ['beside x_groq', [frame({ choices: [], x_groq: { usage: { prompt_tokens: 9, completion_tokens: 4 } } })]],
  ])('%s', (_name, frames) => {
    expect(fold([chunk({ content: 'a' }, 'stop'), ...frames, DONE]).usage).toMatchObject({ input: 9, output: 4 });
  });

  test('a later object without details takes nothing away, and early zeros do not hide it (bugs 77, 78)', () => {
    const { usage } = fold([
      chunk({ content: 'a' }, null, { usage: { prompt_tokens: 9, completion_tokens: 0 } }),
      chunk({}, 'stop', {
        usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 5, audio_tokens: 1 } },
      }),
      frame({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } }),
      DONE,
    ]);
    expect(usage).toEqual({
      input: 9,
      output: 4,
      cacheRead: 5,
      extensions: { openai: { prompt_tokens_details: { audio_tokens: 1 } } },
    });
  });

  test('in every chunk, as by Perplexity, is said when it changes', () => {
    const usage = (count: number) => ({ usage: { prompt_tokens: 1, completion_tokens: count } });
    const events = decode([
      chunk({ content: 'a' }, null, usage(1)),
      chunk({ content: 'b' }, null, usage(1)),
      chunk({}, 'stop', usage(2)),
      DONE,
    ]);
    expect(events.filter(({ type }) => type === 'usage')).toHaveLength(2);
  });
});

describe('an error', () => {
  test.each<[string, Frame, unknown]>([
    [
      'in a frame',
      frame({ error: { message: 'no', code: 'rate_limit_exceeded' } }),
      { kind: 'rate-limited', code: 'rate_limit_exceeded' },
    ],
    [
      'under a name, as by Groq',
      { event: 'error', data: JSON.stringify({ error: { message: 'no', code: 'tool_use_failed' } }) },
      { code: 'tool_use_failed' },
    ],
    [
      'in a chunk, as by OpenRouter',
      frame({
        error: { code: 502, message: 'no' },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      }),
      { code: '502', kind: 'upstream-failed' },
    ],
    [
      'in an array, as by Gemini',
      frame([{ error: { message: 'no', status: 'UNAVAILABLE', code: 503 } }]),
      { code: '503', kind: 'overloaded' },
    ],
    [
      'of MiniMax',
      frame({ base_resp: { status_code: 1002, status_msg: 'no' }, choices: null }),
      { code: '1002', kind: 'rate-limited' },
    ],
    ['no JSON', frame('{"choices":[{'), { code: 'upstream_invalid_frame' }],
  ])('%s ends the stream, after what is open', (_name, failed, error) => {
    const events = decode([chunk({ content: 'a' }), failed, chunk({ content: 'b' }), DONE]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'block-end', block: 0 },
      { type: 'error', error },
    ]);
  });
});

describe('the end', () => {
  const whole = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'a' }),
    chunk({ content: 'b' }),
    chunk({}, 'stop'),
  ];

  test('a stream that closes after the reason to stop, without [DONE], is complete', () => {
    expect(decode(whole).at(-1)).toMatchObject({ type: 'message-end', reason: 'end' });
  });

  test('a stream cut before is not, wherever', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(decode(whole.slice(0, length)).at(-1)).toMatchObject({
        type: 'error',
        error: { code: 'upstream_cut', fault: 'upstream' },
      });
    }
  });

  test('a stream of nothing but [DONE] is no answer', () => {
    expect(decode([DONE])).toMatchObject([{ type: 'error', error: { code: 'upstream_cut' } }]);
  });

  test('nothing follows it', () => {
    const decoder = createStreamDecoder(CONTEXT);
    decoder.push([...whole, DONE]);
    expect([...decoder.push([chunk({ content: 'late' })]), ...decoder.end()]).toEqual([]);
  });
});

test('several answers are told apart (bug 18)', () => {
  const of = (index: number, content: string, finish: string | null = null) =>
    frame({ id: 'a', choices: [{ index, delta: { content }, finish_reason: finish }] });
  const { choices } = fold([of(0, 'a'), of(1, 'x'), of(0, 'b'), of(1, 'y', 'length'), of(0, '', 'stop'), DONE]);
  expect(choices).toMatchObject([
    { reason: 'end', blocks: [{ text: 'ab' }] },
    { reason: 'length', blocks: [{ text: 'xy' }] },
  ]);
});

test('Azure’s first chunk without choices is no beginning, and what it says is kept', () => {
  const [start] = decode([
    frame({ id: '', model: '', created: 0, choices: [], prompt_filter_results: [{ prompt_index: 0 }] }),
    chunk({ content: 'a' }, 'stop'),
    DONE,
  ]);
  expect(start).toEqual({
    type: 'message-start',
    id: 'a',
    model: 'm',
    extensions: { openai: { prompt_filter_results: [{ prompt_index: 0 }] } },
  });
});

test('a service that names another id in each chunk has one answer', () => {
  const events = decode([
    chunk({ content: 'a' }, null, { id: 'one' }),
    chunk({ content: 'b' }, 'stop', { id: 'two' }),
    DONE,
  ]);
  expect(events.filter(({ type }) => type === 'message-start')).toMatchObject([{ id: 'one' }]);
});

test('pages that Perplexity lists become citations of the text, once', () => {
  const listed = { citations: ['https://a'], search_results: [{ url: 'https://a', title: 'A' }] };
  const { choices } = fold([chunk({ content: 'a' }, null, listed), chunk({ content: 'b' }, 'stop', listed), DONE]);
  expect(choices[0]?.blocks).toMatchObject([
    { type: 'text', text: 'ab', citations: [{ type: 'url', url: 'https://a', title: 'A' }] },
  ]);
});

test('annotations cite, also when they come before the text', () => {
  const annotation = {
    type: 'url_citation',
    url_citation: { url: 'https://a', title: 'A', start_index: 1, end_index: 2 },
  };
  const cited = [{ type: 'url', url: 'https://a', title: 'A', startIndex: 1, endIndex: 2 }];
  expect(fold([chunk({ content: 'abc', annotations: [annotation] }, 'stop'), DONE]).choices[0]?.blocks).toMatchObject([
    { citations: cited },
  ]);
  expect(
    fold([chunk({ annotations: [annotation] }), chunk({ content: 'abc' }, 'stop'), DONE]).choices[0]?.blocks,
  ).toMatchObject([{ citations: cited }]);
});

test('tools that Groq ran are the service’s own, and a sound and an image are what they are', () => {
  const tool = { index: 0, type: 'search', arguments: '{"query":"x"}' };
  const { choices } = fold([
    chunk({ executed_tools: [{ ...tool, search_results: { results: [] } }] }),
    chunk({
      executed_tools: [{ ...tool, output: 'found', search_results: { results: [{ url: 'https://a', title: 'A' }] } }],
    }),
    chunk({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] }),
    chunk({ audio: { id: 'au', transcript: 'hi' } }),
    chunk({ audio: { data: 'AAAA' } }),
    chunk({ audio: { expires_at: 5 } }, 'stop'),
    DONE,
  ]);
  expect(choices[0]?.blocks).toEqual([
    { type: 'server-tool-call', callId: 'a_tool_0', tool: 'web-search', name: 'search', input: '{"query":"x"}' },
    {
      type: 'server-tool-result',
      callId: 'a_tool_0',
      tool: 'web-search',
      sources: [{ url: 'https://a', title: 'A' }],
      text: 'found',
    },
    { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } },
    {
      type: 'audio',
      source: { type: 'base64', mediaType: 'application/octet-stream', data: 'AAAA' },
      transcript: 'hi',
      extensions: { openai: { id: 'au', expires_at: 5 } },
    },
  ]);
});

test('unknown fields and frames never end a stream (bug 21)', () => {
  const { choices } = fold([
    frame('{}'),
    frame('null'),
    frame('[]'),
    frame('7'),
    { data: '' },
    { event: 'keepalive', data: '{"type":"keepalive"}' },
    frame({ choices: 'strange' }),
    chunk({ content: 'a', surprise: { deep: [1] } }, null, { surprise: 1 }),
    frame({ id: 'a', choices: [null, 7, { index: -1, delta: { content: 'x' } }, { delta: null }] }),
    chunk({ content: null, tool_calls: null, refusal: null, role: null }),
    chunk({ content: 'b', tool_calls: [] }, 'stop'),
    DONE,
  ]);
  expect(choices).toMatchObject([{ reason: 'end', blocks: [{ text: 'ab' }] }]);
});

test('what only this dialect says while it goes on is an event of its own', () => {
  const events = decode([
    chunk({ content: 'a' }, null, { system_fingerprint: 'f' }),
    chunk({ content: 'b' }, null, { system_fingerprint: 'f' }),
    frame({ id: 'a', choices: [], moderation: { input: {} } }),
    chunk({}, 'stop'),
    DONE,
  ]);
  expect(events[0]).toMatchObject({ extensions: { openai: { system_fingerprint: 'f' } } });
  expect(events.filter(({ type }) => type === 'extension')).toEqual([
    { type: 'extension', protocol: 'openai', value: { moderation: { input: {} } } },
  ]);
});
