import { expect, test } from 'vitest';
import { sniffMediaType } from './sniff-media-type.ts';

test.each([
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['GIF89a', 'image/gif'],
  ['RIFF\x10\0\0\0WEBPVP8 ', 'image/webp'],
  ['RIFF\x10\0\0\0WAVEfmt ', 'audio/wav'],
  ['RIFF\x10\0\0\0AVI LIST', undefined],
  ['\0\0\0\x1cftypavif', 'image/avif'],
  ['\0\0\0\x18ftypheic', 'image/heic'],
  ['\0\0\0\x18ftypmif1', 'image/heif'],
  ['\0\0\0\x18ftypM4A ', 'audio/mp4'],
  ['\0\0\0\x14ftypqt  ', 'video/quicktime'],
  ['\0\0\0\x18ftypmp42', 'video/mp4'],
  ['%PDF-1.7', 'application/pdf'],
  ['ID3\x04', 'audio/mpeg'],
  ['\xff\xfb\x90\x64', 'audio/mpeg'],
  ['\xff\xf3\x40\xc0', 'audio/mpeg'],
  ['\xff\xfb\xf0\x64', undefined],
  ['\xff\xf1\x50\x80', 'audio/aac'],
  ['OggS\0\x02', 'audio/ogg'],
  ['fLaC\0', 'audio/flac'],
  ['FORM\0\0\0\0AIFFCOMM', 'audio/aiff'],
  ['\x1aE\xdf\xa3', 'video/webm'],
  ['PK\x03\x04', 'application/zip'],
  ['\xd0\xcf\x11\xe0\xa1\xb1', 'application/x-ole-storage'],
  ['12345678WEBP', undefined],
  ['hello', 'text/plain'],
  ['  \n<!doctype HTML>', 'text/html'],
  ['<svg xmlns="x">', 'text/plain'],
  ['MZ\x90\0', undefined],
  ['\x7fELF\x02\x01', undefined],
  ['', undefined],
])('%j is %s', (text, mediaType) => {
  expect(sniffMediaType(Buffer.from(text, 'latin1'))).toBe(mediaType);
});

test('text that is cut inside a character is text', () => {
  expect(sniffMediaType(Buffer.from('漢'.repeat(200)).subarray(0, 598))).toBe('text/plain');
});
