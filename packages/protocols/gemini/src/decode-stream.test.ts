import { foldAnswer } from '@proxycast/conversion';
import type { StreamEvent } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { createStreamDecoder } from './decode-stream.ts';

const CONTEXT = { origin: 'gemini:google', fallbackId: 'fallback', model: 'asked' };

function decodeTexts(texts: readonly string[]): readonly StreamEvent[] {
  const decoder = createStreamDecoder(CONTEXT);
  return [...texts.flatMap((data) => decoder.push([{ data }])), ...decoder.end()];
}

const decode = (...frames: readonly unknown[]): readonly StreamEvent[] =>
  decodeTexts(frames.map((frame) => JSON.stringify(frame)));

const chunk = (
  parts: readonly unknown[] | undefined,
  more: JsonObject = {},
  response: JsonObject = {},
): JsonObject => ({
  candidates: [{ ...(parts === undefined ? {} : { content: { parts, role: 'model' } }), ...more }],
  responseId: 'r1',
  modelVersion: 'gemini-3',
  ...response,
});
const STOP = { finishReason: 'STOP' };
const typesOf = (events: readonly StreamEvent[]): readonly string[] => events.map(({ type }) => type);
const blocksOf = (events: readonly StreamEvent[], choice = 0) =>
  foldAnswer(events, { id: '', model: '' }).choices[choice]?.blocks ?? [];
const call = (name: string, args?: unknown, more: JsonObject = {}) => ({ functionCall: { name, args, ...more } });
const signature = (value: string) => ({ origin: 'gemini:google', value });

describe('text and thoughts', () => {
  test('are blocks, one after the other', () => {
    expect(
      decode(
        chunk([{ text: 'h', thought: true }]),
        chunk([{ text: 'm', thought: true }, { text: 'a' }]),
        chunk([{ text: 'b' }], STOP),
      ),
    ).toEqual([
      { type: 'message-start', id: 'r1', model: 'gemini-3' },
      { type: 'thinking-start', kind: 'full', block: 0 },
      { type: 'thinking-delta', block: 0, text: 'h' },
      { type: 'thinking-delta', block: 0, text: 'm' },
      { type: 'block-end', block: 0 },
      { type: 'text-start', block: 1 },
      { type: 'text-delta', block: 1, text: 'a' },
      { type: 'text-delta', block: 1, text: 'b' },
      { type: 'block-end', block: 1 },
      { type: 'message-end', reason: 'end', upstreamReason: 'STOP' },
    ]);
  });

  test('bug 9: an empty part among thoughts begins no block', () => {
    const events = decode(
      chunk([{ text: 'a', thought: true }]),
      chunk([{ text: '' }]),
      chunk([{ text: 'b', thought: true }], STOP),
    );
    expect(blocksOf(events)).toEqual([{ type: 'thinking', kind: 'full', parts: ['ab'] }]);
  });

  test('a signed part is a block of its own, also without text', () => {
    const events = decode(
      chunk([{ text: 'a', thoughtSignature: 's1' }]),
      chunk([{ text: 'b' }]),
      chunk([{ text: '', thoughtSignature: 's2' }], STOP),
    );
    expect(blocksOf(events)).toEqual([
      { type: 'text', text: 'a', signature: signature('s1') },
      { type: 'text', text: 'b' },
      { type: 'text', text: '', signature: signature('s2') },
    ]);
  });
});

