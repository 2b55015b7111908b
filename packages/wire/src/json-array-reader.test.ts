import type { Frame } from '@proxycast/spec';
import { loadRecordings } from '@proxycast/testkit';
import { describe, expect, test } from 'vitest';
import { createJsonArrayReader } from './json-array-reader.ts';
import { readSseFrames } from './sse-frames.ts';
import { eachByteOf, readCut } from './testing/stream-cuts.ts';

const LONGEST_CUT_EVERYWHERE_BYTES = 4 * 1024;

function readAll(chunks: Iterable<Uint8Array>): readonly Frame[] {
  const reader = createJsonArrayReader();
  const frames: Frame[] = [];
  for (const chunk of chunks) frames.push(...reader.push(chunk));
  frames.push(...reader.end());
  return frames;
}

const read = (text: string) => readAll([Buffer.from(text)]);

/** An array of these elements as Gemini frames it, and its frames. */
function arrayOf(elements: readonly string[]): { readonly bytes: Buffer; readonly frames: readonly Frame[] } {
  return { bytes: Buffer.from(`[${elements.join(',\r\n')}\n]\n`), frames: elements.map((data) => ({ data })) };
}

const TRICKY = arrayOf([
  '{}',
  '{ "a": [1, [2], {"b": "]}"}] }',
  String.raw`{"a":"\"}\\","b":"\\\"]","\\":"\\\\"}`,
  '{"é漢😀":"\\ud83d\\ude00 😀"}',
  '[{"nested":[]}]',
  '{\n  "pretty": true\n}',
]);

describe('createJsonArrayReader', () => {
  test('reads elements that arrive together', () => {
    expect(readAll([TRICKY.bytes])).toEqual(TRICKY.frames);
  });

  test('reads elements wherever they are cut', () => {
    for (let cut = 0; cut <= TRICKY.bytes.length; cut++) {
      expect(readCut(createJsonArrayReader, TRICKY.bytes, cut, TRICKY.frames), `cut at ${cut}`).toBe(true);
    }
  });

  test('reads elements cut in three, each place with each other', () => {
    const { bytes, frames } = TRICKY;
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second += 3) {
        const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(readAll(pieces), `cut at ${first} and ${second}`).toEqual(frames);
      }
    }
  });

  test('reads elements byte by byte', () => {
    expect(readAll(eachByteOf(TRICKY.bytes))).toEqual(TRICKY.frames);
  });

  test('gives an element with the byte that closes it', () => {
    const reader = createJsonArrayReader();
    expect(reader.push(Buffer.from('[{"a":1'))).toEqual([]);
    expect(reader.push(Buffer.from('}'))).toEqual([{ data: '{"a":1}' }]);
    expect(reader.push(Buffer.from(',{"a":2}'))).toEqual([{ data: '{"a":2}' }]);
  });

  test.each([
    ['an empty array', '[]', []],
    ['an object that stands alone', '{"error":{"code":400}}', ['{"error":{"code":400}}']],
    ['an error in an array', '[{"error":{"code":400}}\n]', ['{"error":{"code":400}}']],
    ['a byte order mark', '\ufeff[{}]', ['{}']],
    ['two arrays', '[{"a":1}]\n[{"a":2}]', ['{"a":1}', '{"a":2}']],
    ['an element that was cut', '[{"a":1},{"a":', ['{"a":1}']],
    ['an element cut in a string', '[{"a":1},{"a":"}', ['{"a":1}']],
    ['brackets too many', '[{}]]}}{"a":1}', ['{}', '{"a":1}']],
    ['no JSON', '<html>no</html>', []],
    ['nothing', '', []],
  ])('reads %s', (_, text, elements) => {
    expect(read(text).map(({ data }) => data)).toEqual(elements);
  });

  test('bounds what it holds', () => {
    const reader = createJsonArrayReader(64);
    expect(reader.push(Buffer.from(`[${'{"a":"0123456789"},'.repeat(10)}{"a":"`))).toHaveLength(10);
    expect(() => {
      for (let count = 0; count < 10; count++) reader.push(Buffer.from('0123456789'));
    }).toThrow(expect.objectContaining({ code: 'upstream_frame_too_large', kind: 'upstream-failed' }));
  });
});

describe('the elements of recorded streams', () => {
  const recordings = loadRecordings({ kind: 'stream', protocol: 'gemini' }).map((recording) => ({
    file: recording.file,
    ...arrayOf([...readSseFrames(`${recording.bytes().toString('utf8')}\n\n`)].map(({ data }) => data)),
  }));

  test('are the same in one piece and byte by byte', () => {
    expect(recordings.length).toBeGreaterThan(20);
    for (const { file, bytes, frames } of recordings) {
      expect(readAll([bytes]), file).toEqual(frames);
      expect(readAll(eachByteOf(bytes)), file).toEqual(frames);
    }
  });

  test('up to 4 KB are the same cut at every byte', () => {
    const short = recordings.filter(({ bytes }) => bytes.length <= LONGEST_CUT_EVERYWHERE_BYTES);
    expect(short.length).toBeGreaterThan(10);
    for (const { file, bytes, frames } of short) {
      for (let cut = 0; cut <= bytes.length; cut++) {
        if (!readCut(createJsonArrayReader, bytes, cut, frames)) expect.fail(`${file} is another cut at ${cut}.`);
      }
    }
  });
});
