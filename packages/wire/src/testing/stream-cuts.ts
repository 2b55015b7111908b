import type { Frame } from '@proxycast/spec';
import { createRandom } from './seeded-random.ts';

interface Reader {
  push(chunk: Uint8Array): readonly Frame[];
  end(): readonly Frame[];
}

/** Whether a stream cut in two gives these frames. */
export function readCut(
  createReader: () => Reader,
  bytes: Uint8Array,
  cut: number,
  expected: readonly Frame[],
): boolean {
  const reader = createReader();
  const before = reader.push(bytes.subarray(0, cut));
  const after = reader.push(bytes.subarray(cut));
  const last = reader.end();
  if (before.length + after.length + last.length !== expected.length) return false;
  return (
    isSame(before, expected, 0) &&
    isSame(after, expected, before.length) &&
    isSame(last, expected, before.length + after.length)
  );
}

function isSame(frames: readonly Frame[], expected: readonly Frame[], offset: number): boolean {
  return frames.every((frame, index) => {
    const other = expected[offset + index];
    return frame.data === other?.data && frame.event === other.event;
  });
}

/** A piece of a stream and the places in it to be cut at. */
export interface StreamWindow {
  readonly window: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Each frame with its neighbours, to be cut at every byte of its own. */
export function* windowsOf(bytes: Buffer): Generator<StreamWindow> {
  const seams = [0, ...seamsOf(bytes), bytes.length];
  for (let index = 0; index + 1 < seams.length; index++) {
    const start = seams[Math.max(0, index - 1)] ?? 0;
    const from = seams[index] ?? 0;
    const to = seams[index + 1] ?? 0;
    const end = seams[index + 2] ?? bytes.length;
    yield { window: bytes.subarray(start, end), from: from - start, to: to - start };
  }
}

/** One past each blank line. */
function seamsOf(bytes: Buffer): readonly number[] {
  return Array.from(bytes.toString('latin1').matchAll(/\r\n\r\n|\n\n|\r\r/g), (match) => match.index + match[0].length);
}

const BYTES_BESIDE_A_SEAM = 4;

/** Where a window is likely to break: beside its seams, inside its characters and its escapes. */
export function likelyCutsOf({ window, from, to }: StreamWindow): readonly number[] {
  const cuts: number[] = [];
  for (let at = from; at < to; at++) {
    const isBesideSeam = at - from <= BYTES_BESIDE_A_SEAM || to - at <= BYTES_BESIDE_A_SEAM;
    const byte = window[at] ?? 0;
    const isInCharacter = byte >= 0x80 && byte < 0xc0;
    if (isBesideSeam || isInCharacter || window[at - 1] === 0x5c) cuts.push(at);
  }
  return cuts;
}

/** The same places for the same number of bytes. */
export function seededCutsOf(bytes: Buffer, count: number): readonly number[] {
  const random = createRandom(bytes.length);
  return Array.from({ length: count }, () => Math.floor(random() * bytes.length));
}

export function* eachByteOf(bytes: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}