describe('calls', () => {
  test('bug 3, 17: are whole, each with an id and arguments of its own', () => {
    const events = decode(
      chunk([{ ...call('a', { x: 1 }), thoughtSignature: 's' }, call('a', { x: 2 })]),
      chunk([call('b')]),
      chunk([{ text: '' }], STOP),
    );
    const blocks = blocksOf(events);
    expect(blocks).toMatchObject([
      { type: 'tool-call', name: 'a', kind: 'function', input: '{"x":1}', signature: signature('s') },
      { type: 'tool-call', name: 'a', input: '{"x":2}' },
      { type: 'tool-call', name: 'b', input: '{}' },
    ]);
    const ids = blocks.map((block) => (block.type === 'tool-call' ? block.callId : ''));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(events.at(-1)).toMatchObject({ type: 'message-end', reason: 'tool-use', upstreamReason: 'STOP' });
  });

  test('have ids that the same answer has again and another has not', () => {
    const idsOf = (responseId: string) =>
      blocksOf(decode(chunk([call('a')], STOP, { responseId }))).map(
        (block) => block.type === 'tool-call' && block.callId,
      );
    expect(idsOf('r1')).toEqual(idsOf('r1'));
    expect(idsOf('r1')).not.toEqual(idsOf('r2'));
    expect(blocksOf(decode(chunk([call('a', {}, { id: 'own' })], STOP)))).toMatchObject([{ callId: 'own' }]);
  });

  test('bug 25, 26: end for a tool, also when the reason comes later', () => {
    expect(decode(chunk([call('a')]), chunk([{ text: '' }], STOP)).at(-1)).toMatchObject({ reason: 'tool-use' });
    expect(decode(chunk([call('a')]), chunk(undefined, STOP)).at(-1)).toMatchObject({ reason: 'tool-use' });
    expect(decode(chunk([call('a')], STOP), chunk([{ text: 'x' }], STOP)).at(-1)).toMatchObject({ reason: 'tool-use' });
  });

  test('in pieces are put together by their paths', () => {
    const piece = (partialArgs: readonly unknown[], willContinue = true) => ({
      functionCall: { partialArgs, willContinue },
    });
    const events = decode(
      chunk([{ functionCall: { name: 'a', willContinue: true }, thoughtSignature: 's' }]),
      chunk([piece([{ jsonPath: '$.city', stringValue: 'Bos', willContinue: true }])]),
      chunk([
        piece([
          { jsonPath: '$.city', stringValue: 'ton' },
          { jsonPath: "$.stops[0]['n.1']", numberValue: 2 },
        ]),
      ]),
      chunk([
        piece([
          { jsonPath: '$.stops[1].ok', boolValue: false },
          { jsonPath: '$.none', nullValue: 'NULL_VALUE' },
        ]),
      ]),
      chunk([
        piece([
          { jsonPath: '$.__proto__.x', stringValue: 'y' },
          { jsonPath: '$.far[99999]', numberValue: 1 },
        ]),
      ]),
      chunk([piece([{ jsonPath: 'no path [', stringValue: 'x' }, 4, { jsonPath: '$.again', stringValue: 'a' }])]),
      chunk([piece([{ jsonPath: '$.again', stringValue: 'b' }], false)]),
      chunk([call('b', { y: 1 })], STOP),
    );
    expect(blocksOf(events)).toMatchObject([
      {
        type: 'tool-call',
        name: 'a',
        input:
          '{"city":"Boston","stops":[{"n.1":2},{"ok":false}],"none":null,"__proto__":{"x":"y"},"far":[1],"again":"b"}',
        signature: signature('s'),
      },
      { type: 'tool-call', name: 'b', input: '{"y":1}' },
    ]);
  });

  test('bug 27: one that cannot be read is an error, so that the client tries again', () => {
    const events = decode(chunk([{ text: 'a' }]), chunk(undefined, { finishReason: 'MALFORMED_FUNCTION_CALL' }));
    expect(typesOf(events)).toEqual(['message-start', 'text-start', 'text-delta', 'block-end', 'error']);
    expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_malformed_tool_call', fault: 'upstream' } });
  });
});

