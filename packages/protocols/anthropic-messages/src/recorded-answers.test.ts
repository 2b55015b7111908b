import { createBlockSerialiser, foldAnswer, inputObjectOf, textOf } from '@proxycast/conversion';
import type { ChatResponse, DecodeAnswerContext, EncodeAnswerContext, StreamEvent } from '@proxycast/spec';
import { loadRecordings, type Recording } from '@proxycast/testkit';
import { isObject, type JsonObject, parseObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { codec } from './codec.ts';
import { eventsOf, foldRawStream, framesOf } from './testing/raw-stream.ts';

const DECODING: DecodeAnswerContext = { origin: 'anthropic:recorded', fallbackId: 'none', model: 'none' };
const ENCODING: EncodeAnswerContext = {
  request: { protocol: 'anthropic', model: 'm', stream: true, turns: [], tools: [] },
  nowMs: 0,
};

const named = (recordings: readonly Recording[]) =>
  recordings.map((recording) => ({ file: recording.file, recording }));
const streams = named(loadRecordings({ protocol: 'anthropic', kind: 'stream', status: 200 }));
const bodies = named(loadRecordings({ protocol: 'anthropic', kind: 'body', status: 200 }));

test('there are recordings of both kinds', () => {
  expect([streams.length > 70, bodies.length > 90]).toEqual([true, true]);
});

describe.each(streams)('$file', ({ recording }) => {
  const text = recording.bytes().toString('utf8');
  const raw = foldRawStream(eventsOf(text));

  test('says what its raw events say', () => {
    const events = decodeAll(text);
    expect(events.filter(({ type }) => type === 'message-start')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('message-end');
    expectSame(foldAnswer(events, { id: '', model: '' }), raw);
  });

  test('folds to what its whole body decodes to', () => {
    const folded = foldAnswer(decodeAll(text), { id: '', model: '' });
    const whole = codec.decodeAnswer(raw, DECODING);
    expect(withInputs(folded)).toEqual(whole);
  });

  test('is the same stream after decoding and encoding', () => {
    const encoder = codec.createStreamEncoder({ ...ENCODING, framing: 'sse' });
    const written = encoder.push(createBlockSerialiser()(decodeAll(text))) + encoder.end();
    expect(foldRawStream(eventsOf(written))).toEqual(normaliseMessage(raw));
    expect(shapeOf(eventsOf(written))).toEqual(shapeOf(eventsOf(text)));
  });

  test('is the same whether its frames come one at a time or all at once', () => {
    const decoder = codec.createStreamDecoder(DECODING);
    const single = framesOf(text).flatMap((frame) => decoder.push([frame]));
    expect([...single, ...decoder.end()]).toEqual(decodeAll(text));
  });

  test('is never a clean end when it is cut, whatever the frame', () => {
    const frames = framesOf(text);
    for (let count = 0; count < frames.length - 1; count++) {
      const decoder = codec.createStreamDecoder(DECODING);
      const events = [...decoder.push(frames.slice(0, count)), ...decoder.end()];
      const last = events.at(-1);
      if (last?.type !== 'error' || last.error.code !== 'upstream_cut' || last.error.fault !== 'upstream') {
        expect.fail(`after ${count} frames: ${JSON.stringify(last)}`);
      }
      expect(openBlocks(events)).toEqual([]);
      expect(decoder.end()).toEqual([]);
    }
  });
});

describe.each(bodies)('$file', ({ recording }) => {
  const raw = parseObject(recording.bytes().toString('utf8')) ?? {};

  test('says what it says', () => {
    expectSame(codec.decodeAnswer(raw, DECODING), raw);
  });

  test('is the same body after decoding and encoding', () => {
    expect(codec.encodeAnswer(codec.decodeAnswer(raw, DECODING), ENCODING)).toEqual(normaliseMessage(raw));
  });
});

function decodeAll(text: string): readonly StreamEvent[] {
  const decoder = codec.createStreamDecoder(DECODING);
  return [...decoder.push(framesOf(text)), ...decoder.end()];
}

function openBlocks(events: readonly StreamEvent[]): readonly number[] {
  const open = new Set<number>();
  for (const event of events) {
    if (event.type === 'block-end') open.delete(event.block);
    else if ('block' in event) open.add(event.block);
  }
  return [...open];
}

/** Text, thinking, calls, stop and usage, read from the raw message here. */
function expectSame(response: ChatResponse, raw: JsonObject): void {
  const [choice] = response.choices;
  const blocks = choice?.blocks ?? [];
  const content = (Array.isArray(raw.content) ? raw.content : []).filter(isObject);
  const ofType = (type: string) => content.filter((block) => block.type === type);
  expect(response.id).toBe(raw.id);
  expect(response.model).toBe(raw.model);
  expect(textOf(blocks)).toBe(
    ofType('text')
      .map((block) => block.text)
      .join(''),
  );
  expect(
    blocks.flatMap((block) =>
      block.type === 'thinking' ? [{ thinking: block.parts.join(''), signature: block.signature }] : [],
    ),
  ).toEqual(
    ofType('thinking').map(({ thinking, signature }) => ({
      thinking,
      signature: { origin: DECODING.origin, value: signature },
    })),
  );
  expect(
    blocks.flatMap((block) =>
      block.type === 'tool-call' ? [{ id: block.callId, name: block.name, input: inputObjectOf(block) }] : [],
    ),
  ).toEqual(ofType('tool_use').map(({ id, name, input }) => ({ id, name, input })));
  expect(choice?.upstreamReason).toBe(raw.stop_reason);
  expect(choice?.reason).not.toBe('other');
  const usage = isObject(raw.usage) ? raw.usage : {};
  const count = (name: string) => (typeof usage[name] === 'number' ? usage[name] : 0);
  expect(response.usage?.output).toBe(count('output_tokens'));
  expect(response.usage?.cacheRead ?? 0).toBe(count('cache_read_input_tokens'));
  expect(response.usage?.cacheWrite ?? 0).toBe(count('cache_creation_input_tokens'));
  expect(response.usage?.input).toBe(
    count('input_tokens') + count('cache_read_input_tokens') + count('cache_creation_input_tokens'),
  );
}

/** The input of a call is text in a stream and an object in a body. */
function withInputs(response: ChatResponse): ChatResponse {
  return {
    ...response,
    choices: response.choices.map((choice) => ({
      ...choice,
      blocks: choice.blocks.map((block) =>
        block.type === 'tool-call' || block.type === 'server-tool-call'
          ? { ...block, input: inputObjectOf(block) }
          : block,
      ),
    })),
  };
}

/**
 * What may differ after decoding and encoding: texts without anything in them and empty lists of citations are left out
 * (the dialect allows neither in a later turn), and all counters of the cache are there.
 */
function normaliseMessage(message: JsonObject): JsonObject {
  const content = (Array.isArray(message.content) ? message.content : []).filter(isObject);
  return {
    ...message,
    content: content
      .filter((block) => block.type !== 'text' || block.text !== '')
      .map(({ citations, ...block }) =>
        citations === undefined || (Array.isArray(citations) && citations.length === 0)
          ? block
          : { ...block, citations },
      ),
    usage: {
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      ...(isObject(message.usage) ? message.usage : {}),
    },
  };
}

/**
 * The events by type, block and delta. Besides what `normaliseMessage` allows: pings come where the encoder puts them,
 * deltas without anything in them are left out, calls whose input stands in their start or in `message_start` have it
 * in a delta.
 */
function shapeOf(events: readonly JsonObject[]): readonly string[] {
  const shape: string[] = [];
  const blocks = events.flatMap(({ type, message }) =>
    type === 'message_start' && isObject(message) && Array.isArray(message.content) ? message.content : [],
  );
  const whole = (index: unknown, block: unknown): void => {
    const { type, input } = isObject(block) ? block : {};
    shape.push(`content_block_start ${index} ${type}`);
    if (isObject(input) && Object.keys(input).length > 0)
      shape.push(`input_json_delta ${index} ${JSON.stringify(input)}`);
  };
  for (const event of events) {
    const { type, index } = event;
    if (type === 'ping') continue;
    if (type === 'content_block_start') {
      whole(index, event.content_block);
      continue;
    }
    if (type !== 'content_block_delta') {
      shape.push(`${type} ${index}`);
      if (type === 'message_start') {
        blocks.forEach((block, place) => {
          whole(place, block);
          shape.push(`content_block_stop ${place}`);
        });
        // What such a message says of its end stands there as well.
        if (blocks.length > 0) shape.push('message_delta undefined');
      }
      continue;
    }
    const { type: delta, ...piece } = isObject(event.delta) ? event.delta : {};
    const [said] = Object.values(piece);
    if (said !== '') shape.push(`${delta} ${index} ${typeof said === 'string' ? said : JSON.stringify(said)}`);
  }
  return shape;
}
