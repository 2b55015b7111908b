import { foldAnswer } from '@proxycast/conversion';
import type { ChatBlock, ChatRequest, ChatResponse, Frame, Signature, StreamEvent } from '@proxycast/spec';
import { UpstreamError } from '@proxycast/spec';
import { loadRecordings } from '@proxycast/testkit';
import { isObject, type JsonObject, parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { codec } from './codec.ts';
import { foldRawAnswer, type RawAnswer, readRawFrames } from './testing/raw-answer.ts';

const CONTEXT = { origin: 'gemini:google', fallbackId: 'fallback', model: 'asked' };
const FALLBACK = { id: 'fallback', model: 'asked' };
const REQUEST: ChatRequest = { protocol: 'gemini', model: 'asked', stream: true, turns: [], tools: [] };

const answered = loadRecordings({ protocol: 'gemini', status: 200 }).map((recording) => ({
  file: recording.file,
  isStream: recording.kind === 'stream',
  text: recording.bytes().toString('utf8'),
}));

/** The model called a function nobody declared: an answer for no one. */
const BROKEN = answered.filter(({ text }) => text.includes('"UNEXPECTED_TOOL_CALL"'));
const usable = answered.filter((recording) => !BROKEN.includes(recording));

const framesOf = (text: string): readonly Frame[] =>
  readRawFrames(text).map((frame) => ({ data: JSON.stringify(frame) }));

function decodeStream(frames: readonly Frame[], isOneByOne = false): readonly StreamEvent[] {
  const decoder = codec.createStreamDecoder(CONTEXT);
  const events = isOneByOne ? frames.flatMap((frame) => decoder.push([frame])) : decoder.push(frames);
  return [...events, ...decoder.end()];
}

const decodeBody = (text: string): ChatResponse => codec.decodeAnswer(parseJson(text), CONTEXT);
const decode = ({ text, isStream }: { readonly text: string; readonly isStream: boolean }): ChatResponse =>
  isStream ? foldAnswer(decodeStream(framesOf(text)), FALLBACK) : decodeBody(text);

function encodeStream(events: readonly StreamEvent[], framing: 'sse' | 'json-array'): string {
  const encoder = codec.createStreamEncoder({ request: REQUEST, nowMs: 0, framing });
  return encoder.push(events) + encoder.end();
}

const textIn = (blocks: readonly ChatBlock[]): string =>
  blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
const thoughtIn = (blocks: readonly ChatBlock[]): string =>
  blocks.map((block) => (block.type === 'thinking' ? block.parts.join('') : '')).join('');
const inputOf = (input: JsonObject | string): unknown => (typeof input === 'string' ? parseJson(input) : input);

const STOPS: Readonly<Record<string, string>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'refusal',
  MODEL_ARMOR: 'refusal',
};

