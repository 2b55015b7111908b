import { describe, expect, test } from 'vitest';
import { loadRecordings } from '../../recordings.ts';
import { dialectOf, dialectPairs } from '../conformance-dialect.ts';
import { convertStream, createStreamConversion, framesOf } from '../convert-answer.ts';
import { endingOf } from '../stream-ending.ts';
import {
  anthropic,
  at,
  callDelta,
  chat,
  frames,
  gemini,
  IDS,
  responses,
  tell,
  tellWhole,
  valuesOf,
} from './bug-steps.ts';

const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'read', status: 'completed' };
const added = {
  type: 'response.output_item.added',
  output_index: 0,
  item: { ...item, arguments: '', status: 'in_progress' },
};
const ARGUMENTS = '{"path":"a \\"b\\".txt","deep":[1,{"x":null}]}';
const INPUT = { path: 'a "b".txt', deep: [1, { x: null }] };

describe('stream shape', () => {
  test.each(IDS)('bug 1 (litellm#25321): arguments that come only in .done reach a client of %s', (to) => {
    const whole = { ...item, arguments: ARGUMENTS };
    const stream = responses(
      [
        added,
        { type: 'response.function_call_arguments.done', output_index: 0, item_id: 'fc_1', arguments: ARGUMENTS },
        { type: 'response.output_item.done', output_index: 0, item: whole },
      ],
      [whole],
    );
    expect(tell('responses', to, stream).facts.choices[0]?.calls).toMatchObject([{ name: 'read', input: INPUT }]);
    const fromChat = chat([callDelta(0, 'read', '', 'call_1'), callDelta(0, undefined, ARGUMENTS)], 'tool_calls');
    expect(tell('openai', to, fromChat).facts.choices[0]?.calls).toMatchObject([{ name: 'read', input: INPUT }]);
  });

  test.each(IDS)(
    'bug 2 (openclaude#1259): arguments that come only with the finished item reach a client of %s',
    (to) => {
      const whole = { ...item, arguments: ARGUMENTS };
      const stream = responses([added, { type: 'response.output_item.done', output_index: 0, item: whole }], [whole]);
      expect(tell('responses', to, stream).facts.choices[0]?.calls).toMatchObject([{ name: 'read', input: INPUT }]);
    },
  );

  test('bug 3 (litellm#25561): a call of Gemini has its input in deltas of an Anthropic block', () => {
    const { frames: read, facts } = tell(
      'gemini',
      'anthropic',
      gemini([[{ functionCall: { name: 'read', args: INPUT } }]]),
    );
    expect(facts.choices[0]?.calls).toMatchObject([{ name: 'read', input: INPUT }]);
    const pieces = valuesOf(read).filter((value) => at(value, 'delta', 'type') === 'input_json_delta');
    expect(pieces.length).toBeGreaterThan(0);
  });

  test('bug 4 (litellm#29491): a whole call in one chunk has its input in deltas of an Anthropic block', () => {
    const { body } = tell('openai', 'anthropic', chat([callDelta(0, 'read', ARGUMENTS, 'call_1')], 'tool_calls'));
    expect(at(body, 'content', 0)).toMatchObject({ type: 'tool_use', name: 'read', input: INPUT });
  });

  test('bug 5 (litellm#32357): thinking and text never share a block, whatever their order', () => {
    const stream = chat([
      { role: 'assistant', content: '' },
      { reasoning_content: 'One. ' },
      { content: 'Said. ' },
      { reasoning_content: 'Two.' },
      { content: 'Again.' },
    ]);
    // The strict reader throws for a delta in a block of another type, and for a second message_start.
    const { facts } = tell('openai', 'anthropic', stream);
    expect(facts.choices[0]).toMatchObject({ text: 'Said. Again.' });
    expect(facts.choices[0]?.thinking.join('')).toBe('One. Two.');
  });

  test('bug 6 (bifrost#4556): every stream for Anthropic begins once', () => {
    const faults = dialectPairs('all')
      .filter(([, to]) => to.id === 'anthropic')
      .flatMap(([from, to]) =>
        loadRecordings({ protocol: from.recorded, kind: 'stream', status: 200 }).flatMap((recording) => {
          const { text } = convertStream({ from, to }, framesOf(recording.bytes()));
          const count = text.split('event: message_start\n').length - 1;
          return count === 1 ? [] : [`${recording.file}: ${count}`];
        }),
      );
    expect(faults).toEqual([]);
  });

  test('bug 7 (litellm#34692): an answer that is a call begins with the call and ends with tool_use', () => {
    const stream = chat([{ role: 'assistant', content: '' }, callDelta(0, 'read', '{}', 'call_1')], 'stop');
    const { body } = tell('openai', 'anthropic', stream);
    expect(body).toMatchObject({ content: [{ type: 'tool_use' }], stop_reason: 'tool_use' });
  });

  test.each(IDS)(
    'bug 8 (bifrost#3441): calls that come interleaved, one of them without arguments, are whole in %s',
    (to) => {
      const stream = chat(
        [
          callDelta(0, 'one', '', 'call_1'),
          callDelta(1, 'two', '', 'call_2'),
          callDelta(0, undefined, '{"a":'),
          callDelta(1, undefined, '{"b":'),
          callDelta(2, 'three', '', 'call_3'),
          callDelta(0, undefined, '1}'),
          callDelta(1, undefined, '2}'),
        ],
        'tool_calls',
      );
      expect(tell('openai', to, stream).facts.choices[0]?.calls).toMatchObject([
        { name: 'one', input: { a: 1 } },
        { name: 'two', input: { b: 2 } },
        { name: 'three', input: {} },
      ]);
    },
  );

  test('bug 9 (CLIProxyAPI#5675): an empty part in the middle of thinking moves no index', () => {
    const { facts } = tell(
      'gemini',
      'anthropic',
      gemini([
        [{ text: 'One. ', thought: true }],
        [{ text: '' }],
        [{ text: 'Two.', thought: true }],
        [{ text: 'Said.' }],
      ]),
    );
    expect(facts.choices[0]?.thinking.join('')).toBe('One. Two.');
    expect(facts.choices[0]?.text).toBe('Said.');
  });

  test.each(IDS)('bug 10 (CLIProxyAPI#3799): a tool reason without a call is a natural end in %s', (to) => {
    expect(tell('openai', to, chat([{ reasoning_content: 'Hm.' }], 'tool_calls')).facts.choices[0]?.stop).toBe('end');
    const signed = gemini([[{ text: '', thought: true, thoughtSignature: 'c2ln' }]]);
    expect(tell('gemini', to, signed).facts.choices[0]).toMatchObject({ stop: 'end', calls: [] });
  });

  test.each(IDS)('bug 11 (litellm#29600): chunks of reasoning alone are thinking in %s', (to) => {
    const { facts } = tell('openai', to, chat([{ reasoning_content: 'Only ' }, { reasoning_content: 'this.' }]));
    expect(facts.choices[0]?.thinking.join('')).toBe('Only this.');
  });

  test('bug 12 (claude-code-proxy#17): thinking for Anthropic is in its own field, with a signature before the stop', () => {
    const stream = gemini([[{ text: 'Hm.', thought: true, thoughtSignature: 'c2ln' }], [{ text: 'So.' }]]);
    const deltas = valuesOf(tell('gemini', 'anthropic', stream).frames).map(({ delta }) => delta);
    expect(deltas).toContainEqual({ type: 'thinking_delta', thinking: 'Hm.' });
    expect(deltas).toContainEqual({ type: 'signature_delta', signature: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) });
  });

  const twoCalls = anthropic(
    [
      [
        { type: 'text', text: '' },
        { type: 'text_delta', text: 'Both.' },
      ],
      [
        { type: 'tool_use', id: 'toolu_1', name: 'one', input: {} },
        { type: 'input_json_delta', partial_json: '{"a":1}' },
      ],
      [
        { type: 'tool_use', id: 'toolu_2', name: 'two', input: {} },
        { type: 'input_json_delta', partial_json: '{"b":2}' },
      ],
    ],
    'tool_use',
  );

  test('bug 13 (Portkey#1275): calls for Chat Completions are counted from 0, each with its id once', () => {
    const pieces = valuesOf(tell('anthropic', 'openai', twoCalls).frames).flatMap((value) => {
      const calls = at(value, 'choices', 0, 'delta', 'tool_calls');
      return Array.isArray(calls) ? calls : [];
    });
    const starts = pieces.filter((piece) => at(piece, 'id') !== undefined);
    expect(starts.map((piece) => [at(piece, 'index'), at(piece, 'id'), at(piece, 'function', 'name')])).toEqual([
      [0, 'toolu_1', 'one'],
      [1, 'toolu_2', 'two'],
    ]);
  });

  test('bug 14 (Portkey#1399): the first chunk names the role', () => {
    for (const stream of [
      tell('anthropic', 'openai', twoCalls),
      tell('gemini', 'openai', gemini([[{ text: 'Hi' }]])),
      tell('responses', 'openai', responses([added], [{ ...item, arguments: '{}' }])),
      tell('openai', 'openai', chat([{ content: 'No role.' }])),
    ]) {
      expect(at(valuesOf(stream.frames)[0], 'choices', 0, 'delta', 'role')).toBe('assistant');
    }
  });

  test('bug 15 (litellm#21331): parallel calls of Responses have indices of their own', () => {
    const calls = ['one', 'two', 'three'].map((name, index) => ({
      ...item,
      id: `fc_${index}`,
      call_id: `call_${index}`,
      name,
      arguments: `{"n":${index}}`,
    }));
    const stream = responses(
      calls.flatMap((call, index) => [
        { type: 'response.output_item.added', output_index: index + 1, item: { ...call, arguments: '' } },
        {
          type: 'response.function_call_arguments.delta',
          output_index: index + 1,
          item_id: call.id,
          delta: call.arguments,
        },
        { type: 'response.output_item.done', output_index: index + 1, item: call },
      ]),
      calls,
    );
    const indices = valuesOf(tell('responses', 'openai', stream).frames).flatMap((value) => {
      const index = at(value, 'choices', 0, 'delta', 'tool_calls', 0, 'index');
      return index === undefined ? [] : [index];
    });
    expect([...new Set(indices)]).toEqual([0, 1, 2]);
  });

  test.each(IDS)('bug 16 (litellm#33678): whole calls that all have index 0 stay calls of their own in %s', (to) => {
    const stream = chat(
      [callDelta(0, 'one', '{"a":1}', 'call_1'), callDelta(0, 'two', '{"b":2}', 'call_2')],
      'tool_calls',
    );
    expect(tell('openai', to, stream).facts.choices[0]?.calls).toMatchObject([
      { name: 'one', input: { a: 1 } },
      { name: 'two', input: { b: 2 } },
    ]);
  });

  test('bug 17 (litellm#16194): calls in chunks of their own have indices of their own', () => {
    const stream = gemini([
      [{ functionCall: { name: 'one', args: {} } }],
      [{ functionCall: { name: 'two', args: {} } }],
      [],
    ]);
    const { facts, frames: read } = tell('gemini', 'openai', stream);
    expect(facts.choices[0]?.calls.map(({ name }) => name)).toEqual(['one', 'two']);
    const indices = valuesOf(read).flatMap((value) => at(value, 'choices', 0, 'delta', 'tool_calls', 0, 'index') ?? []);
    expect([...new Set(indices)]).toEqual([0, 1]);
  });

  test('bug 18 (litellm#3276, #5236): several answers keep their places', () => {
    const chunk = (index: number, delta: object, reason: string | null = null) => ({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index, delta, finish_reason: reason }],
    });
    const stream = frames(
      chunk(0, { role: 'assistant', content: 'A' }),
      chunk(1, { role: 'assistant', content: 'B' }),
      chunk(1, { content: 'b' }),
      chunk(0, { content: 'a' }),
      chunk(1, {}, 'length'),
      chunk(0, {}, 'stop'),
      '[DONE]',
    );
    for (const to of ['openai', 'gemini'] as const) {
      expect(tell('openai', to, stream, { choices: 2 }).facts.choices).toMatchObject([
        { text: 'Aa', stop: 'end' },
        { text: 'Bb', stop: 'length' },
      ]);
    }
    const candidates = frames({
      candidates: [
        { index: 0, content: { role: 'model', parts: [{ text: 'A' }] }, finishReason: 'STOP' },
        { index: 1, content: { role: 'model', parts: [{ text: 'B' }] }, finishReason: 'STOP' },
      ],
    });
    expect(tell('gemini', 'openai', candidates, { choices: 2 }).facts.choices).toMatchObject([
      { text: 'A' },
      { text: 'B' },
    ]);
  });

  test.each(dialectPairs('all'))('bug 19 (CLIProxyAPI#1620): a first word of $id is on its way at once', (from, to) => {
    const streams = {
      anthropic: anthropic([
        [
          { type: 'text', text: '' },
          { type: 'text_delta', text: 'First' },
        ],
      ]).slice(0, 3),
      openai: chat([{ role: 'assistant', content: '' }, { content: 'First' }]).slice(0, 2),
      responses: responses(
        [
          {
            type: 'response.output_item.added',
            output_index: 0,
            item: { id: 'msg_1', type: 'message', role: 'assistant', content: [] },
          },
          { type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'msg_1', delta: 'First' },
        ],
        [],
      ).slice(0, 3),
      gemini: gemini([[{ text: 'First' }], [{ text: 'x' }]]).slice(0, 1),
    };
    expect(createStreamConversion({ from, to }).push(streams[from.id])).toContain('First');
  });

  test('bug 20 (CLIProxyAPI#2610): items that the last event leaves out are not lost, and no content is empty text', () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Here.', annotations: [] }],
    };
    const stream = responses([{ type: 'response.output_item.done', output_index: 0, item: message }], []);
    for (const to of IDS) expect(tell('responses', to, stream).facts.choices[0]?.text).toBe('Here.');
    const empty = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed', output: [] };
    expect(tellWhole('responses', 'openai', empty)).toMatchObject({
      choices: [{ message: { role: 'assistant', content: '' }, finish_reason: 'stop' }],
    });
  });

  test.each(dialectPairs('all'))('bug 21 (CLIProxyAPI#3798): events nobody knows end no stream of $id', (from, to) => {
    const [recording] = loadRecordings({ protocol: from.recorded, kind: 'stream', status: 200 });
    const known = framesOf(recording?.bytes() ?? '');
    const unknown = frames({ type: 'vendor.heartbeat', x: 1 }, { object: 'vendor.note', text: 'not for you' });
    const { text } = convertStream({ from, to }, known.flatMap((frame) => [frame, ...unknown]).slice(0, -2));
    expect(endingOf(to.id, text)).toBe('clean');
  });

  test('bug 22 (CLIProxyAPI#5545, #4527): signs of life during long reasoning are no end, and an end without one is a failure', () => {
    const events = responses([{ type: 'keepalive' }, { type: 'response.in_progress' }], []);
    const cut = events.slice(0, -1);
    for (const to of IDS) {
      const { text } = convertStream({ from: dialectOf('responses'), to: dialectOf(to) }, cut);
      expect(endingOf(to, text)).toBe('error');
      expect(endingOf(to, convertStream({ from: dialectOf('responses'), to: dialectOf(to) }, events).text)).toBe(
        'clean',
      );
    }
  });

  test.each(IDS)(
    'bug 23 (CLIProxyAPI#5932): a cut is the fault of the server in %s, so that the client tries again',
    (to) => {
      const { text } = convertStream(
        { from: dialectOf('openai'), to: dialectOf(to) },
        chat([{ content: 'As far as' }]).slice(0, 1),
      );
      expect(text).not.toMatch(/invalid_request|INVALID_ARGUMENT/);
      expect(text).toMatch(/api_error|server_error|INTERNAL|UNAVAILABLE|upstream_cut/);
    },
  );

  test('bug 24 (litellm#41826, Antigravity-Manager#3371): a failure in the middle has the type error at its top', () => {
    const failing = frames({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } });
    const { text } = convertStream({ from: dialectOf('gemini'), to: dialectOf('anthropic') }, [
      ...gemini([[{ text: 'As' }], []]).slice(0, 1),
      ...failing,
    ]);
    const last = framesOf(text).at(-1);
    expect(last?.event).toBe('error');
    expect(JSON.parse(last?.data ?? '')).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', message: 'The model is overloaded.' },
    });
  });

  test.each(IDS)(
    'bug 25 (ai-gateway#2399): a call and its STOP in different chunks end with the tool reason in %s',
    (to) => {
      const stream = gemini([[{ functionCall: { name: 'read', args: {} } }], [{ text: '' }]]);
      expect(tell('gemini', to, stream).facts.choices[0]?.stop).toBe('tool-use');
      if (to === 'openai')
        expect(at(tell('gemini', to, stream).body, 'choices', 0, 'finish_reason')).toBe('tool_calls');
    },
  );
});
