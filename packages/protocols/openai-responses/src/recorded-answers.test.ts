import { createStopReasonSettler, foldAnswer, textOf } from '@proxycast/conversion';
import type { ChatRequest, ChatResponse, StreamEvent } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeAnswer } from './decode-answer.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { normaliseAnswer, normaliseEvent } from './testing/normalise.ts';
import {
  bodies,
  bodyOf,
  DECODING,
  eventsOf,
  finalResponseOf,
  framesOf,
  framesOfRecording,
  ORIGIN,
  objectsIn,
  type Said,
  saidIn,
  streams,
} from './testing/recorded.ts';

const REQUEST: ChatRequest = { protocol: 'responses', model: 'asked', stream: true, turns: [], tools: [] };
const ENCODING = { request: REQUEST, nowMs: 1_700_000_000_999 };

/** Written by hand: the text of its `done` events is not what its deltas said. */
const AT_ODDS = 'openai-responses/ver-openai-shell-container-1.sse';
/** Refused for want of quota after its first events. */
const FAILED = 'openai-responses/ver-openai-error-1.sse';
/** Events that other decoders would see in another order, or that came out of nothing but a `done`. */
const OTHERWISE_ORDERED: Readonly<Record<string, string>> = {
  'openai-responses/ver-openai-custom-tool-1.sse': 'has no input.done',
  'responses-compatible/lmstudio/ver-lmstudio-tool-call-1.sse': 'has no arguments.delta',
  'responses-compatible/openrouter/pyd-openai-responses-raw-cot-stream-openrouter.sse': 'has items that overlap',
  'openai-responses/pyd-openai-responses-model-mcp-list-tools-stream-backfills-missing-results.sse':
    'has items that are never done',
  [AT_ODDS]: 'says two things',
  [FAILED]: 'says its error twice',
};

/** Answers whose stream and final event differ in more than that. */
const FOLDS_OTHERWISE: Readonly<Record<string, string>> = {
  'openai-responses/pyd-openai-responses-model-mcp-list-tools-stream-backfills-missing-results.sse':
    'has items that only the final event finishes: they are the last blocks',
  'responses-compatible/openrouter/pyd-openai-responses-raw-cot-stream-openrouter.sse': 'changes its ids at the end',
  [AT_ODDS]: 'says two things',
  [FAILED]: 'has no answer',
};

/** Left out where it cannot be so, for the reason in one of the lists above. */
function testUnless(isLeftOut: boolean): (name: string, check: () => void) => void {
  return isLeftOut ? () => {} : test;
}

function decode(frames: Parameters<ReturnType<typeof createStreamDecoder>['push']>[0]): readonly StreamEvent[] {
  const decoder = createStreamDecoder(DECODING);
  return [...decoder.push(frames), ...decoder.end()];
}

const fold = (events: readonly StreamEvent[]): ChatResponse => foldAnswer(events, { id: 'x', model: 'y' });

function saidBy({ choices, usage }: ChatResponse): Said {
  const blocks = choices[0]?.blocks ?? [];
  return {
    text: textOf(blocks),
    refusal: blocks.map((block) => (block.type === 'refusal' ? block.text : '')).join(''),
    thinking: blocks.map((block) => (block.type === 'thinking' ? block.parts.join('') : '')).join(''),
    calls: blocks.flatMap((block) =>
      block.type === 'tool-call' ? [[block.callId, block.name, block.input] as const] : [],
    ),
    usage: usage === undefined ? undefined : { ...usage, extensions: undefined },
  };
}

const reasonOf = (response: ChatResponse): unknown => response.choices[0]?.reason;

test('there are recordings of both kinds', () => {
  expect([streams.length, bodies.length]).toEqual([85, 146]);
});

describe.each(bodies.map((recording) => [recording.file, recording] as const))('%s', (_file, recording) => {
  const body = bodyOf(recording);

  test('is decoded to what it says', () => {
    const decoded = decodeAnswer(body, DECODING);
    expect(saidBy(decoded)).toEqual(saidIn(body));
    expect(decoded).toMatchObject({ id: body['id'], model: body['model'], createdAtSeconds: body['created_at'] });
  });

  test('comes out as it went in', () => {
    expect(normaliseAnswer(encodeAnswer(decodeAnswer(body, DECODING), ENCODING))).toEqual(normaliseAnswer(body));
  });
});

