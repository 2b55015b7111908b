import { describe, expect, test } from 'vitest';
import { isObject, parseJson } from '../json.ts';
import { loadRecordings } from '../recordings.ts';
import { CONFORMANCE_DIALECTS, dialectOf, dialectPairs } from './conformance-dialect.ts';
import { convertStream, framesOf } from './convert-answer.ts';
import { faultOfCut, faultOfCutBytes } from './cut-stream.ts';
import { isFailedStream } from './raw-answers/raw-stream.ts';
import { createSeededRandom } from './seeded-random.ts';

/** Streams of more frames than this are cut at so many seeded places; at every frame in cuts.soak.test.ts. */
const FRAMES_FOR_EVERY_CUT = 24;
const BYTE_PLACES = 4;

describe.each(dialectPairs('all'))('a cut stream of $id', (from, to) => {
  const streams = loadRecordings({ protocol: from.recorded, kind: 'stream', status: 200 });

  test(`ends with the error event of ${to.id}, wherever between frames it is cut`, () => {
    const random = createSeededRandom(20_260_301);
    const faults = streams.flatMap((recording) => {
      const frames = framesOf(recording.bytes());
      const places =
        frames.length <= FRAMES_FOR_EVERY_CUT
          ? frames.map((_, index) => index)
          : [0, 1, frames.length - 1, ...Array.from({ length: 5 }, () => random.int(frames.length))];
      return places.flatMap((place) => {
        const fault = faultOfCut({ from, to }, frames.slice(0, place));
        return fault === undefined ? [] : [`${recording.file} after ${place} of ${frames.length} frames: ${fault}`];
      });
    });
    expect(faults).toEqual([]);
  });

  test(`ends with the error event of ${to.id}, wherever between bytes it is cut`, () => {
    const random = createSeededRandom(20_260_302);
    const faults = streams.flatMap((recording) => {
      const bytes = recording.bytes();
      return Array.from({ length: BYTE_PLACES }, () => random.int(bytes.length)).flatMap((place) => {
        const fault = faultOfCutBytes({ from, to }, bytes.subarray(0, place), 'sse', 1 + random.int(4096));
        return fault === undefined ? [] : [`${recording.file} after ${place} of ${bytes.length} bytes: ${fault}`];
      });
    });
    expect(faults).toEqual([]);
  });
});

test.each(CONFORMANCE_DIALECTS)(
  'a growing JSON array that is cut at any byte ends with the error event of $id',
  (to) => {
    const from = dialectOf('gemini');
    const [recording] = loadRecordings({ protocol: 'gemini', kind: 'stream', shows: ['tool-call'] });
    const frames = framesOf(recording?.bytes() ?? '');
    const bytes = Buffer.from(`[${frames.map(({ data }) => data).join(',\r\n')}\r\n]`);
    expect(frames.length).toBeGreaterThan(0);
    expect(faultOfCutBytes({ from, to }, bytes, 'json-array', 1)).toBeUndefined();
    const faults = Array.from({ length: bytes.length - 4 }, (_, place) => place).flatMap((place) => {
      const fault = faultOfCutBytes({ from, to }, bytes.subarray(0, place), 'json-array');
      return fault === undefined ? [] : [`after ${place} bytes: ${fault}`];
    });
    expect(faults).toEqual([]);
  },
);

test.each(CONFORMANCE_DIALECTS)(
  'a stream of $id is a whole JSON array for a client of Gemini that asked for one, cut or not',
  (from) => {
    const way = { from, to: dialectOf('gemini'), framing: 'json-array' } as const;
    const faults = loadRecordings({ protocol: from.recorded, kind: 'stream', status: 200 }).flatMap((recording) => {
      const frames = framesOf(recording.bytes());
      return [0, 1, 2, Math.floor(frames.length / 2), frames.length].flatMap((place) => {
        const cut = frames.slice(0, place);
        const elements = parseJson(convertStream(way, cut).text);
        if (!Array.isArray(elements)) return [`${recording.file} after ${place} frames is no array`];
        const hasError = isObject(elements.at(-1)) && elements.at(-1).error !== undefined;
        return hasError === isFailedStream(from, cut) ? [] : [`${recording.file} after ${place} frames ends wrongly`];
      });
    });
    expect(faults).toEqual([]);
  },
);

test('cutting changes no byte of what came before it', () => {
  const [recording] = loadRecordings({ protocol: 'anthropic', kind: 'stream', shows: ['utf8-astral'] });
  expect(recording).toBeDefined();
  for (const [from, to] of dialectPairs('all').filter(([dialect]) => dialect.id === 'anthropic')) {
    expect(faultOfCutBytes({ from, to }, recording?.bytes() ?? Buffer.alloc(0), 'sse', 1)).toBeUndefined();
  }
});
