import type { Frame } from '@proxycast/spec';
import { loadRecordings } from '@proxycast/testkit';
import { describe, expect, test } from 'vitest';
import { createJsonArrayReader } from './json-array-reader.ts';
import { readSseFrames } from './sse-frames.ts';
import { createSseReader } from './sse-reader.ts';
import { readCut } from './testing/stream-cuts.ts';

const framesOf = (bytes: Buffer): readonly Frame[] =>
  [...readSseFrames(`${bytes.toString('utf8')}\n\n`)].filter(({ data }) => data !== '');

describe('every recorded stream, whole, cut at every byte', () => {
  test('gives the same frames as server-sent events', () => {
    for (const recording of loadRecordings({ kind: 'stream' })) {
      const bytes = recording.bytes();
      const frames = framesOf(bytes);
      for (let cut = 0; cut <= bytes.length; cut++) {
        if (!readCut(createSseReader, bytes, cut, frames)) expect.fail(`${recording.file} differs, cut at ${cut}.`);
      }
    }
  });

  test('gives the same elements as a JSON array', () => {
    for (const recording of loadRecordings({ kind: 'stream', protocol: 'gemini' })) {
      const elements = framesOf(recording.bytes());
      const bytes = Buffer.from(`[${elements.map(({ data }) => data).join(',\r\n')}\n]\n`);
      for (let cut = 0; cut <= bytes.length; cut++) {
        if (!readCut(createJsonArrayReader, bytes, cut, elements)) {
          expect.fail(`${recording.file} differs, cut at ${cut}.`);
        }
      }
    }
  });
});