describe('the end', () => {
  test.each([
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'refusal'],
    ['RECITATION', 'refusal'],
    ['PROHIBITED_CONTENT', 'refusal'],
    ['IMAGE_SAFETY', 'refusal'],
    ['OTHER', 'other'],
    ['SOMETHING_NEW', 'other'],
    [1, 'end'],
    [2, 'length'],
    [3, 'refusal'],
  ])('for %s is %s', (finishReason, reason) => {
    expect(decode(chunk([{ text: 'a' }], { finishReason })).at(-1)).toMatchObject({ type: 'message-end', reason });
  });

  test('without content or parts is one', () => {
    expect(typesOf(decode(chunk(undefined, STOP)))).toEqual(['message-start', 'message-end']);
    expect(typesOf(decode({ ...chunk([], STOP) }))).toEqual(['message-start', 'message-end']);
    expect(typesOf(decode({ candidates: [{ content: {}, finishReason: 'STOP' }] }))).toEqual([
      'message-start',
      'message-end',
    ]);
  });

  test('of a prompt that is refused is a refusal', () => {
    const events = decode({
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 3 },
      responseId: 'r',
    });
    expect(events.at(-1)).toEqual({ type: 'message-end', reason: 'refusal', upstreamReason: 'SAFETY' });
  });

  test('of several answers is one for each', () => {
    const answer = (index: number, text: string, more: JsonObject = {}) => ({
      index,
      content: { parts: [{ text }] },
      ...more,
    });
    const events = decode(
      { candidates: [answer(0, 'a'), answer(1, 'b')] },
      { candidates: [answer(1, 'c', STOP)] },
      { candidates: [answer(0, 'd', { finishReason: 'MAX_TOKENS' })] },
    );
    expect(foldAnswer(events, { id: '', model: '' }).choices).toMatchObject([
      { blocks: [{ text: 'ad' }], reason: 'length' },
      { blocks: [{ text: 'bc' }], reason: 'end' },
    ]);
    expect(decode({ candidates: [answer(0, 'a', STOP), answer(1, 'b')] }).at(-1)).toMatchObject({ type: 'error' });
  });

  test.each([
    ['nothing', []],
    ['no answer', ['{}']],
    ['half an answer', [JSON.stringify(chunk([{ text: 'a' }]))]],
    ['half a call', [JSON.stringify(chunk([{ functionCall: { name: 'a', willContinue: true } }]))]],
    ['counts alone', ['{"usageMetadata":{"totalTokenCount":1}}']],
    ['a terminator', ['[DONE]']],
  ])('bug 23: that comes after %s is an error that may be tried again', (_name, texts) => {
    const events = decodeTexts(texts);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_cut', kind: 'upstream-failed' } });
    expect(typesOf(events)).not.toContain('message-end');
    expect(typesOf(events)).not.toContain('tool-input-delta');
  });
});

