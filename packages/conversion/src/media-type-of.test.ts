import { expect, test } from 'vitest';
import { mediaTypeOf } from './media-type-of.ts';

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

test.each([
  ['\x89PNG\r\n\x1a\n', 'image/jpeg', 'image/png'],
  ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/png', 'image/jpeg'],
  ['GIF89a', 'image/png', 'image/gif'],
  ['RIFF\x10\0\0\0WEBPVP8 ', 'image/png', 'image/webp'],
  ['RIFF\x10\0\0\0WAVEfmt ', 'audio/x-wav', 'audio/wav'],
  ['%PDF-1.7', 'application/octet-stream', 'application/pdf'],
  ['what nobody knows', 'Image/JPG; q=1', 'image/jpeg'],
  ['what nobody knows', 'audio/mp3', 'audio/mpeg'],
  ['', 'text/plain', 'text/plain'],
])('%j named %s is %s', (bytes, named, mediaType) => {
  expect(mediaTypeOf({ mediaType: named, data: base64(bytes) })).toBe(mediaType);
});

test('what is no base64 is what it is named', () => {
  expect(mediaTypeOf({ mediaType: 'image/png', data: '!!!' })).toBe('image/png');
});