function usageIn({ usage }: RawAnswer): JsonObject | undefined {
  if (usage?.totalTokenCount === undefined) return undefined;
  const count = (name: string): number => Number(usage[name] ?? 0);
  const named = {
    input: count('promptTokenCount') + count('toolUsePromptTokenCount'),
    cacheRead: usage.cachedContentTokenCount,
    output: count('totalTokenCount') - count('promptTokenCount') - count('toolUsePromptTokenCount'),
    reasoning: usage.thoughtsTokenCount,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

test('there are answers of every kind', () => {
  expect(answered.filter(({ isStream }) => isStream).length).toBe(37);
  expect(answered.filter(({ isStream }) => !isStream).length).toBe(102);
});

test.each(BROKEN)('$file is a fault of the model', ({ text }) => {
  expect(() => decodeBody(text)).toThrow(expect.objectContaining({ code: 'upstream_malformed_tool_call' }));
});

describe.each(usable)('$file', ({ text, isStream }) => {
  const raw = foldRawAnswer(readRawFrames(text));

  test('is decoded to what it says', () => {
    const response = decode({ text, isStream });
    const [first] = response.choices;
    const blocks = first?.blocks ?? [];
    const parts = raw.candidates[0]?.parts ?? [];
    const rawText = (isThought: boolean): string =>
      parts.map((part) => ((part.thought === true) === isThought ? String(part.text ?? '') : '')).join('');
    expect(textIn(blocks)).toBe(rawText(false));
    expect(thoughtIn(blocks)).toBe(rawText(true));
    const calls = blocks.flatMap((block) => (block.type === 'tool-call' ? [block] : []));
    expect(calls.map(({ name, input }) => ({ name, args: inputOf(input) }))).toEqual(
      parts.flatMap(({ functionCall: call }) => (isObject(call) ? [{ name: call.name, args: call.args }] : [])),
    );
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(calls.length);
    expect(blocks.flatMap((block) => ('signature' in block && block.signature ? [block.signature] : []))).toEqual(
      parts.flatMap(({ thoughtSignature }): readonly Signature[] =>
        typeof thoughtSignature === 'string' ? [{ origin: 'gemini:google', value: thoughtSignature }] : [],
      ),
    );
    const reason = raw.candidates[0]?.finishReason;
    const stop = reason === undefined ? 'refusal' : STOPS[reason];
    expect(first?.reason).toBe(calls.length > 0 && (stop === 'end' || stop === 'other') ? 'tool-use' : stop);
    const { extensions: _, ...counts } = response.usage ?? {};
    expect(counts).toEqual(usageIn(raw) ?? {});
    expect(response.id).toBe(raw.fields.responseId);
    expect(response.model).toBe(raw.fields.modelVersion);
  });

  test('is itself again, as a whole, as a stream and as an array', () => {
    const response = decode({ text, isStream });
    const body = codec.encodeAnswer(response, { request: REQUEST, nowMs: 0 });
    expect(foldRawAnswer([body])).toEqual(raw);
    const events = decodeStream(framesOf(text));
    expect(foldRawAnswer(readRawFrames(encodeStream(events, 'sse')))).toEqual(raw);
    expect(foldRawAnswer(readRawFrames(encodeStream(events, 'json-array')))).toEqual(raw);
  });

  test('has the same events frame by frame, and folds to what its body decodes to', () => {
    const frames = framesOf(text);
    const events = decodeStream(frames);
    expect(decodeStream(frames, true)).toEqual(events);
    expect(foldAnswer(events, FALLBACK)).toEqual(codec.decodeAnswer(readRawFrames(text), CONTEXT));
    expect(
      decodeBody(JSON.stringify(codec.encodeAnswer(foldAnswer(events, FALLBACK), { request: REQUEST, nowMs: 0 }))),
    ).toEqual(foldAnswer(decodeStream(framesOf(encodeStream(events, 'sse'))), FALLBACK));
  });

  test('keeps the order of events, and ends with an error wherever it is cut', () => {
    const frames = framesOf(text);
    expectOrder(decodeStream(frames));
    for (let cut = 0; cut < frames.length; cut++) {
      const events = decodeStream(frames.slice(0, cut));
      const hadReason = foldRawAnswer(readRawFrames(text).slice(0, cut)).candidates[0]?.finishReason !== undefined;
      if (hadReason) continue;
      expectOrder(events);
      const last = events[events.length - 1];
      expect(last).toMatchObject({ type: 'error', error: { code: 'upstream_cut' } });
      expect(last?.type === 'error' && last.error).toBeInstanceOf(UpstreamError);
      expect(events.filter(({ type }) => type === 'message-end' || type === 'error').length).toBe(1);
    }
  });
});

/** Every block begins and ends once, in the order of its id, and one after the other. */
function expectOrder(events: readonly StreamEvent[]): void {
  let open: number | undefined;
  let next = 0;
  events.forEach((event, index) => {
    expect(event.type === 'message-start').toBe(index === 0 && event.type !== 'error');
    if (!('block' in event)) {
      if (event.type === 'message-end' || event.type === 'error') expect(open).toBeUndefined();
      return;
    }
    const isStart = event.block === next && open === undefined;
    if (isStart) {
      open = event.block;
      next++;
    }
    expect(event.block).toBe(open);
    if (event.type === 'block-end') open = undefined;
  });
  expect(open).toBeUndefined();
}
