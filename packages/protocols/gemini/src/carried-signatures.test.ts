import { tagSignature, unfoldAnswer } from '@proxycast/conversion';
import type { ChatBlock, ChatRequest, ChatResponse, Signature } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { codec } from './codec.ts';

const REQUEST: ChatRequest = { protocol: 'gemini', model: 'asked', stream: true, turns: [], tools: [] };
const CONTEXT = { request: REQUEST, nowMs: 0 };
const signed = (value: string): Signature => ({ origin: 'anthropic:claude', value });
const thinking = (text: string, value: string): ChatBlock => ({
  type: 'thinking',
  kind: 'full',
  parts: text === '' ? [] : [text],
  signature: signed(value),
});
const call = (callId: string, more: Partial<Extract<ChatBlock, { type: 'tool-call' }>> = {}): ChatBlock => ({
  type: 'tool-call',
  callId,
  name: 'read',
  kind: 'function',
  input: { a: 1 },
  ...more,
});
const text = (words: string): ChatBlock => ({ type: 'text', text: words });

const answerOf = (blocks: readonly ChatBlock[]): ChatResponse => ({
  id: 'r',
  model: 'm',
  choices: [{ blocks, reason: 'tool-use' }],
});

/** The parts a client keeps, whole or in the pieces of a stream. */
function partsOf(blocks: readonly ChatBlock[], isStream: boolean): readonly JsonObject[] {
  const response = answerOf(blocks);
  if (!isStream) return partsIn(codec.encodeAnswer(response, CONTEXT));
  const encoder = codec.createStreamEncoder({ ...CONTEXT, framing: 'json-array' });
  const chunks = parseJson(encoder.push(unfoldAnswer(response)) + encoder.end());
  return (Array.isArray(chunks) ? chunks.filter(isObject) : []).flatMap(partsIn);
}

function partsIn(body: JsonObject): readonly JsonObject[] {
  const [candidate]: readonly unknown[] = Array.isArray(body.candidates) ? body.candidates : [];
  const content = isObject(candidate) && isObject(candidate.content) ? candidate.content : {};
  return Array.isArray(content.parts) ? content.parts.filter(isObject) : [];
}

/** What the next request of a client says the model said. */
function comeBack(parts: readonly JsonObject[], isEachItsOwn = false): readonly ChatBlock[] {
  const contents = isEachItsOwn ? parts.map((part) => ({ role: 'model', parts: [part] })) : [{ role: 'model', parts }];
  const request = codec.decodeRequest(
    { contents: [{ parts: [{ text: 'hi' }] }, ...contents] },
    { pathModel: 'm', isStream: false },
  );
  return request.turns[1]?.blocks ?? [];
}

const CASES: readonly (readonly [string, readonly ChatBlock[]])[] = [
  ['thinking before a call', [thinking('hm', 's1'), call('1')]],
  ['thinking, text and calls', [thinking('hm', 's1'), text('so'), call('1'), call('2')]],
  ['thinking without text', [thinking('', 's1'), call('1')]],
  ['thinking between calls', [thinking('a', 's1'), call('1'), thinking('b', 's2'), call('2')]],
  ['encrypted thinking', [{ type: 'redacted-thinking', signature: signed('s1') }, text('so'), call('1')]],
  ['both kinds of thinking', [thinking('a', 's1'), { type: 'redacted-thinking', signature: signed('s2') }, call('1')]],
  ['thinking before text alone', [thinking('hm', 's1'), text('so')]],
  ['a call signed by another service', [call('1', { signature: signed('s1') })]],
  ['thinking and a call, both signed', [thinking('hm', 's1'), call('1', { signature: signed('s2') })]],
];

describe.each([
  ['whole', false],
  ['in a stream', true],
])('%s', (_name, isStream) => {
  test.each(CASES)('%s comes back as it was', (_case, blocks) => {
    const parts = partsOf(blocks, isStream);
    expect(comeBack(parts)).toEqual(blocks);
    // Chats of the SDK keep each piece as a content of its own.
    expect(comeBack(parts, true)).toEqual(blocks);
  });

  test.each(CASES)('%s comes back from a client that writes base64 for URLs', (_case, blocks) => {
    const parts = partsOf(blocks, isStream).map(({ thoughtSignature, ...part }) =>
      typeof thoughtSignature === 'string'
        ? { ...part, thought_signature: thoughtSignature.replaceAll('+', '-').replaceAll('/', '_') }
        : part,
    );
    expect(comeBack(parts)).toEqual(blocks);
  });

  test('from a client that keeps no thoughts, a call brings back the thinking before it, signed', () => {
    const parts = partsOf(
      [thinking('hm', 's1'), { type: 'redacted-thinking', signature: signed('s2') }, text('so'), call('1')],
      isStream,
    );
    expect(comeBack(parts.filter(({ thought }) => thought !== true))).toEqual([
      thinking('hm', 's1'),
      { type: 'redacted-thinking', signature: signed('s2') },
      text('so'),
      call('1'),
    ]);
  });

  test('from a client that drops parts without text, the thoughts it kept are signed again', () => {
    const parts = partsOf([thinking('hm', 's1'), call('1')], isStream).map(({ thoughtSignature, ...part }) =>
      part.thought === true ? part : { ...part, ...(thoughtSignature === undefined ? {} : { thoughtSignature }) },
    );
    expect(comeBack(parts.filter((part) => part.text !== ''))).toEqual([thinking('hm', 's1'), call('1')]);
  });

  test('every signature is base64, and none is text', () => {
    for (const [, blocks] of CASES) {
      for (const part of partsOf(blocks, isStream)) {
        if (part.thoughtSignature !== undefined) expect(part.thoughtSignature).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
        expect(String(part.text ?? '')).not.toMatch(/s1|s2/);
      }
    }
  });
});

test('a tagged signature of this dialect elsewhere is its own again', () => {
  const tagged = tagSignature({ origin: 'gemini:vertex', value: 'c2ln' }, 'anthropic');
  expect(comeBack([{ text: 'a', thoughtSignature: tagged }])).toEqual([
    { type: 'text', text: 'a', signature: { origin: 'gemini:vertex', value: 'c2ln' } },
  ]);
});

test('nonsense in a tagged signature is not taken for a list', () => {
  for (const value of ['carried:', 'carried:{}', 'carried:[[1]]', 'carried:[["part"]]']) {
    const thoughtSignature = tagSignature({ origin: 'anthropic:claude', value }, 'gemini');
    const part = { functionCall: { name: 'read', args: { a: 1 }, id: '1' }, thoughtSignature };
    expect(comeBack([part]).length).toBeGreaterThan(0);
  }
});
