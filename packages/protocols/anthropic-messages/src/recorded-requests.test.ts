import { type ConversionChange, InvalidRequestError } from '@proxycast/spec';
import { loadRecordings, requestOf } from '@proxycast/testkit';
import { isObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { codec } from './codec.ts';

/**
 * What a request may look like after decoding and encoding in the same dialect, the API understanding the same:
 * a text is a list of one text block; neighbouring messages of one role are one, results first; `stream: false`
 * is left out, and so is an empty list of citations.
 */
function normalise(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { stream, system, messages, ...rest } = body;
  const merged: { role: unknown; content: unknown[] }[] = [];
  for (const message of Array.isArray(messages) ? messages.filter(isObject) : []) {
    const content = asBlocks(message.content).map(normaliseBlock);
    const last = merged.at(-1);
    if (last !== undefined && last.role === message.role) last.content.push(...content);
    else merged.push({ role: message.role, content });
  }
  for (const message of merged) {
    const isResult = (block: unknown) => isObject(block) && block.type === 'tool_result';
    message.content = [...message.content.filter(isResult), ...message.content.filter((block) => !isResult(block))];
  }
  return {
    ...rest,
    ...(stream === true ? { stream } : {}),
    ...(system === undefined ? {} : { system: asBlocks(system) }),
    messages: merged,
  };
}

const asBlocks = (content: unknown): unknown[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [];

function normaliseBlock(block: unknown): unknown {
  if (!isObject(block)) return block;
  if (block.type !== 'tool_result' || block.content === undefined) return block;
  const { content, ...rest } = block;
  const blocks = asBlocks(content).filter((inner) => !isObject(inner) || inner.text !== '');
  return blocks.length === 0 ? rest : { ...rest, content: blocks };
}

const recordings = loadRecordings({
  protocol: ['anthropic', 'anthropic-count'],
  status: 200,
  hasRequest: true,
});

test('there are recorded requests', () => {
  expect(recordings.length).toBeGreaterThan(120);
});

describe.each(recordings.map((recording) => ({ file: recording.file, recording })))('$file', ({ recording }) => {
  test('says the same after decoding and encoding, and nothing is reported', () => {
    const body = requestOf(recording);
    const isTokenCount = recording.protocol === 'anthropic-count';
    const isStream = body?.stream === true;
    const request = codec.decodeRequest(body, { isStream, isTokenCount });
    const changes: ConversionChange[] = [];
    const encoded = codec.encodeRequest(request, {
      model: String(body?.model),
      isStream,
      isTokenCount,
      origin: 'anthropic:recorded',
      report: (field, action) => changes.push({ field, action }),
    });
    expect(normalise(encoded.body)).toEqual(normalise(body));
    expect(changes).toEqual([]);
    expect(encoded.headers).toBeUndefined();
    expect(encoded.bridge).toBeUndefined();
  });
});

test('whatever stands in a request, it is decoded and encoded, or refused with a field', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const others = [
    null,
    true,
    0,
    -1.5,
    '',
    'x',
    [],
    ['x', null],
    {},
    { type: 'text' },
    { type: 7 },
    { type: 'x_tool_use' },
  ];
  /** The same value with some of what is inside it replaced, left out or doubled. */
  const damage = (value: unknown): unknown => {
    if (random(14) === 0) return others[random(others.length)];
    if (Array.isArray(value))
      return value.flatMap((item) => (random(20) === 0 ? [damage(item), item] : [damage(item)]));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(() => random(25) !== 0)
        .map(([name, item]) => [name, damage(item)]),
    );
  };
  const counts = { taken: 0, refused: 0 };
  for (let round = 0; round < 3000; round++) {
    const recording = recordings[round % recordings.length];
    const body = damage(recording === undefined ? {} : requestOf(recording));
    try {
      const request = codec.decodeRequest(body, { isStream: false });
      const model = round % 2 === 0 ? 'claude-opus-4-8' : 'claude-sonnet-4-0';
      codec.encodeRequest(request, { model, isStream: false, origin: 'anthropic:x', report: () => {} });
      counts.taken++;
    } catch (fault) {
      if (!(fault instanceof InvalidRequestError)) throw fault;
      counts.refused++;
    }
  }
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(100);
});
