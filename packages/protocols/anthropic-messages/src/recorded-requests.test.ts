import type { ConversionChange } from '@proxycast/spec';
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
