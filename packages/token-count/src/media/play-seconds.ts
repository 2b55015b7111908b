/** Bytes a second of what usually comes in these types, in the order they are looked for. */
const USUAL_RATES: readonly (readonly [string, number])[] = [
  ['wav', 48_000],
  ['pcm', 48_000],
  ['l16', 48_000],
  ['flac', 60_000],
  ['video', 250_000],
];
/** MP3, AAC, Ogg and Opus at 128 kbit/s. */
const USUAL_RATE = 16_000;

/** How long a sound or a film plays: by a WAV file's own rate, else by what is usual of its type. At least one second. */
export function playSecondsOf(head: Buffer, byteLength: number, mediaType: string): number {
  const rate = waveRateOf(head) ?? USUAL_RATES.find(([type]) => mediaType.includes(type))?.[1] ?? USUAL_RATE;
  return Math.max(1, byteLength / rate);
}

/** Bytes a second, from the header of a WAV file. */
function waveRateOf(head: Buffer): number | undefined {
  if (head.length < 32 || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 16) !== 'WAVEfmt ') {
    return undefined;
  }
  const rate = head.readUInt32LE(28);
  return rate > 0 ? rate : undefined;
}
