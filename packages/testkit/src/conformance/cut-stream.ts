import type { Frame } from '@proxycast/spec';
import { createJsonArrayReader, createSseReader } from '@proxycast/wire';
import { type AnswerWay, createStreamConversion } from './convert-answer.ts';
import { isFailedStream } from './raw-answers/raw-stream.ts';
import { endingOf, openBlocksOf } from './stream-ending.ts';

/** What is wrong with how a stream ends that was cut after these frames; nothing when it is right. */
export function faultOfCut(way: AnswerWay, frames: readonly Frame[]): string | undefined {
  const conversion = createStreamConversion(way);
  return faultOfEnd(way, conversion.push(frames) + conversion.end(), () => isFailedStream(way.from, frames));
}

/** The same for the bytes of the connection, read in chunks of that size. */
export function faultOfCutBytes(
  way: AnswerWay,
  bytes: Uint8Array,
  framing: 'sse' | 'json-array',
  chunkBytes = bytes.length,
): string | undefined {
  const reader = framing === 'sse' ? createSseReader() : createJsonArrayReader();
  const conversion = createStreamConversion(way);
  const seen: Frame[] = [];
  let text = '';
  const take = (frames: readonly Frame[]) => {
    seen.push(...frames);
    text += conversion.push(frames);
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) take(reader.push(bytes.subarray(at, at + chunkBytes)));
  take(reader.end());
  text += conversion.end();
  return faultOfEnd(way, text, () => isFailedStream(way.from, seen));
}

function faultOfEnd({ to }: AnswerWay, text: string, wasCut: () => boolean): string | undefined {
  const ending = endingOf(to.id, text);
  if (ending === 'error') {
    const open = openBlocksOf(to.id, text);
    return open === 0 ? undefined : `${open} blocks are open at the error`;
  }
  if (ending === 'clean') return wasCut() ? 'a cut stream ends cleanly' : undefined;
  return `the stream ends without a terminator: ${JSON.stringify(text.slice(-120))}`;
}
