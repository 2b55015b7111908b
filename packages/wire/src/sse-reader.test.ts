import type { Frame } from '@proxycast/spec';
import { loadRecordings } from '@proxycast/testkit';
import { describe, expect, test } from 'vitest';
import { readSseFrames } from './sse-frames.ts';
import { createSseReader } from './sse-reader.ts';
import { eachByteOf, likelyCutsOf, readCut, seededCutsOf, windowsOf } from './testing/stream-cuts.ts';

/** Every kind of line there is; the last frame lacks nothing. */
const STREAM =
  ': note\n\nevent: a\ndata: 1\n\ndata:2\ndata: 3\nid: 7\n\nretry: 5\n\ndata:  é漢😀\n\ndatum: x\nevent: b\ndata: {"x":"\\u00e9"}\n\n';
const FRAMES: readonly Frame[] = [
  { event: 'a', data: '1' },
  { data: '2\n3' },
  { data: ' é漢😀' },
  { event: 'b', data: '{"x":"\\u00e9"}' },
];

const LONGEST_CUT_EVERYWHERE_BYTES = 32 * 1024;
const SEEDED_CUTS = 200;

function readAll(chunks: Iterable<Uint8Array>): readonly Frame[] {
  const reader = createSseReader();
  const frames: Frame[] = [];
  for (const chunk of chunks) frames.push(...reader.push(chunk));
  frames.push(...reader.end());
  return frames;
}

const read = (...chunks: readonly (string | Buffer)[]) =>
  readAll(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));

describe('createSseReader', () => {
  describe.each([['\n'], ['\r\n'], ['\r']])('lines that end with %j', (ending) => {
    const bytes = Buffer.from(STREAM.replaceAll('\n', ending));

    test('are read together', () => {
      expect(read(bytes)).toEqual(FRAMES);
    });

    test('are read wherever they are cut', () => {
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(read(bytes.subarray(0, cut), bytes.subarray(cut)), `cut at ${cut}`).toEqual(FRAMES);
      }
    });

    test('are read byte by byte', () => {
      expect(readAll(eachByteOf(bytes))).toEqual(FRAMES);
    });

    test('give a frame with the byte that ends it', () => {
      const reader = createSseReader();
      reader.push(Buffer.from(`data: 1${ending}`));
      expect(reader.push(Buffer.from(ending.slice(0, 1)))).toEqual([{ data: '1' }]);
      reader.push(Buffer.from(ending.slice(1)));
      expect(reader.push(Buffer.from(`data: 2${ending}${ending}`))).toEqual([{ data: '2' }]);
    });
  });

  test('reads lines that end in different ways', () => {
    expect(read('data: 1\r\ndata: 2\n\r\ndata: 3\r\rdata: 4\n\n')).toEqual([
      { data: '1\n2' },
      { data: '3' },
      { data: '4' },
    ]);
  });

  test.each([
    ['a byte order mark', '\ufeffdata: 1\n\n', [{ data: '1' }]],
    ['a byte order mark that is text', 'data: \ufeff1\n\n', [{ data: '\ufeff1' }]],
    ['no blank after the colon', 'data:1\n\n', [{ data: '1' }]],
    ['two blanks after the colon', 'data:  1\n\n', [{ data: ' 1' }]],
    ['blanks behind the data', 'data: {}  \n\n', [{ data: '{}  ' }]],
    ['a field without a colon', 'data: 1\ndata\ndata: 2\n\n', [{ data: '1\n\n2' }]],
    ['an event without data', 'event: ping\n\ndata: 1\n\n', [{ data: '1' }]],
    ['empty data', 'event: a\ndata:\n\ndata: 1\n\n', [{ data: '1' }]],
    ['two event names', 'event: a\nevent: b\ndata: 1\n\n', [{ event: 'b', data: '1' }]],
    ['an empty event name', 'event:\ndata: 1\n\n', [{ event: '', data: '1' }]],
    ['fields it does not know', 'id: 1\nretry: 2\ndata2: 3\nevents: 4\n data: 5\n\n', []],
    ['comments inside a frame', ': a\ndata: 1\n:\n: b\ndata: 2\n\n', [{ data: '1\n2' }]],
    ['many blank lines', '\n\n\ndata: 1\n\n\n\n\ndata: 2\n\n', [{ data: '1' }, { data: '2' }]],
    ['nothing', '', []],
  ] as const)('reads %s', (_, text, frames) => {
    expect(read(text)).toEqual(frames);
    expect(readAll(eachByteOf(Buffer.from(text)))).toEqual(frames);
  });

  test('reads bytes that are no UTF-8 as U+FFFD, the same wherever they are cut', () => {
    const bytes = Buffer.concat([
      Buffer.from('data: a'),
      Buffer.from([0xe6, 0xbc, 0x41, 0xf0, 0x9f, 0x98, 0xc3, 0x28, 0x80, 0xff, 0xed, 0xa0, 0x80, 0xc3]),
      Buffer.from('\n\n'),
    ]);
    const whole = [{ data: new TextDecoder().decode(bytes).slice('data: '.length, -2) }];
    expect(read(bytes)).toEqual(whole);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(read(bytes.subarray(0, cut), bytes.subarray(cut)), `cut at ${cut}`).toEqual(whole);
    }
  });

  describe('at the end', () => {
    test.each([
      ['without a blank line', 'data: 1\n\ndata: [DONE]\n', '[DONE]'],
      ['without any line end', 'data: 1\n\ndata: [DONE]', '[DONE]'],
      ['with JSON and no line end', 'data: 1\n\ndata: {"a":1}', '{"a":1}'],
      ['with a field without its colon', 'data: 1\n\ndata: 2\ndata', '2\n'],
    ])('a last frame %s is given', (_, text, last) => {
      expect(read(text)).toEqual([{ data: '1' }, { data: last }]);
    });

    test.each([
      ['in its JSON', 'data: 1\n\ndata: {"a":"b'],
      ['in its JSON, with the line ended', 'data: 1\n\ndata: {"a":\n'],
      ['in the word that ends a stream', 'data: 1\n\ndata: [DON'],
      ['in the name of its field', 'data: 1\n\ndat'],
      ['before its data', 'data: 1\n\nevent: message_stop\n'],
      ['in a comment', 'data: 1\n\n: keep-al'],
    ])('a last frame cut %s is left out', (_, text) => {
      expect(read(text)).toEqual([{ data: '1' }]);
    });

    test('nothing is given twice', () => {
      const reader = createSseReader();
      reader.push(Buffer.from('data: 1'));
      expect(reader.end()).toEqual([{ data: '1' }]);
      expect(reader.end()).toEqual([]);
    });
  });

  describe('bounds what it holds', () => {
    const tooLarge = expect.objectContaining({ code: 'upstream_frame_too_large', kind: 'upstream-failed' });

    test.each([
      ['one line', 'data: 0123456789', '0123456789'],
      ['many lines', 'data: 0123456789\n', 'data: 0123456789\n'],
    ])('of %s', (_, first, more) => {
      const reader = createSseReader(64);
      expect(reader.push(Buffer.from('data: 1\n\n'))).toEqual([{ data: '1' }]);
      reader.push(Buffer.from(first));
      expect(() => {
        for (let count = 0; count < 10; count++) reader.push(Buffer.from(more));
      }).toThrow(tooLarge);
    });

    test('and not what has ended', () => {
      const reader = createSseReader(64);
      for (let count = 0; count < 100; count++) {
        expect(reader.push(Buffer.from('data: 0123456789\n\n'))).toHaveLength(1);
      }
    });
  });
});

