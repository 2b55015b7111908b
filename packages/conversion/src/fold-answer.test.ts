import { type ChatResponse, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { foldAnswer } from './fold-answer.ts';
import { interleaved } from './testing/interleaved.ts';
import { createDraw, type Draw, randomResponse } from './testing/random-response.ts';
import { unfoldAnswer } from './unfold-answer.ts';

const FALLBACK = { id: 'made-up', model: 'asked-for' };
const ROUNDS = 500;

/** The same stream with its texts in smaller pieces. */
function inPieces(events: readonly StreamEvent[], draw: Draw): StreamEvent[] {
  return events.flatMap((event): StreamEvent[] => {
    if (event.type !== 'text-delta' && event.type !== 'thinking-delta' && event.type !== 'refusal-delta')
      return [event];
    const cut = draw.number(event.text.length + 1);
    const rest: StreamEvent =
      event.type === 'text-delta'
        ? { type: 'text-delta', block: event.block, text: event.text.slice(cut) }
        : { ...event, text: event.text.slice(cut) };
    return [{ ...event, text: event.text.slice(0, cut) }, { type: 'ping' }, rest];
  });
}

describe('foldAnswer', () => {
  test('makes again what unfoldAnswer took apart', () => {
    for (let seed = 0; seed < ROUNDS; seed++) {
      const response = randomResponse(createDraw(seed));
      expect(foldAnswer(unfoldAnswer(response), FALLBACK), `seed ${seed}`).toEqual(response);
    }
  });

  test('makes the same of smaller pieces and of blocks side by side', () => {
    for (let seed = 0; seed < ROUNDS; seed++) {
      const draw = createDraw(seed);
      const response = randomResponse(draw);
      const events = unfoldAnswer(response);
      expect(foldAnswer(inPieces(events, draw), FALLBACK), `pieces, seed ${seed}`).toEqual(response);
      expect(foldAnswer(interleaved(events, draw), FALLBACK), `interleaved, seed ${seed}`).toEqual(response);
    }
  });

  test('keeps the text of an input as it came', () => {
    const events: StreamEvent[] = [
      { type: 'tool-call-start', block: 0, callId: 'c', name: 'n', kind: 'function' },
      { type: 'tool-input-delta', block: 0, json: '{ "a": ' },
      { type: 'tool-input-delta', block: 0, json: '1 }' },
      { type: 'block-end', block: 0 },
    ];
    expect(foldAnswer(events, FALLBACK).choices[0]?.blocks).toEqual([
      { type: 'tool-call', callId: 'c', name: 'n', kind: 'function', input: '{ "a": 1 }' },
    ]);
  });

  test('names an answer that did not say its name, and gives it a choice', () => {
    expect(foldAnswer([], FALLBACK)).toEqual({ ...FALLBACK, choices: [{ blocks: [], reason: 'other' }] });
  });

  test('takes the first start, the last end and the last signature', () => {
    const events: StreamEvent[] = [
      { type: 'message-start', id: 'first', model: 'm' },
      { type: 'message-start', id: 'second', model: 'n' },
      { type: 'thinking-start', block: 0, kind: 'full' },
      { type: 'signature', block: 0, signature: { origin: 'a', value: '1' } },
      { type: 'signature', block: 0, signature: { origin: 'a', value: '2' } },
      { type: 'block-end', block: 0 },
      { type: 'message-end', reason: 'other' },
      { type: 'message-end', reason: 'end' },
    ];
    expect(foldAnswer(events, FALLBACK)).toEqual({
      id: 'first',
      model: 'm',
      choices: [
        {
          blocks: [{ type: 'thinking', kind: 'full', parts: [], signature: { origin: 'a', value: '2' } }],
          reason: 'end',
        },
      ],
    });
  });

  test('puts what the finished block says over what its start said, one level deep', () => {
    const events: StreamEvent[] = [
      { type: 'text-start', block: 0, extensions: { a: { id: 1, status: 'open', deep: { x: 1 } }, b: { kept: true } } },
      { type: 'block-end', block: 0, extensions: { a: { status: 'done', deep: { y: 2 } }, c: { added: true } } },
    ];
    expect(foldAnswer(events, FALLBACK).choices[0]?.blocks[0]?.extensions).toEqual({
      a: { id: 1, status: 'done', deep: { y: 2 } },
      b: { kept: true },
      c: { added: true },
    });
  });

  test('reads parts that skip a number as the next ones', () => {
    const part = (number: number, text: string): StreamEvent => ({
      type: 'thinking-delta',
      block: 0,
      text,
      part: number,
    });
    const events = [part(0, 'a'), part(7, 'b'), part(7, 'c'), part(1_000_000, 'd'), part(0, 'e')];
    const folded = foldAnswer([{ type: 'thinking-start', block: 0, kind: 'summary' }, ...events], FALLBACK);
    expect(folded.choices[0]?.blocks).toMatchObject([{ parts: ['ae', 'bc', 'd'] }]);
  });

  test('keeps the list of choices short, whatever number one has', () => {
    const folded = foldAnswer(
      [
        { type: 'text-start', block: 0, choice: 2 ** 31 },
        { type: 'text-delta', block: 0, text: 'far' },
      ],
      FALLBACK,
    );
    expect(folded.choices).toHaveLength(1024);
    expect(folded.choices[1023]?.blocks).toEqual([{ type: 'text', text: 'far' }]);
  });

  test('passes over pieces of a block that never began', () => {
    const strays: StreamEvent[] = [
      { type: 'text-delta', block: 3, text: 'x' },
      { type: 'thinking-delta', block: 3, text: 'x' },
      { type: 'citation', block: 3, citation: { type: 'url' } },
      { type: 'signature', block: 3, signature: { origin: 'a', value: 'x' } },
      { type: 'block-end', block: 3 },
    ];
    expect(foldAnswer(strays, FALLBACK).choices).toEqual([{ blocks: [], reason: 'other' }]);
  });

  test('throws the error of a stream that has one', () => {
    const error = new UpstreamError({ code: 'upstream_cut', message: 'It was cut.' });
    expect(() => foldAnswer([{ type: 'error', error }], FALLBACK)).toThrow(error);
  });
});

describe('unfoldAnswer', () => {
  const response: ChatResponse = {
    id: 'i',
    model: 'm',
    choices: [
      { blocks: [{ type: 'text', text: 'a' }], reason: 'end' },
      {
        blocks: [{ type: 'tool-call', callId: 'c', name: 'n', kind: 'function', input: { a: 1 } }],
        reason: 'tool-use',
      },
    ],
    usage: { input: 1, output: 2 },
  };

  test('gives each block its start, pieces and end, and the usage before the first end', () => {
    expect(unfoldAnswer(response)).toEqual([
      { type: 'message-start', id: 'i', model: 'm' },
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'a' },
      { type: 'block-end', block: 0 },
      { type: 'usage', usage: { input: 1, output: 2 } },
      { type: 'message-end', reason: 'end' },
      { type: 'tool-call-start', block: 1, choice: 1, callId: 'c', name: 'n', kind: 'function' },
      { type: 'tool-input-delta', block: 1, json: '{"a":1}' },
      { type: 'block-end', block: 1 },
      { type: 'message-end', choice: 1, reason: 'tool-use' },
    ]);
  });

  test('counts blocks over all choices and ends each of them', () => {
    for (let seed = 0; seed < ROUNDS; seed++) {
      const events = unfoldAnswer(randomResponse(createDraw(seed)));
      const ends = events.flatMap((event) => (event.type === 'block-end' ? [event.block] : []));
      expect(ends, `seed ${seed}`).toEqual(Array.from(ends, (_, index) => index));
    }
  });

  test('keeps what an odd answer holds: results of tools, documents, sound by address', () => {
    const odd: ChatResponse = {
      id: 'i',
      model: 'm',
      choices: [
        {
          blocks: [
            {
              type: 'tool-result',
              callId: 'c',
              blocks: [
                { type: 'text', text: 'a' },
                { type: 'text', text: 'b' },
              ],
            },
            { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' } },
            { type: 'audio', source: { type: 'url', url: 'https://example.com/a.wav' } },
          ],
          reason: 'end',
        },
      ],
    };
    expect(foldAnswer(unfoldAnswer(odd), FALLBACK).choices[0]?.blocks).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'image', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.wav' } },
    ]);
  });
});
