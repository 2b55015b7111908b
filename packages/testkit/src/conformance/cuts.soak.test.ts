import { describe, expect, test } from 'vitest';
import { loadRecordings } from '../recordings.ts';
import { dialectPairs } from './conformance-dialect.ts';
import { framesOf } from './convert-answer.ts';
import { faultOfCut, faultOfCutBytes } from './cut-stream.ts';

const SMALL_STREAM_BYTES = 4 * 1024;

describe.each(dialectPairs('all'))('a cut stream of $id', (from, to) => {
  const streams = loadRecordings({ protocol: from.recorded, kind: 'stream', status: 200 });

  test(`ends with the error event of ${to.id} after each of its frames`, { timeout: 1_800_000 }, () => {
    const faults = streams.flatMap((recording) => {
      const frames = framesOf(recording.bytes());
      return frames.flatMap((_, place) => {
        const fault = faultOfCut({ from, to }, frames.slice(0, place));
        return fault === undefined ? [] : [`${recording.file} after ${place} of ${frames.length} frames: ${fault}`];
      });
    });
    expect(faults).toEqual([]);
  });

  test(`ends with the error event of ${to.id} after each byte of a small one`, { timeout: 1_800_000 }, () => {
    const faults = streams
      .filter(({ byteLength }) => byteLength <= SMALL_STREAM_BYTES)
      .flatMap((recording) => {
        const bytes = recording.bytes();
        return Array.from({ length: bytes.length }, (_, place) => place).flatMap((place) => {
          const fault = faultOfCutBytes({ from, to }, bytes.subarray(0, place), 'sse');
          return fault === undefined ? [] : [`${recording.file} after ${place} of ${bytes.length} bytes: ${fault}`];
        });
      });
    expect(faults).toEqual([]);
  });
});
