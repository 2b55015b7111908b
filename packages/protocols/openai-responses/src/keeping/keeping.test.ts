import { readSignature, tagSignature } from '@proxycast/conversion';
import {
  type FinishedAnswer,
  type KeptContent,
  type KeptResponse,
  parseClientKeyId,
  parseProviderId,
  type StreamEvent,
  UpstreamError,
} from '@proxycast/spec';
import { loadRecordings } from '@proxycast/testkit';
import { describe, expect, test } from 'vitest';
import { codec } from '../codec.ts';
import { keeping } from './keeping.ts';

const content = (changes: Partial<KeptContent> = {}): KeptContent => ({
  response: '{"id":"resp_a","object":"response","status":"completed"}',
  input: '{"role":"user","content":"Hi"}',
  output: '{"type":"message","id":"msg_pc_a_0","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}',
  ...changes,
});

const record = (id: string, changes: Partial<KeptContent> = {}): KeptResponse => ({
  recordId: id,
  id,
  clientKeyId: parseClientKeyId('k'),
  chainId: id,
  depth: 0,
  createdAt: 0,
  expiresAt: 1,
  status: 'completed',
  isBackground: false,
  providerId: parseProviderId('p'),
  model: 'm',
  origin: 'anthropic:p',
  content: content({ response: JSON.stringify({ id }), ...changes }),
});

describe('what a request says', () => {
  test.each([
    [{}, { isKept: true, isBackground: false, references: [] }],
    [
      { store: true, background: null },
      { isKept: true, isBackground: false, references: [] },
    ],
    [
      { store: false, background: true },
      { isKept: false, isBackground: true, references: [] },
    ],
    [{ previous_response_id: null }, { isKept: true, isBackground: false, references: [] }],
    [{ previous_response_id: 'resp_1' }, { previousId: 'resp_1', isKept: true, isBackground: false, references: [] }],
    [
      {
        input: [
          { type: 'item_reference', id: 'msg_1' },
          { id: 'rs_2' },
          { id: 'msg_3', role: 'user', content: 'x' },
          { type: 'function_call', id: 'fc_4' },
        ],
      },
      { isKept: true, isBackground: false, references: ['msg_1', 'rs_2'] },
    ],
  ])('%j', (body, expected) => {
    expect(keeping.readWish(body)).toEqual(expected);
  });

  test.each([1, '', {}, []])('previous_response_id %j is refused by name', (previous) => {
    expect(() => keeping.readWish({ previous_response_id: previous })).toThrow(
      expect.objectContaining({ kind: 'invalid-request', field: 'previous_response_id' }),
    );
  });

  test('an answer in the background has to be kept', () => {
    expect(() => keeping.checkBackground(keeping.readWish({ background: true, store: false }))).toThrow("'store'");
    keeping.checkBackground(keeping.readWish({ background: true }));
  });
});

test.each([
  ['"Grüße \\" ]"', '{"type":"message","role":"user","content":"Grüße \\" ]"}'],
  [' [ {"role":"user","content":"a"} , {"x":[1]} ] ', '{"role":"user","content":"a"} , {"x":[1]}'],
  ['[]', ''],
  ['null', ''],
  ['', ''],
])('input %s is the items %s', (input, items) => {
  expect(keeping.itemsOfInput(input)).toBe(items);
});

