import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import { loadRecordings, requestOf } from '@proxycast/testkit';
import type { JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';
import { normaliseRequest } from './testing/normalise.ts';
import { ORIGIN, objectsIn } from './testing/recorded.ts';

const recordings = loadRecordings({ protocol: ['openai-responses', 'responses-count'], hasRequest: true });
const requests: readonly (readonly [string, JsonObject, boolean])[] = [
  ...new Map(
    recordings.map((recording) => [
      recording.requestText(),
      [recording.file, requestOf(recording) ?? {}, recording.protocol === 'responses-count'] as const,
    ]),
  ).values(),
];

test('there are recorded requests', () => {
  expect(requests.length).toBeGreaterThan(160);
});

function sent(request: ChatRequest, isTokenCount = false): JsonObject {
  const { body } = encodeRequest(request, {
    model: request.model,
    isStream: request.stream,
    origin: ORIGIN,
    isTokenCount,
    report: (field, action) => {
      throw new Error(`${field} ${action}`);
    },
  });
  return JSON.parse(JSON.stringify(body));
}

describe.each(requests)('the request of %s', (_file, body, isTokenCount) => {
  const request = decodeRequest(body, { isStream: body['stream'] === true });

  test('comes out as it went in, with nothing to report', () => {
    expect(normaliseRequest(sent(request, isTokenCount))).toEqual(normaliseRequest(body));
  });

  test('keeps turns that are answered in order', () => {
    const items = objectsIn(body['input']);
    const outputs = items.filter(({ type }) => String(type).endsWith('call_output'));
    const results = request.turns.flatMap((turn) => (turn.role === 'tool' ? turn.blocks : []));
    expect(results.map((block) => (block.type === 'tool-result' ? block.callId : ''))).toEqual(
      outputs.map((item) => item['call_id']),
    );
    request.turns.forEach((turn, index) => {
      const next = request.turns[index + 1];
      if (turn.role === 'assistant' || turn.role === 'tool') expect(next?.role).not.toBe(turn.role);
    });
  });
});

test('a request that anything was changed in is decoded or refused, and nothing else', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed % below;
  };
  const values: readonly unknown[] = [null, 0, -1, '', 'x', [], {}, [null], [[]], { type: 'message' }, true];
  const damage = (value: unknown): unknown => {
    if (random(12) === 0) return values[random(values.length)];
    if (Array.isArray(value)) return value.map(damage);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, damage(inner)]));
  };
  let decoded = 0;
  for (let round = 0; round < 1500; round++) {
    const body = damage(requests[random(requests.length)]?.[1]);
    try {
      const request = decodeRequest(body, { isStream: false });
      decoded++;
      encodeRequest(request, { model: 'm', isStream: false, origin: ORIGIN, report: () => {} });
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidRequestError);
    }
  }
  expect(decoded).toBeGreaterThan(100);
});
