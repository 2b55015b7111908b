import { describe, expect, test } from 'vitest';
import { type JsonObject, objectsOf } from '../../json.ts';
import { dialectOf } from '../conformance-dialect.ts';
import { convertBody, convertStream, framesOf, plainRequest } from '../convert-answer.ts';
import { anthropic, ask, at, chat, frames, gemini, IDS, tell, tellWhole, valuesOf } from './bug-steps.ts';

const text = [
  { type: 'text', text: '' },
  { type: 'text_delta', text: 'Hi' },
] as const;
const cached = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 1 };
const fromAnthropic = anthropic([[...text]], 'end_turn', { start: cached, end: { output_tokens: 7 } });
const chatUsage: JsonObject = {
  prompt_tokens: 130,
  completion_tokens: 7,
  total_tokens: 137,
  prompt_tokens_details: { cached_tokens: 100 },
  completion_tokens_details: { reasoning_tokens: 3 },
};
const fromChat = chat([{ content: 'Hi' }], 'stop', chatUsage);

describe('usage and cache', () => {
  test('bug 72 (CLIProxyAPI#2281): prompt tokens for Chat Completions include what the cache gave', () => {
    expect(tell('anthropic', 'openai', fromAnthropic).body.usage).toMatchObject({
      prompt_tokens: 130,
      completion_tokens: 7,
      total_tokens: 137,
    });
  });

  test.each(IDS)('bug 73 (CLIProxyAPI#1562, #2419): tokens from the cache are told in %s', (to) => {
    expect(tell('anthropic', to, fromAnthropic).facts.usage?.cacheRead).toBe(100);
    expect(tell('openai', to, fromChat).facts.usage?.cacheRead).toBe(100);
  });

  test.each(IDS)('bug 74 (CLIProxyAPI#5617): the counters are the same streaming and whole in %s', (to) => {
    for (const [from, stream] of [
      ['anthropic', fromAnthropic],
      ['openai', fromChat],
    ] as const) {
      const whole = dialectOf(to).raw.read(tellWhole(from, to, dialectOf(from).raw.fold(stream)));
      expect(tell(from, to, stream).facts.usage).toEqual(whole.usage);
    }
  });

  test('bug 75 (new-api#4395, CLIProxyAPI#5854): input tokens for Anthropic are without the cache', () => {
    expect(tell('openai', 'anthropic', fromChat).body.usage).toMatchObject({
      input_tokens: 30,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 0,
      output_tokens: 7,
    });
  });

  test('bug 76 (CLIProxyAPIPlus#490): the parts of the input add up to the whole', () => {
    for (const [from, stream] of [
      ['openai', fromChat],
      ['anthropic', fromAnthropic],
      [
        'gemini',
        gemini([[{ text: 'Hi' }]], 'STOP', {
          promptTokenCount: 130,
          cachedContentTokenCount: 100,
          candidatesTokenCount: 4,
          thoughtsTokenCount: 3,
          totalTokenCount: 137,
        }),
      ],
    ] as const) {
      expect(tell(from, 'anthropic', stream).facts.usage?.input).toBe(130);
    }
  });

  test.each(IDS)('bug 77 (new-api#7472): a later, richer usage counts in %s', (to) => {
    const chunk = (choices: readonly JsonObject[], usage: JsonObject) => ({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices,
      usage,
    });
    const stream = frames(
      chunk([{ index: 0, delta: { content: 'Hi' }, finish_reason: null }], { prompt_tokens: 1, completion_tokens: 1 }),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], {
        prompt_tokens: 130,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 100 },
      }),
      chunk([], { prompt_tokens: 130, completion_tokens: 7 }),
      '[DONE]',
    );
    expect(tell('openai', to, stream).facts.usage).toMatchObject({ input: 130, cacheRead: 100, output: 7 });
  });

  test('bug 78 (new-api#4129): what was counted before a stream broke is not overwritten with zeros', () => {
    const { events } = convertStream(
      { from: dialectOf('anthropic'), to: dialectOf('openai') },
      fromAnthropic.slice(0, 3),
    );
    const counted = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
    expect(counted.at(-1)).toMatchObject({ input: 130, cacheRead: 100 });
    expect(events.at(-1)).toMatchObject({ type: 'error' });
  });

  test('bug 79 (new-api#5335, Portkey#1579): marks of the prompt cache stay', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const parts = [{ type: 'text', text: 'Long.', ...mark }];
    const { body } = ask('openai', 'anthropic', {
      model: 'm',
      messages: [
        { role: 'system', content: parts },
        { role: 'user', content: [{ ...parts[0], text: 'Ask.' }] },
      ],
    });
    expect(JSON.stringify(body).split('"ephemeral"')).toHaveLength(3);
    const own = {
      model: 'm',
      max_tokens: 9,
      system: parts,
      tools: [{ name: 't', input_schema: { type: 'object' }, ...mark }],
      messages: [{ role: 'user', content: parts }],
    };
    expect(JSON.stringify(ask('anthropic', 'anthropic', own).body).split('"ephemeral"')).toHaveLength(4);
  });

  test('bug 81 (one-api#2224): a client that asked for usage gets it, whoever answers', () => {
    const stream = gemini([[{ text: 'Hi' }]], 'STOP', {
      promptTokenCount: 3,
      candidatesTokenCount: 4,
      totalTokenCount: 7,
    });
    const last = valuesOf(tell('gemini', 'openai', stream, { includeUsage: true }).frames).at(-1);
    expect(last).toMatchObject({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } });
    const { body } = ask('gemini', 'openai', { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
    expect(body).toBeDefined();
    const request = { ...plainRequest(dialectOf('gemini')), stream: true };
    const asked = dialectOf('openai').codec.encodeRequest(request, {
      model: 'm',
      isStream: true,
      origin: 'x',
      report: () => {},
    }).body;
    expect(asked.stream_options).toMatchObject({ include_usage: true });
  });

  test('bug 82 (one-hub#884): cache counters are in the stream for Anthropic', () => {
    const deltas = valuesOf(tell('openai', 'anthropic', fromChat).frames).filter(
      ({ type }) => type === 'message_delta',
    );
    expect(deltas).toMatchObject([{ usage: { cache_read_input_tokens: 100, cache_creation_input_tokens: 0 } }]);
  });

  test('bug 83 (Portkey#497): usage of Anthropic is in the form of OpenAI', () => {
    const usage = tell('anthropic', 'openai', fromAnthropic).body.usage;
    expect(usage).toMatchObject({ prompt_tokens_details: { cached_tokens: 100 } });
    expect(Object.keys(Object(usage))).not.toContain('input_tokens');
  });

  test('bug 84 (copilot-api#187): a stream for Anthropic begins with an estimate of the input, not with 0', () => {
    const target = dialectOf('anthropic');
    const encoder = target.codec.createStreamEncoder({
      request: plainRequest(target),
      nowMs: 0,
      estimatedInputTokens: 123,
      framing: 'sse',
    });
    const [start] = valuesOf(framesOf(encoder.push([{ type: 'message-start', id: 'x', model: 'm' }])));
    expect(at(start, 'message', 'usage', 'input_tokens')).toBe(123);
  });

  test.each(IDS)(
    'bug 85 (new-api#4760): the tokens of the answer are told at the end of a stream of %s for Anthropic',
    (from) => {
      const streams = {
        anthropic: fromAnthropic,
        openai: fromChat,
        gemini: gemini([[{ text: 'Hi' }]], 'STOP', { promptTokenCount: 3, candidatesTokenCount: 7 }),
        responses: undefined,
      };
      const stream = streams[from];
      if (stream === undefined) {
        const whole = {
          id: 'resp_1',
          object: 'response',
          created_at: 1,
          model: 'm',
          status: 'completed',
          output: [],
          usage: { input_tokens: 3, output_tokens: 7, total_tokens: 10 },
        };
        expect(
          at(
            convertBody({ from: dialectOf('responses'), to: dialectOf('anthropic') }, whole),
            'usage',
            'output_tokens',
          ),
        ).toBe(7);
        return;
      }
      const deltas = objectsOf(valuesOf(tell(from, 'anthropic', stream).frames)).filter(
        ({ type }) => type === 'message_delta',
      );
      expect(deltas).toMatchObject([{ usage: { output_tokens: 7 } }]);
    },
  );
});