describe('items named by their ids', () => {
  test('an id that was made here says of which answer it is', () => {
    expect(keeping.answerOfItem('msg_pc_ab_c_0')).toBe('resp_ab_c');
    expect(keeping.answerOfItem('msg_pc_abc_i3')).toBe('resp_abc');
    expect(keeping.answerOfItem('msg_0123')).toBeUndefined();
    expect(keeping.answerOfItem('pc_')).toBeUndefined();
  });

  test('are put in the place of their names; what nobody knows stays', () => {
    const found = keeping.resolveReferences(
      '{"type":"item_reference","id":"a"},{"role":"user","content":"x"},{"id":"b"}',
      (id) => (id === 'a' ? '{"found":1}' : undefined),
    );
    expect(found).toBe('{"found":1},{"role":"user","content":"x"},{"id":"b"}');
  });

  test('are found among what was answered and what was sent', () => {
    expect(keeping.findItem(content(), 'msg_pc_a_0', 'anthropic:p')).toContain('"Hello"');
    expect(keeping.findItem(content(), 'msg_pc_a_i0', 'anthropic:p')).toContain('"Hi"');
    expect(keeping.findItem(content(), 'msg_pc_a_7', 'anthropic:p')).toBeUndefined();
  });

  test('stand in a later request without their ids, and bound to who encrypted them', () => {
    const output = '{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}';
    const item = JSON.parse(keeping.findItem(content({ output }), 'rs_1', 'responses:p') ?? '');
    expect(item).not.toHaveProperty('id');
    expect(readSignature(item.encrypted_content, 'responses')).toEqual({ origin: 'responses:p', value: 'gAAA' });
  });

  test('of services are known by ids that were not made here', () => {
    const output = '{"id":"msg_theirs"},{"id":"msg_pc_a_1"},{"id":5},{}';
    expect(keeping.serviceItemIds(content({ output }))).toEqual(['msg_theirs']);
  });
});

describe('a turn before a later one', () => {
  test('has its input as it was sent, and its answer without ids', () => {
    expect(keeping.replay(content(), 'anthropic:p')).toBe(
      '{"role":"user","content":"Hi"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}',
    );
    expect(keeping.replay(content({ output: '' }), 'anthropic:p')).toBe('{"role":"user","content":"Hi"}');
    expect(keeping.replay(content({ input: '', output: '' }), 'anthropic:p')).toBe('');
  });

  test('binds reasoning that a service of this dialect encrypted to that service', () => {
    const output = '{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}';
    const [, item] = JSON.parse(`[${keeping.replay(content({ output }), 'responses:p')}]`);
    expect(readSignature(item.encrypted_content, 'responses')).toEqual({ origin: 'responses:p', value: 'gAAA' });
    const encode = (origin: string) =>
      codec.encodeRequest(codec.decodeRequest({ model: 'm', input: [item] }, { isStream: false }), {
        model: 'm',
        isStream: false,
        origin,
        report: () => undefined,
      }).body;
    expect(JSON.stringify(encode('responses:p'))).toContain('"encrypted_content":"gAAA"');
    expect(JSON.stringify(encode('responses:other'))).not.toMatch(/gAAA|encrypted_content/);
  });

  test('leaves the tag of another origin as it is', () => {
    const tagged = tagSignature({ origin: 'anthropic:a', value: 'sig' }, 'responses');
    const output = JSON.stringify({ type: 'reasoning', summary: [], encrypted_content: tagged });
    expect(keeping.replay(content({ output, input: '' }), 'responses:p')).toBe(output);
  });
});

describe('the list of what an answer was made from', () => {
  const chain = [
    record('resp_a'),
    record('resp_b', {
      input: '{"type":"function_call_output","call_id":"c","output":"21"},{"role":"user","content":"More"}',
    }),
  ];
  const idsOf = (query: string): unknown => {
    const list = keeping.renderItems(chain, keeping.readListQuery(new URLSearchParams(query)));
    const { data } = list;
    return { ...list, data: Array.isArray(data) ? data.map(({ id }) => id) : data };
  };

  test('is the chain, the newest first, and its own answer is not in it', () => {
    expect(idsOf('')).toEqual({
      object: 'list',
      data: ['msg_pc_b_i1', 'item_pc_b_i0', 'msg_pc_a_0', 'msg_pc_a_i0'],
      first_id: 'msg_pc_b_i1',
      last_id: 'msg_pc_a_i0',
      has_more: false,
    });
  });

  test('comes in pages', () => {
    expect(idsOf('order=asc&limit=3')).toMatchObject({
      data: ['msg_pc_a_i0', 'msg_pc_a_0', 'item_pc_b_i0'],
      has_more: true,
    });
    expect(idsOf('order=asc&limit=3&after=item_pc_b_i0')).toMatchObject({ data: ['msg_pc_b_i1'], has_more: false });
    expect(idsOf('after=msg_pc_a_i0')).toMatchObject({ data: [], first_id: null, has_more: false });
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_nobody'])('%s is refused by name', (query) => {
    expect(() => idsOf(query)).toThrow(expect.objectContaining({ field: query.split('=')[0] }));
  });

  test('shows texts as parts', () => {
    const { data } = keeping.renderItems([record('resp_a')], { limit: 1, order: 'asc' });
    expect(data).toEqual([
      {
        id: 'msg_pc_a_i0',
        type: 'message',
        status: 'completed',
        role: 'user',
        content: [{ type: 'input_text', text: 'Hi' }],
      },
    ]);
  });
});

