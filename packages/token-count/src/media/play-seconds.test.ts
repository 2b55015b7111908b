import { expect, test } from 'vitest';
import { playSecondsOf } from './play-seconds.ts';

const wave = Buffer.alloc(44);
wave.write('RIFF', 0, 'latin1');
wave.write('WAVEfmt ', 8, 'latin1');
wave.writeUInt32LE(32_000, 28);

test.each([
  ['a WAV file by its own rate', wave, 320_000, 'audio/wav', 10],
  ['an MP3 by what is usual', Buffer.from('ID3'), 160_000, 'audio/mpeg', 10],
  ['a film by what is usual', Buffer.alloc(0), 2_500_000, 'video/mp4', 10],
  ['next to nothing as a second', Buffer.alloc(0), 3, 'audio/mpeg', 1],
])('%s', (_, head, byteLength, mediaType, seconds) => {
  expect(playSecondsOf(head, byteLength, mediaType)).toBe(seconds);
});