describe.each(streams.map((recording) => [recording.file, recording] as const))('%s', (file, recording) => {
  const frames = framesOfRecording(recording);
  const response = finalResponseOf(frames);

  testUnless(file === AT_ODDS || file === FAILED)('is decoded to what its final event says', () => {
    const decoded = fold(decode(frames));
    expect(response).toBeDefined();
    expect(saidBy(decoded)).toEqual(saidIn(response ?? {}));
    expect(reasonOf(decoded)).toBe(reasonOf(decodeAnswer(response, DECODING)));
  });

  testUnless(file in FOLDS_OTHERWISE)('folds to what its final event decodes to', () => {
    const secret = /"value":"[^"]*"/g;
    const plain = (decoded: ChatResponse) =>
      normaliseAnswer(parseJson(JSON.stringify(decoded).replaceAll(secret, '"value":"encrypted"')));
    const folded = plain(fold(decode(frames)));
    const whole = plain(decodeAnswer(response, DECODING));
    // Items that the final event encrypted anew, and logprobs that it rounded, say the same.
    expect(withoutOwn(folded)).toEqual(withoutOwn(whole));
  });

  test('is the same events, frame by frame and all at once', () => {
    const decoder = createStreamDecoder(DECODING);
    const single = frames.flatMap((frame) => decoder.push([frame]));
    expect([...single, ...decoder.end()]).toEqual(decode(frames));
  });

  test('names its blocks from 0, begins and ends each, and ends once', () => {
    const open = new Set<number>();
    let next = 0;
    for (const event of decode(frames)) {
      if (event.type === 'block-end') expect(open.delete(event.block)).toBe(true);
      else if ('block' in event && (event.type.endsWith('-start') || isWhole(event.type))) {
        expect(event.block).toBe(next++);
        open.add(event.block);
      } else if ('block' in event) expect(open.has(event.block)).toBe(true);
    }
    expect([...open]).toEqual([]);
    const types = decode(frames).map(({ type }) => type);
    expect(types.filter((type) => type === 'message-start')).toHaveLength(1);
    expect(types.filter((type) => type === 'message-end' || type === 'error')).toHaveLength(1);
    expect(types.at(-1)).toBe(file === FAILED ? 'error' : 'message-end');
  });

  testUnless(file in OTHERWISE_ORDERED)('comes out event by event as it went in', () => {
    const encoder = createStreamEncoder(ENCODING);
    const decoder = createStreamDecoder(DECODING);
    let text = '';
    for (const frame of frames) text += encoder.push(decoder.push([frame]));
    text += encoder.push(decoder.end()) + encoder.end();
    const written = eventsOf(framesOf(text));
    expect(written.map(normaliseEvent)).toEqual(eventsOf(frames).map(normaliseEvent));
    expect(written.map((event) => event['sequence_number'])).toEqual(written.map((_, index) => index));
  });

  test('cut after any frame it ends with an error, and as a response that failed', () => {
    const places = frames.length < 60 ? frames.map((_, place) => place) : sample(frames.length);
    for (const place of places) {
      const cut = frames.slice(0, place);
      if (finalResponseOf(cut)?.['status'] === 'completed') continue;
      const events = decode(cut);
      const last = events.at(-1);
      expect(last?.type).toBe('error');
      expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
      expect(blocksOpenIn(events)).toBe(0);
      const encoder = createStreamEncoder(ENCODING);
      const written = eventsOf(framesOf(encoder.push(events) + encoder.end()));
      expect(written.at(-1)?.['type']).toBe(place === 0 ? 'error' : 'response.failed');
      expect(written.some(({ type }) => type === 'response.completed')).toBe(false);
    }
  });
});

/** The first frames, the last ones, and some of the others. */
function sample(length: number): readonly number[] {
  const step = Math.ceil(length / 40);
  return Array.from({ length }, (_, place) => place).filter(
    (place) => place < 6 || place > length - 6 || place % step === 0,
  );
}

const isWhole = (type: string): boolean =>
  ['redacted-thinking', 'server-tool-result', 'image', 'opaque'].includes(type);

function blocksOpenIn(events: readonly StreamEvent[]): number {
  const ends = events.filter(({ type }) => type === 'block-end').length;
  return (
    events.filter(({ type }) => type.endsWith('-start') && type !== 'message-start').length +
    events.filter(({ type }) => isWhole(type)).length -
    ends
  );
}

function withoutOwn(response: unknown): unknown {
  if (Array.isArray(response)) return response.map(withoutOwn);
  if (!isObject(response)) return response;
  const { encrypted_content: _, fingerprint: __, ...rest } = response;
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, withoutOwn(value)]));
}

test('every signature of a recorded answer names its origin', () => {
  let count = 0;
  for (const recording of bodies) {
    const encrypted = objectsIn(bodyOf(recording)['output']).filter(
      ({ type, encrypted_content: value }) => type === 'reasoning' && typeof value === 'string' && value !== '',
    );
    const blocks = decodeAnswer(bodyOf(recording), DECODING).choices[0]?.blocks ?? [];
    const signatures = blocks.flatMap((block) => ('signature' in block ? [block.signature] : []));
    expect(signatures).toEqual(encrypted.map(({ encrypted_content: value }) => ({ origin: ORIGIN, value })));
    count += signatures.length;
  }
  expect(count).toBeGreaterThan(30);
});

test('reasons agree with calls', () => {
  for (const recording of streams) {
    const events = decode(framesOfRecording(recording));
    expect(createStopReasonSettler()(events)).toBe(events);
  }
});
