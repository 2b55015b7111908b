import { type StreamEvent, UpstreamError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { createBlockSerialiser } from './block-serialiser.ts';
import { foldAnswer } from './fold-answer.ts';
import { interleaved } from './testing/interleaved.ts';
import { createDraw, randomResponse } from './testing/random-response.ts';
import { unfoldAnswer } from './unfold-answer.ts';

const FALLBACK = { id: 'i', model: 'm' };

const start = (block: number, choice?: number): StreamEvent => ({
  type: 'text-start',
  block,
  ...(choice === undefined ? {} : { choice }),
});
const delta = (block: number, text: string): StreamEvent => ({ type: 'text-delta', block, text });
const end = (block: number): StreamEvent => ({ type: 'block-end', block });
const image = (block: number): StreamEvent => ({
  type: 'image',
  block,
  source: { type: 'url', url: 'https://example.com' },
});
const messageEnd = (choice?: number): StreamEvent => ({
  type: 'message-end',
  reason: 'end',
  ...(choice === undefined ? {} : { choice }),
});
const PING: StreamEvent = { type: 'ping' };

/** Throws where blocks overlap, a piece has no open block, ids are not 0, 1, 2 …, or a choice ends before its blocks. */
function expectSerial(events: readonly StreamEvent[], note: string): void {
  let open: number | undefined;
  let next = 0;
  const ended = new Set<number>();
  for (const event of events) {
    if (event.type === 'message-end') {
      expect(open, note).toBeUndefined();
      ended.add(event.choice ?? 0);
    }
    if (!('block' in event)) continue;
    if (event.block === next && open === undefined) {
      expect('choice' in event && ended.has(event.choice ?? 0), note).toBe(false);
      open = next++;
    } else expect(event.block, `${note}: ${event.type}`).toBe(open);
    if (event.type === 'block-end') open = undefined;
  }
}

describe('createBlockSerialiser', () => {
  test('gives back the same events where blocks come one after the other', () => {
    for (let seed = 0; seed < 200; seed++) {
      const events = unfoldAnswer(randomResponse(createDraw(seed)));
      expect(createBlockSerialiser()(events), `seed ${seed}`).toBe(events);
      const serialise = createBlockSerialiser();
      for (const event of events) {
        const batch = [event];
        expect(serialise(batch), `seed ${seed}`).toBe(batch);
      }
    }
  });

  test('lets a block that began inside another wait for its end', () => {
    const serialise = createBlockSerialiser();
    expect(serialise([start(0), start(1), delta(1, 'b'), delta(0, 'a')])).toEqual([start(0), delta(0, 'a')]);
    expect(serialise([start(2), end(1), delta(2, 'c'), PING])).toEqual([PING]);
    expect(serialise([delta(0, 'a'), end(0), delta(2, 'cc')])).toEqual([
      delta(0, 'a'),
      end(0),
      start(1),
      delta(1, 'b'),
      end(1),
      start(2),
      delta(2, 'c'),
      delta(2, 'cc'),
    ]);
    const untouched = [delta(2, 'ccc'), end(2), messageEnd()];
    expect(serialise(untouched)).toBe(untouched);
  });

  test('counts blocks without gaps', () => {
    const serialise = createBlockSerialiser();
    expect(serialise([start(3), delta(3, 'a'), end(3), start(7), end(7)])).toEqual([
      start(0),
      delta(0, 'a'),
      end(0),
      start(1),
      end(1),
    ]);
  });

  test('holds the end of a choice until its blocks have gone', () => {
    const serialise = createBlockSerialiser();
    expect(serialise([start(0, 1), start(1), delta(1, 'first'), end(1), messageEnd()])).toEqual([start(0, 1)]);
    expect(serialise([delta(0, 'second'), end(0), messageEnd(1)])).toEqual([
      delta(0, 'second'),
      end(0),
      start(1),
      delta(1, 'first'),
      end(1),
      messageEnd(),
      messageEnd(1),
    ]);
  });

  test('ends with their choice the blocks whose end did not come', () => {
    const serialise = createBlockSerialiser();
    expect(serialise([start(0), start(1), delta(1, 'b'), messageEnd()])).toEqual([
      start(0),
      end(0),
      start(1),
      delta(1, 'b'),
      end(1),
      messageEnd(),
    ]);
  });

  test('gives what it holds before an error, every block ended', () => {
    const error: StreamEvent = { type: 'error', error: new UpstreamError({ code: 'upstream_cut', message: 'Cut.' }) };
    const serialise = createBlockSerialiser();
    expect(serialise([start(0), start(1), delta(1, 'b'), start(2), end(2), error])).toEqual([
      start(0),
      end(0),
      start(1),
      delta(1, 'b'),
      end(1),
      start(2),
      end(2),
      error,
    ]);
  });

  test('takes a block that came whole as ended where its end did not come', () => {
    const serialise = createBlockSerialiser();
    expect(serialise([image(0), start(1), delta(1, 'a'), end(0), end(1), image(2), messageEnd()])).toEqual([
      image(0),
      end(0),
      start(1),
      delta(1, 'a'),
      end(1),
      image(2),
      end(2),
      messageEnd(),
    ]);
  });

  test('drops pieces of a block that has ended or never began', () => {
    const serialise = createBlockSerialiser();
    expect(serialise([start(0), end(0), delta(0, 'late'), end(0), delta(5, 'stray'), end(5), start(1)])).toEqual([
      start(0),
      end(0),
      start(1),
    ]);
  });

  test('puts blocks that overlap one after the other, and the answer stays the same', () => {
    for (let seed = 0; seed < 500; seed++) {
      const draw = createDraw(seed);
      const response = randomResponse(draw);
      const events = interleaved(unfoldAnswer(response), draw);
      const serialise = createBlockSerialiser();
      const out: StreamEvent[] = [];
      for (let at = 0; at < events.length; ) {
        const next = at + 1 + draw.number(4);
        out.push(...serialise(events.slice(at, next)));
        at = next;
      }
      expectSerial(out, `seed ${seed}`);
      expect(foldAnswer(out, FALLBACK), `seed ${seed}`).toEqual(response);
    }
  });

  test('changes no event it is given', () => {
    const events = [start(4), start(5), delta(5, 'b'), end(4), end(5), messageEnd()].map((event) =>
      Object.freeze(event),
    );
    expect(createBlockSerialiser()(Object.freeze(events))).toHaveLength(events.length);
  });
});
