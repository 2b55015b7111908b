import { expect, test } from 'vitest';
import { imageSizeOf } from './image-size.ts';

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat([
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    Buffer.alloc(32),
  ]);

const png = bytes([0x89], 'PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [0, 0, 3, 0x20, 0, 0, 2, 0x58]);
const gif = bytes('GIF89a', [0x20, 3, 0x58, 2]);
const jpeg = bytes(
  [0xff, 0xd8, 0xff, 0xe0, 0, 16],
  'JFIF',
  new Array(10).fill(0),
  [0xff, 0xff, 0xc2, 0, 17, 8, 2, 0x58, 3, 0x20],
);
const lossy = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8 ', new Array(10).fill(0), [0x20, 3, 0x58, 2]);
const lossless = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8L', [0, 0, 0, 0, 0x2f, 0x1f, 0xc3, 0x95, 0]);
const extended = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', new Array(8).fill(0), [0x1f, 3, 0, 0x57, 2, 0]);

test.each([
  ['PNG', png],
  ['GIF', gif],
  ['JPEG, progressive, behind a segment', jpeg],
  ['WebP, lossy', lossy],
  ['WebP, lossless', lossless],
  ['WebP, extended', extended],
])('%s says 800 × 600', (_, head) => {
  expect(imageSizeOf(head)).toEqual({ width: 800, height: 600 });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('not a picture at all, but long enough for one')],
  ['a JPEG that is cut', jpeg.subarray(0, 24)],
  ['a JPEG with a segment of no length', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0], new Array(100).fill(0))],
  ['a PNG of no size', bytes([0x89], 'PNG\r\n\x1a\n', new Array(16).fill(0))],
])('%s has no size', (_, head) => {
  expect(imageSizeOf(head)).toBeUndefined();
});