describe('recorded streams', () => {
  const recordings = loadRecordings({ kind: 'stream' }).map((recording) => {
    const bytes = recording.bytes();
    const frames: readonly Frame[] = [...readSseFrames(`${bytes.toString('utf8')}\n\n`)].filter(
      ({ data }) => data !== '',
    );
    return { file: recording.file, bytes, frames };
  });
  const short = recordings.filter(({ bytes }) => bytes.length <= LONGEST_CUT_EVERYWHERE_BYTES);
  const long = recordings.filter(({ bytes }) => bytes.length > LONGEST_CUT_EVERYWHERE_BYTES);

  test('are there', () => {
    expect(short.length).toBeGreaterThan(200);
    expect(long.length).toBeGreaterThan(30);
  });

  test('give the same frames in one piece and byte by byte', () => {
    for (const { file, bytes, frames } of recordings) {
      expect(read(bytes), file).toEqual(frames);
      expect(readAll(eachByteOf(bytes)), file).toEqual(frames);
    }
  });

  // Between two frames a reader is as it was at the start, so the frames beside a cut are all it can change.
  test('up to 32 KB give the same frames cut at every byte', () => {
    for (const { file, bytes } of short) {
      for (const { window, from, to } of windowsOf(bytes)) {
        const frames = read(window);
        for (let cut = from; cut < to; cut++) {
          if (readCut(createSseReader, window, cut, frames)) continue;
          expect.fail(`${file} gives other frames when ${JSON.stringify(window.toString())} is cut at ${cut}.`);
        }
      }
    }
  });

  test('over 32 KB give the same frames cut at seams, in characters and in escapes', () => {
    for (const { file, bytes } of long) {
      for (const part of windowsOf(bytes)) {
        const frames = read(part.window);
        for (const cut of likelyCutsOf(part)) {
          if (readCut(createSseReader, part.window, cut, frames)) continue;
          expect.fail(`${file} gives other frames when ${JSON.stringify(part.window.toString())} is cut at ${cut}.`);
        }
      }
    }
  });

  test('over 32 KB give the same frames cut anywhere', () => {
    for (const { file, bytes, frames } of long) {
      for (const cut of seededCutsOf(bytes, SEEDED_CUTS)) {
        if (!readCut(createSseReader, bytes, cut, frames)) expect.fail(`${file} gives other frames cut at ${cut}.`);
      }
    }
  });
});