describe('an answer that passed', () => {
  const excerpt = (head: string, framing: 'sse' | 'whole' = 'sse', isWhole = true) =>
    keeping.readPassed({ framing, head, tail: head, isWhole });
  test.each([
    ['event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1","store":true}}\n\n', true],
    ['data: {"type":"response.created","response":{"id":"resp_1","store":false}}\n\n', false],
    [': ping\n\ndata: {"response":{"id":"resp_1","instructions":"cut he', true],
  ])('%s', (head, isKept) => {
    expect(excerpt(head)).toEqual({ id: 'resp_1', isKept });
  });

  test('whole, and as far as it can be seen', () => {
    expect(excerpt('{"id":"0-1-2","output":[{"id":"msg_1"}],"store":true}', 'whole')).toEqual({
      id: '0-1-2',
      isKept: true,
    });
    expect(excerpt('{"id":"resp_1","instructions":"…', 'whole', false)).toEqual({ id: 'resp_1', isKept: true });
    expect(excerpt('{"id":"msg_1"', 'whole', false)).toBeUndefined();
  });
});

describe('an answer that passed whole', () => {
  const item = { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'response.completed' }] };
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const start = event('response.created', { response: { id: 'resp_1', status: 'in_progress', output: [] } });
  const done = event('response.output_item.done', { output_index: 0, item });

  test.each([
    [
      'a stream',
      start + done + event('response.completed', { response: { id: 'resp_1', status: 'completed', output: [item] } }),
    ],
    [
      'a stream that repeats no items',
      start + done + event('response.completed', { response: { id: 'resp_1', status: 'completed', output: [] } }),
    ],
  ])('%s', (_name, text) => {
    expect(keeping.readFinished(text, 'sse')).toEqual({
      id: 'resp_1',
      status: 'completed',
      response: '{"id":"resp_1","status":"completed"}',
      items: [JSON.stringify(item)],
    });
  });

  test('that failed, that is whole, and that never ended', () => {
    const failed = event('response.failed', { response: { id: 'resp_1', status: 'failed', output: [] } });
    expect(keeping.readFinished(start + failed, 'sse')).toMatchObject({ status: 'failed', items: [] });
    const whole = JSON.stringify({ id: 'resp_1', status: 'incomplete', output: [item] });
    expect(keeping.readFinished(whole, 'whole')).toMatchObject({
      id: 'resp_1',
      status: 'incomplete',
      items: [JSON.stringify(item)],
    });
    expect(keeping.readFinished(start + done, 'sse')).toBeUndefined();
    expect(keeping.readFinished('{}', 'whole')).toBeUndefined();
  });

  test('of every recorded stream the last response is read', () => {
    let count = 0;
    for (const recording of loadRecordings({ protocol: 'openai-responses', kind: 'stream', status: 200 })) {
      const text = recording.bytes().toString('utf8');
      const last =
        text
          .trimEnd()
          .split(/\r?\n\r?\n/)
          .at(-1)
          ?.split(/data: ?/)
          .at(-1) ?? '';
      const response = last.startsWith('{') ? JSON.parse(last).response : undefined;
      if (response === undefined) continue;
      count++;
      const finished = keeping.readFinished(text, 'sse');
      expect(finished?.id, recording.file).toBe(response.id);
      if (response.output?.length > 0) expect(`[${finished?.items.join(',')}]`).toBe(JSON.stringify(response.output));
    }
    expect(count).toBeGreaterThan(30);
  });
});