describe('errors', () => {
  const error = {
    error: { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE', details: [{ retryDelay: '3s' }] },
  };

  test.each([
    ['an object', JSON.stringify(error)],
    ['an array', JSON.stringify([error])],
  ])('as %s end the stream', (_name, data) => {
    const events = decodeTexts([
      JSON.stringify(chunk([{ text: 'a' }])),
      data,
      JSON.stringify(chunk([{ text: 'b' }], STOP)),
    ]);
    expect(typesOf(events)).toEqual(['message-start', 'text-start', 'text-delta', 'block-end', 'error']);
    expect(events.at(-1)).toMatchObject({
      error: { code: 'UNAVAILABLE', kind: 'overloaded', message: 'Overloaded.', retryAfterMs: 3000 },
    });
  });

  test('a frame that is no JSON ends it too', () => {
    const events = decodeTexts([
      JSON.stringify(chunk([{ text: 'a' }])),
      '{"cand',
      JSON.stringify(chunk([{ text: 'b' }], STOP)),
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_invalid_frame' } });
  });

  test.each(['null', '7', '"x"', '[]', '{}', '', '{"candidates":{}}', '{"candidates":[null,7]}', '{"news":1}'])(
    'bug 21: the frame %s ends nothing',
    (data) => {
      const events = decodeTexts([
        JSON.stringify(chunk([{ text: 'a' }])),
        data,
        JSON.stringify(chunk([{ text: 'b' }], STOP)),
      ]);
      expect(blocksOf(events)).toEqual([{ type: 'text', text: 'ab' }]);
      expect(events.at(-1)).toMatchObject({ type: 'message-end', reason: 'end' });
    },
  );
});

test('bug 73, 74, 81: the last counts hold, and what is left out is 0', () => {
  const counted = (usageMetadata: JsonObject, more: JsonObject = {}) => chunk([{ text: 'a' }], more, { usageMetadata });
  const events = decode(
    counted({ promptTokenCount: 10, cachedContentTokenCount: 4, totalTokenCount: 10 }),
    counted(
      {
        promptTokenCount: 10,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 2,
        toolUsePromptTokenCount: 5,
        totalTokenCount: 20,
        cachedContentTokenCount: 4,
      },
      STOP,
    ),
  );
  expect(foldAnswer(events, { id: '', model: '' }).usage).toMatchObject({
    input: 15,
    cacheRead: 4,
    output: 5,
    reasoning: 2,
  });
});

describe('what else an answer may hold', () => {
  test('pictures, sound and files', () => {
    const events = decode(
      chunk([{ inlineData: { mimeType: 'image/png', data: 'QUJD' }, thoughtSignature: 's' }]),
      chunk([{ inlineData: { mimeType: 'audio/L16;rate=24000', data: 'QUJD' } }]),
      chunk([{ inlineData: { mimeType: 'audio/L16;rate=24000', data: 'QQ==' } }]),
      chunk([{ inlineData: { mimeType: 'audio/L16;rate=24000', data: 'QUJD' } }], STOP),
    );
    expect(blocksOf(events)).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QUJD' }, signature: signature('s') },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/L16;rate=24000', data: 'QUJDQQ==' } },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/L16;rate=24000', data: 'QUJD' } },
    ]);
  });

  test('bug 42: tools of the service, with their signatures', () => {
    const parts = [
      { toolCall: { toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['x'] }, id: '1' }, thoughtSignature: 's1' },
      { toolResponse: { toolType: 'GOOGLE_SEARCH_WEB', response: { a: 1 }, id: '1' }, thoughtSignature: 's2' },
      { executableCode: { language: 'PYTHON', code: '1' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } },
    ];
    expect(blocksOf(decode(chunk(parts, STOP)))).toMatchObject([
      {
        type: 'server-tool-call',
        callId: '1',
        tool: 'web-search',
        input: '{"queries":["x"]}',
        signature: signature('s1'),
      },
      { type: 'server-tool-result', callId: '1', tool: 'web-search', signature: signature('s2') },
      { type: 'server-tool-call', tool: 'code-execution', input: '{"language":"PYTHON","code":"1"}' },
      { type: 'server-tool-result', tool: 'code-execution', text: '2' },
    ]);
  });

  test('sources, whose places are counted in bytes', () => {
    const text = '漢字 é 😀 end. More.';
    const groundingMetadata = {
      webSearchQueries: ['q'],
      groundingChunks: [
        { web: { uri: 'https://a.example', title: 'A' } },
        { retrievedContext: { title: 'F', text: 'cited' } },
      ],
      groundingSupports: [
        { segment: { startIndex: 7, endIndex: 19, text: 'é 😀 end.' }, groundingChunkIndices: [0, 1, 9] },
        { segment: { startIndex: 3, endIndex: 4, text: 'More.' }, groundingChunkIndices: [0] },
        { segment: { endIndex: 3, text: 'not there' }, groundingChunkIndices: [0] },
      ],
    };
    const events = decode(
      chunk([{ text: text.slice(0, 5) }]),
      chunk([{ text: text.slice(5) }]),
      chunk([{ text: '', thoughtSignature: 's' }], { ...STOP, groundingMetadata }),
    );
    expect(blocksOf(events)).toMatchObject([
      {
        type: 'text',
        text,
        citations: [
          { type: 'url', url: 'https://a.example', title: 'A', startIndex: 3, endIndex: 12 },
          { type: 'file', title: 'F', citedText: 'cited', startIndex: 3, endIndex: 12 },
          { type: 'url', url: 'https://a.example', startIndex: 13, endIndex: 18 },
        ],
      },
      { type: 'text', text: '', signature: signature('s') },
      { type: 'server-tool-call', tool: 'web-search', input: '{"queries":["q"]}' },
      { type: 'server-tool-result', tool: 'web-search', sources: [{ url: 'https://a.example', title: 'A' }] },
    ]);
    expect(text.slice(3, 12)).toBe('é 😀 end.');
  });

  test('probabilities of tokens', () => {
    const logprobsResult = (token: string) => ({
      chosenCandidates: [{ token, logProbability: -0.5, tokenId: 1 }],
      topCandidates: [
        {
          candidates: [
            { token, logProbability: -0.5 },
            { token: 'z', logProbability: -2 },
          ],
        },
      ],
    });
    const events = decode(
      chunk([{ text: 'a' }], { logprobsResult: logprobsResult('a') }),
      chunk([{ text: 'b' }], { ...STOP, logprobsResult: logprobsResult('b') }),
    );
    const entry = (token: string) => ({
      token,
      logprob: -0.5,
      top: [
        { token, logprob: -0.5 },
        { token: 'z', logprob: -2 },
      ],
    });
    expect(blocksOf(events)).toEqual([{ type: 'text', text: 'ab', logprobs: [entry('a'), entry('b')] }]);
  });

  test('parts nobody knows', () => {
    expect(blocksOf(decode(chunk([{ hologram: 1 }], STOP)))).toEqual([
      { type: 'opaque', protocol: 'gemini', value: { hologram: 1 } },
    ]);
  });
});
