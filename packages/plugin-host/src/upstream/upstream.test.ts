import { EVENT_FIELDS } from '@proxycast/spec/plugin';
import { describe, expect, test } from 'vitest';
import { createFrameCutter } from './cut-frames.ts';
import { createLeaseCache, type LeaseKey } from './lease-cache.ts';
import { parsePluginEvents } from './parse-plugin-events.ts';
import { createRequestPatcher } from './request-patcher.ts';

const VALUES = { sessionId: 's', requestId: 'r', model: 'm', nowMs: 1000 };
const KEY: LeaseKey = { credentialId: 'c', credentialVersion: 1, operation: 'chat', model: 'm', isStream: true };
const LEASE = {
  type: 'lease',
  method: 'POST',
  url: 'https://api.example.com/v1/{{model}}?at={{now_s}}',
  headers: [['X-Request', '{{request}} {{unknown}}']],
  read: { dialect: 'openai' },
  ttl_ms: 500,
  max_uses: 2,
} as const;

describe('leases', () => {
  test('are filled at each use, and end by time, by uses, by version', () => {
    const cache = createLeaseCache();
    cache.put(KEY, LEASE, 1000);
    expect(cache.take(KEY, VALUES)).toMatchObject({
      origin: 'https://api.example.com',
      path: '/v1/m?at=1',
      headers: ['x-request', 'r {{unknown}}'],
    });
    expect(cache.take({ ...KEY, isStream: false }, VALUES)).toBeUndefined();
    expect(cache.take(KEY, VALUES)).toBeDefined();
    expect(cache.take(KEY, VALUES)).toBeUndefined();
    cache.put(KEY, LEASE, 1000);
    expect(cache.take(KEY, { ...VALUES, nowMs: 1500 })).toBeUndefined();
    cache.put(KEY, LEASE, 1000);
    expect(cache.take({ ...KEY, credentialVersion: 2 }, VALUES)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('are bounded, and go with their credential', () => {
    const cache = createLeaseCache();
    for (let at = 0; at < 20_000; at++)
      cache.put({ ...KEY, credentialId: `c${at % 300}`, model: `m${at}` }, LEASE, 1000);
    expect(cache.size).toBeLessThanOrEqual(5000);
    for (let at = 0; at < 1000; at++) cache.put({ ...KEY, model: `m${at}` }, LEASE, 1000);
    expect(cache.take({ ...KEY, model: 'm999' }, VALUES)).toBeDefined();
    expect(cache.take({ ...KEY, model: 'm1' }, VALUES)).toBeUndefined();
    cache.dropCredential('c');
    cache.put(KEY, LEASE, 1000);
    const before = cache.size;
    cache.dropCredential('c');
    expect(cache.size).toBe(before - 1);
    cache.clear();
    expect(cache.size).toBe(0);
  });
});

describe('patches', () => {
  test('top-level fields are for splicing, deeper ones need the body parsed', () => {
    const patcher = createRequestPatcher({
      remove: ['user', 'metadata.trace', 'a\\.b'],
      set: { store: false, id: '{{request}}', 'options.deep.x': 1, 'text.y': 2 },
    });
    expect(patcher.top(VALUES)).toEqual({ remove: ['user', 'a.b'], set: { store: false, id: 'r' } });
    const body = { metadata: { trace: 1, keep: 2 }, text: 'no object' };
    expect(patcher.rewrite?.(body, VALUES)).toEqual({
      metadata: { keep: 2 },
      options: { deep: { x: 1 } },
      text: 'no object',
    });
  });

  test('an envelope is bytes around the body', () => {
    const wrap = (beside: object): string => {
      const envelope = createRequestPatcher({ envelope: { field: 'request', beside: { ...beside } } }).envelope?.(
        VALUES,
      );
      return Buffer.concat([
        envelope?.before ?? Buffer.of(),
        Buffer.from('{"a":1}'),
        envelope?.after ?? Buffer.of(),
      ]).toString();
    };
    expect(JSON.parse(wrap({ project: 'p', id: '{{request}}' }))).toEqual({ project: 'p', id: 'r', request: { a: 1 } });
    expect(wrap({})).toBe('{"request":{"a":1}}');
  });

  test('a path leads into no prototype', () => {
    const patcher = createRequestPatcher({
      set: { '__proto__.polluted': true, 'constructor.prototype.polluted': true },
    });
    patcher.rewrite?.({}, VALUES);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('events of a plugin', () => {
  const parse = (events: unknown): unknown => parsePluginEvents(JSON.stringify(events), 'openai:sample');

  test('come as they are; signatures get the origin that is theirs, failures become errors', () => {
    expect(
      parse([
        { type: 'text-delta', block: 0, text: 'x' },
        {
          type: 'tool-call-start',
          block: 1,
          callId: 'c',
          name: 'n',
          kind: 'function',
          signature: { value: 'v', origin: 'other' },
        },
        { type: 'error', error: { code: 'cut', kind: 'upstream-failed', message: 'm', retryAfterMs: 5 } },
      ]),
    ).toMatchObject([
      { type: 'text-delta', block: 0, text: 'x' },
      { signature: { value: 'v', origin: 'openai:sample' } },
      { type: 'error', error: { code: 'cut', fault: 'upstream', retryAfterMs: 5 } },
    ]);
  });

  test.each([
    { events: {}, words: 'in no list' },
    { events: [1], words: 'event 0 is no object' },
    { events: [{ type: 'ping' }, { type: 'pong' }], words: 'event 1 has an unknown type' },
    { events: [{ type: 'constructor' }], words: 'unknown type' },
    { events: [{ type: 'text-delta', block: 0 }], words: 'text is missing' },
    { events: [{ type: 'text-delta', block: -1, text: '' }], words: 'block is wrong' },
    { events: [{ type: 'text-delta', block: 1e9, text: '' }], words: 'block is too high' },
    { events: [{ type: 'message-end', reason: 'bored' }], words: 'reason is wrong' },
    { events: [{ type: 'signature', block: 0, signature: 'x' }], words: 'signature is wrong' },
    {
      events: [{ type: 'image', block: 0, source: { type: 'file-id', fileId: 'x', origin: 'y' } }],
      words: 'source is wrong',
    },
    { events: [{ type: 'error', error: { code: 1, kind: 'internal', message: '' } }], words: 'error is wrong' },
  ])('$events: $words', ({ events, words }) => {
    expect(() => parse(events)).toThrow(words);
  });

  test('every event there is has its fields in the table', () => {
    expect(Object.keys(EVENT_FIELDS)).toHaveLength(25);
  });
});

describe('frames', () => {
  const cut = (framing: Parameters<typeof createFrameCutter>[0], chunks: readonly string[]): string[] => {
    const cutter = createFrameCutter(framing);
    return [...chunks.flatMap((chunk) => cutter.push(Buffer.from(chunk, 'latin1'))), ...cutter.end()].map(
      ({ data }) => data,
    );
  };
  test.each([
    { framing: 'lines', chunks: ['a\r\nb', 'c\n\n', 'd'], frames: ['a', 'bc', 'd'] },
    { framing: 'raw', chunks: ['a\xff', 'b'], frames: ['a\xff', 'b'] },
    { framing: 'whole', chunks: ['{"a"', ':1}'], frames: ['{"a":1}'] },
    { framing: 'sse', chunks: ['data: a\n', '\ndata: b\n\n'], frames: ['a', 'b'] },
  ] as const)('$framing', ({ framing, chunks, frames }) => {
    expect(cut(framing, chunks)).toEqual(frames);
  });
});