test('a kept answer is put together again, and its status changes', () => {
  expect(JSON.parse(keeping.renderAnswer(content()))).toMatchObject({ id: 'resp_a', output: [{ id: 'msg_pc_a_0' }] });
  const failed = keeping.changeStatus(content().response, 'failed', { code: 'c', message: 'm' });
  expect(JSON.parse(failed)).toEqual({
    id: 'resp_a',
    object: 'response',
    status: 'failed',
    error: { code: 'c', message: 'm' },
  });
});

describe('an encoder whose answer is kept', () => {
  const request = {
    ...codec.decodeRequest({ model: 'm', input: 'x' }, { isStream: true }),
    store: true,
    previousResponseId: 'resp_before',
  };
  const events: readonly StreamEvent[] = [
    { type: 'message-start', id: 'chatcmpl-1', model: 'm' },
    { type: 'text-start', block: 0 },
    { type: 'text-delta', block: 0, text: 'Hello' },
    { type: 'block-end', block: 0 },
  ];
  const run = (last: StreamEvent) => {
    const finished: FinishedAnswer[] = [];
    const encoder = codec.createStreamEncoder({
      request,
      nowMs: 0,
      framing: 'sse',
      kept: { id: 'resp_mine', finished: (answer) => finished.push(answer) },
    });
    return { text: encoder.push([...events, last]) + encoder.end(), finished };
  };

  test('gives it its id, says that it is kept, and hands it over with its last event', () => {
    const { text, finished } = run({ type: 'message-end', reason: 'end' });
    const last = JSON.parse(text.trimEnd().split('data: ').at(-1) ?? '');
    expect(last.response).toMatchObject({ id: 'resp_mine', store: true, previous_response_id: 'resp_before' });
    expect(finished).toHaveLength(1);
    const [answer] = finished;
    const again = { response: answer?.response ?? '', input: '', output: answer?.items.join(',') ?? '' };
    expect(JSON.parse(keeping.renderAnswer(again))).toEqual(last.response);
    expect(answer?.status).toBe('completed');
    expect(last.response.output[0].id).toBe('msg_pc_mine_0');
  });

  test('hands over what failed as well', () => {
    const { finished } = run({ type: 'error', error: new UpstreamError({ code: 'upstream_cut', message: 'Cut.' }) });
    expect(finished).toMatchObject([{ status: 'failed', items: [expect.stringContaining('Hello')] }]);
  });

  test('gives an answer of this dialect its id and what it says of keeping', () => {
    const upstream = { id: 'resp_theirs', object: 'response', status: 'in_progress', store: false, model: 'theirs' };
    const finished: FinishedAnswer[] = [];
    const kept = { id: 'resp_mine', finished: (answer: FinishedAnswer) => finished.push(answer) };
    const context = { origin: 'responses:p', fallbackId: 'x', model: 'm' };
    const decoder = codec.createStreamDecoder(context);
    const encoder = codec.createStreamEncoder({ request, nowMs: 0, framing: 'sse', kept });
    const frames = [
      { type: 'response.created', response: { ...upstream, output: [] } },
      { type: 'response.completed', response: { ...upstream, status: 'completed', output: [] } },
    ].map((data) => ({ event: data.type, data: JSON.stringify(data) }));
    const text = encoder.push([...decoder.push(frames), ...decoder.end()]) + encoder.end();
    expect(text).not.toContain('resp_theirs');
    expect(text).not.toContain('"store":false');
    const whole = codec.encodeAnswer(codec.decodeAnswer({ ...upstream, status: 'completed', output: [] }, context), {
      request,
      nowMs: 0,
      kept,
    });
    expect(whole).toMatchObject({ id: 'resp_mine', store: true, previous_response_id: 'resp_before' });
    expect(finished).toHaveLength(2);
  });
});
