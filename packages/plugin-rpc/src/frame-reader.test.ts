import { expect, test } from 'vitest';
import { encodeFrame } from './encode-frame.ts';
import type { RawFrame } from './frame.ts';
import { FrameBreach, FrameReader } from './frame-reader.ts';

const LIMITS = { maxHeaderBytes: 1000, maxAttachmentBytes: 100_000, maxJsonDepth: 8 };
const FRAMES = [
  encodeFrame({ a: 1 }),
  encodeFrame({ text: 'ünïcode ✓' }, Buffer.from('bytes\0\xff', 'latin1')),
  encodeFrame({ b: [] }, Buffer.alloc(70_000, 7)),
].flat();
const BYTES = Buffer.concat(FRAMES);

function readAll(chunks: readonly Uint8Array[]): RawFrame[] {
  const reader = new FrameReader(LIMITS);
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

function summary(frames: readonly RawFrame[]): unknown {
  return frames.map(({ header, attachment }) => [header, Buffer.from(attachment).toString('latin1')]);
}

test('frames come out as they went in', () => {
  expect(summary(readAll([BYTES]))).toEqual([
    [{ a: 1 }, ''],
    [{ text: 'ünïcode ✓' }, 'bytes\0\xff'],
    [{ b: [] }, '\x07'.repeat(70_000)],
  ]);
});

test('cut anywhere, and byte by byte, they are the same', () => {
  const whole = summary(readAll([BYTES]));
  for (let cut = 0; cut < 200; cut++)
    expect(summary(readAll([BYTES.subarray(0, cut), BYTES.subarray(cut)]))).toEqual(whole);
  expect(summary(readAll([...BYTES].map((byte) => Uint8Array.of(byte))))).toEqual(whole);
});

test.each([
  { name: 'a header of 4 GB', bytes: prefix(0xffff_ffff, 0) },
  { name: 'an attachment of 4 GB', bytes: prefix(2, 0xffff_ffff) },
  { name: 'no header', bytes: prefix(0, 5) },
  { name: 'no JSON', bytes: Buffer.concat([prefix(2, 0), Buffer.from('{]')]) },
  { name: 'text in place of frames', bytes: Buffer.from('Hello, this is a plugin that prints.\n') },
  { name: 'JSON too deep', bytes: Buffer.concat([prefix(40, 0), Buffer.from('['.repeat(20) + ']'.repeat(20))]) },
])('$name is a breach, told before anything is kept for it', ({ bytes }) => {
  const reader = new FrameReader(LIMITS);
  expect(() => [...reader.push(bytes)]).toThrow(FrameBreach);
  expect(reader.heldBytes).toBe(0);
});

test('it never holds more than one frame', () => {
  const reader = new FrameReader(LIMITS);
  for (let round = 0; round < 200; round++) {
    for (const byte of [BYTES.subarray(0, 30_000), BYTES.subarray(30_000)]) {
      for (const _ of reader.push(byte));
      expect(reader.heldBytes).toBeLessThan(LIMITS.maxHeaderBytes + LIMITS.maxAttachmentBytes);
    }
  }
  expect(reader.heldBytes).toBe(0);
});

function prefix(headerBytes: number, attachmentBytes: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(headerBytes, 0);
  bytes.writeUInt32BE(attachmentBytes, 4);
  return bytes;
}
